using System.Globalization;
using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Correcting;

namespace Talent.Workflows.Approvals.Messages;

/// <summary>Everything that a message may say of a case: read when it is delivered, as it was at the step that the message tells of.</summary>
internal sealed class MessageFacts
{
    private readonly Row row;
    private readonly MessageOrder order;
    private readonly DateTimeOffset at;

    private MessageFacts(Row row, MessageOrder order, DateTimeOffset at) => (this.row, this.order, this.at) = (row, order, at);

    public string Service => row.Service;

    /// <summary>Version of the form that the case was filed with; null: it is a draft, or none is kept.</summary>
    public string? FormVersion => row.SubmittedAt is null ? null : row.FormVersion;

    public static async Task<MessageFacts?> LoadAsync(NpgsqlDataSource database, Guid caseId, MessageOrder order, DateTimeOffset at, CancellationToken cancellationToken)
    {
        Guid? task = order.Facts.TryGetValue("taskId", out var id) && Guid.TryParse(id, out var parsed) ? parsed : null;
        var row = await database.SingleAsync($"""
            select c.service, c.number, coalesce((select h.to_status from approvals.audit h where h.case_id = c.id and h.at <= $5 and h.to_status is not null order by h.seq desc limit 1), c.status), c.phase, c.submitted_at, c.ended_at, a.name, e.name_zh, e.name_en,
                (select jsonb_object_agg(d.phase::text, d.data)::text from approvals.case_data d where d.case_id = c.id),
                t.opinion, t.claimed_by_name,
                (select o.opinion from approvals.tasks o where o.case_id = c.id and o.id between approvals.first_task(c.id) and approvals.last_task(c.id)
                    and o.outcome in ('return', 'reject', 'refuse') and o.decided_at <= coalesce(t.opened_at, $5) order by o.decided_at desc limit 1),
                (select o.stage_name from approvals.tasks o where o.case_id = c.id and o.id between approvals.first_task(c.id) and approvals.last_task(c.id)
                    and o.opened_at <= $5 and (o.status < 2 or o.decided_at > $5) order by o.opened_at desc limit 1),
                (select o.stage_name from approvals.tasks o where o.case_id = c.id and o.id between approvals.first_task(c.id) and approvals.last_task(c.id)
                    and o.status > 1 and o.decided_at <= $5 order by o.decided_at desc, o.opened_at desc limit 1),
                (select string_agg(u.name, '、' order by u.id) from approvals.user_roles r join approvals.users u on u.id = r.user_id and u.active
                    where r.role = $3 and ($4 = '' or r.organisation_id = $4)),
                (select string_agg(u.name, '、' order by u.id) from approvals.user_roles r join approvals.users u on u.id = r.user_id and u.active
                    where r.role = t.role and (t.organisation_id is null or r.organisation_id = t.organisation_id) and not (u.id = any(t.excluded))),
                (select o.stage_name from approvals.tasks o where o.case_id = c.id and o.id between approvals.first_task(c.id) and approvals.last_task(c.id)
                    and o.outcome = 'return' and o.decided_at <= t.opened_at order by o.decided_at desc limit 1),
                t.stage_name,
                coalesce(t.kind in ({TaskKinds.Seats}) and exists (select from approvals.panels p where p.case_id = c.id and p.stage = t.stage and p.blind), false), c.region, c.applicant_id, c.subject,
                array(select distinct o.stage from approvals.tasks o where o.case_id = c.id and o.id between approvals.first_task(c.id) and approvals.last_task(c.id) and o.opened_at <= $5 and (o.status < 2 or o.decided_at > $5)),
                {CaseVault.FormVersion}, {Corrections.Of("t")}, coalesce(c.acceptance, array[]::text[]), c.end_reason
            from approvals.cases c
            left join approvals.users a on a.id = c.applicant_id left join approvals.organisations e on e.id = c.employer_id
            left join lateral (select t.*, u.name as claimed_by_name from approvals.tasks t left join approvals.users u on u.id = t.claimed_by where t.id = $2) t on true
            where c.id = $1
            """, r => new Row(r.GetString(0), r.Text(1), r.GetString(2), r.GetInt16(3), r.Instant(4), r.Instant(5), r.GetBoolean(19) ? "（盲审）" : r.Text(6), r.GetBoolean(19) ? "（盲审）" : r.Text(7), r.GetBoolean(19) ? "(blind)" : r.Text(8), r.Text(9), r.Text(10), r.Text(11),
                r.Text(12), r.Text(13), r.Text(14), r.Text(15), r.Text(16), r.Text(17), r.Text(18), r.GetString(20),
                r.GetString(22) == CaseSubjects.Person ? r.GetString(21) : null, PositionWords.Open(r.GetFieldValue<string[]>(23), r.GetString(2), r.GetFieldValue<string[]>(26)), r.Text(24), r.Text(25), r.Text(27)),
            cancellationToken, caseId, task.OrNull(), order.Facts.GetValueOrDefault("role"), order.Facts.GetValueOrDefault("organisation", ""), at);
        return row is null ? null : new MessageFacts(row, order, at);
    }

    /// <summary>The fields of the templates in Chinese and, where they read differently, in English: an e-mail has a line in the other language.</summary>
    public Dictionary<string, string> InBoth(string recipient, string recipientName, ServicePackage package, WorkCalendar country, string? link, string? onBehalfOf = null, bool saidApart = false)
    {
        var values = For(recipient, recipientName, MessageLanguages.Chinese, package, country, link, onBehalfOf, saidApart);
        var stages = package.Service.Phases.SelectMany(p => p.Stages).ToArray();
        foreach (var (name, value) in For(recipient, recipientName, MessageLanguages.English, package, country, link, onBehalfOf, saidApart))
        {
            // Tasks keep the Chinese name of their stage; what stands behind it says for whom.
            var text = name is "stageName" or "nextStageName" && stages.FirstOrDefault(s => value.StartsWith(s.Zh, StringComparison.Ordinal)) is { } stage ? stage.En + value[stage.Zh.Length..] : value;
            if (text != values.GetValueOrDefault(name))
                values.TryAdd(name + MessageCatalogue.EnglishSuffix, text);
        }
        return values;
    }

    /// <summary>The fields of the templates for one reader.</summary>
    /// <param name="country">The country's calendar; the one that counts where the case is, is found with it.</param>
    /// <param name="onBehalfOf">委托: whose task it is; null: the reader's own.</param>
    /// <param name="saidApart">Whether the template has a place for that; else the stage's name says it.</param>
    /// <param name="recipient">The reader's id, by which the status is worded.</param>
    public Dictionary<string, string> For(string recipient, string recipientName, string language, ServicePackage package, WorkCalendar country, string? link, string? onBehalfOf = null, bool saidApart = false)
    {
        var chinese = language == MessageLanguages.Chinese;
        var calendar = country.For(row.Region);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in order.Facts)
            values[name] = DateTimeOffset.TryParseExact(value, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var instant) ? Date(instant, chinese) : value;
        // The stage that tells it is the correction itself; what the applicant wants to know is who returned the case.
        if (order.Event == "case.returned" && row.ReturnedBy is { } returnedBy)
            values["stageName"] = returnedBy;
        var status = PositionWords.Of(package.Service.Words, row.Status, row.OpenStages, ReaderOf(recipient));
        Add("caseNumber", row.Number ?? (chinese ? "（草稿）" : "(draft)"));
        Add("serviceName", chinese ? package.Service.Zh : package.Service.En);
        Add("applicantName", row.Applicant);
        Add("recipientName", recipientName);
        Add("employerName", chinese ? row.EmployerZh : row.EmployerEn);
        foreach (var (name, field) in package.Service.MessageFacts)
            Add(name, Choice(package, field, Given(row.Data, field), chinese));
        Add("phaseName", package.Service.Phases.FirstOrDefault(p => p.Phase == row.Phase) is { } phase ? chinese ? phase.Zh : phase.En : null);
        Add("stageName", row.TaskStage ?? row.LastStage ?? row.OpenStage);
        Add("nextStageName", row.OpenStage ?? (chinese ? "后续环节" : "the next stage"));
        var asked = Corrections.Read(row.Corrections);
        if (order.Event == "case.returned")
            Add("opinion", asked?.Opinions);
        // What ended by itself, such as for want of a correction, ended for that reason and not by what somebody had said before.
        var ended = row.EndedAt <= at ? EndReasons.Word(row.EndReason, chinese) : null;
        Add("opinion", order.Event is "stage.approved" ? row.TaskOpinion : ended ?? row.LastOpinion ?? (chinese ? "逾期未办理，或详见业务详情" : "not supplied in time, or see the case"));
        Add("corrections", asked?.Text(package, chinese));
        Add("outcome", chinese ? status.Zh : status.En);
        Add("submittedOn", Date(row.SubmittedAt, chinese));
        Add("completedOn", Date(row.EndedAt ?? at, chinese));
        Add("previousHandler", row.ClaimedBy ?? row.RoleHolders);
        Add("newHandler", row.Candidates);
        Add("reason", chinese ? "超过办理期限" : "the deadline passed");
        Add("link", link);
        if (order.Facts.TryGetValue("dueAt", out var dueText) && DateTimeOffset.TryParse(dueText, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var due))
        {
            // The limit ends at 24:00: its last day is the one before.
            var (last, today) = (ChinaTime.DateOf(due.AddTicks(-1)), ChinaTime.DateOf(at));
            Add("dueDate", Date(due.AddTicks(-1), chinese));
            var time = TimeText.Of(today, last, calendar, chinese);
            Add("remainingTime", time);
            Add("overdueTime", time);
        }
        Add("dueDate", chinese ? "不限期" : "no deadline");
        Add("onBehalfOf", onBehalfOf);
        if (onBehalfOf is not null && !saidApart && values.TryGetValue("stageName", out var stage))
            values["stageName"] = chinese ? $"{stage}（受{onBehalfOf}委托）" : $"{stage} (for {onBehalfOf})";
        return values;

        // Facts that the stage gave go first.
        void Add(string name, string? value)
        {
            if (!string.IsNullOrWhiteSpace(value))
                values.TryAdd(name, value);
        }
    }

    /// <summary>What is sent to the applicant of a case that their employer filed goes to its handlers too.</summary>
    private WordReader ReaderOf(string recipient) => recipient == row.ApplicantId ? WordReader.Applicant
        : order.To is { Kind: RecipientKinds.Applicant or RecipientKinds.User } || order.To.Role?.StartsWith("employer.", StringComparison.Ordinal) == true ? WordReader.Employer
        : WordReader.Reviewer;

    /// <summary>What was filled in for a field, in whichever phase has it.</summary>
    internal static string? Given(string? phases, string field)
    {
        if (phases is null)
            return null;
        using var data = JsonDocument.Parse(phases);
        foreach (var phase in data.RootElement.EnumerateObject())
            if (phase.Value.ValueKind == JsonValueKind.Object && phase.Value.TryGetProperty(field, out var value) && FormData.Value(value) is { } said)
                return said;
        return null;
    }

    /// <summary>A choice, and what is ticked, in words; else as it was filled in.</summary>
    internal static string? Choice(ServicePackage package, string field, string? code, bool chinese) =>
        package.Form.Field(field) is { Type: FieldType.Boolean } && code is "true" or "false" ? (code, chinese) switch { ("true", true) => "是", ("false", true) => "否", ("true", false) => "yes", _ => "no" }
        : code is not null && package.Form.Field(field)?.CodeTable is { } table && package.Form.Definition.CodeTables.TryGetValue(table, out var entries)
            && entries.FirstOrDefault(e => e.Code == code) is { } entry ? chinese ? entry.Zh : entry.En : code;

    private static string? Date(DateTimeOffset? instant, bool chinese) => instant is { } at ? Date(at, chinese) : null;

    internal static string Date(DateTimeOffset instant, bool chinese)
    {
        var date = ChinaTime.DateOf(instant);
        return chinese ? string.Create(CultureInfo.InvariantCulture, $"{date.Year}年{date.Month}月{date.Day}日") : date.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
    }

    private sealed record Row(string Service, string? Number, string Status, short Phase, DateTimeOffset? SubmittedAt, DateTimeOffset? EndedAt, string? Applicant, string? EmployerZh, string? EmployerEn,
        string? Data, string? TaskOpinion, string? ClaimedBy, string? LastOpinion, string? OpenStage, string? LastStage, string? RoleHolders, string? Candidates, string? ReturnedBy, string? TaskStage, string Region,
        string? ApplicantId, string[] OpenStages, string? FormVersion, string? Corrections, string? EndReason);
}
