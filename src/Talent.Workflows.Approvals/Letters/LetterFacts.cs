using System.Globalization;
using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Reviews.Correcting;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>What a letter may say of a case: as it was at the step that issued the letter, whenever the outbox comes to it.</summary>
internal sealed class LetterFacts
{
    private readonly Row row;
    private readonly LetterOrder order;
    private readonly DateTimeOffset at;

    private LetterFacts(Row row, LetterOrder order, DateTimeOffset at) => (this.row, this.order, this.at) = (row, order, at);

    public string Service => row.Service;

    /// <summary>Of the form that the case was filed with; null: none is kept.</summary>
    public string? FormVersion => row.FormVersion;

    /// <summary>Who made the step, as far as anybody may know who acts in a panel; null: a service or the server.</summary>
    public string? By => row.By;

    /// <param name="at">The instant of the step.</param>
    /// <returns>Null: the instance is no case.</returns>
    public static async Task<LetterFacts?> LoadAsync(NpgsqlDataSource database, Guid caseId, LetterOrder order, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var row = await database.SingleAsync($"""
            select c.service, c.number, c.subject, c.submitted_at, c.end_reason, a.name,
                c.employer_id, e.name_zh, e.name_en, c.unit_id, u.name_zh, u.name_en, c.bureau_id, b.name_zh, b.name_en,
                d.organisation_id, o.name_zh, o.name_en, d.stage_name, d.opinion,
                (select t.opinion from approvals.tasks t where t.case_id = c.id and t.id between approvals.first_task(c.id) and approvals.last_task(c.id)
                    and t.outcome in ('return', 'reject', 'refuse') and t.decided_at <= $4 order by t.decided_at desc, t.id desc limit 1),
                case when k.rule is not null then k.due_at end,
                (select p.result->>'outcome' from approvals.panels p where p.case_id = c.id and p.status = 3 order by p.opened_at desc, p.visit desc limit 1),
                n.number, n.notice::text,
                (select jsonb_object_agg(f.phase::text, f.data)::text from approvals.case_data f where f.case_id = c.id),
                (select h.user_id from approvals.audit h where h.case_id = c.id and h.seq = $3 and h.action not like 'panel.%'), {CaseVault.FormVersion}, z.due_at,
                case when z.kind = 'supplement' then (select t.stage from approvals.tasks t where t.case_id = c.id and t.id between approvals.first_task(c.id) and approvals.last_task(c.id)
                    and case when q.task_id is null then t.outcome = 'return' and t.decided_at <= z.opened_at else t.id = any(q.returns) end order by t.decided_at desc, t.id desc limit 1) end,
                {Corrections.Of("fix")}
            from approvals.cases c
            left join approvals.users a on a.id = c.applicant_id left join approvals.organisations e on e.id = c.employer_id
            left join approvals.organisations u on u.id = c.unit_id left join approvals.organisations b on b.id = c.bureau_id
            left join approvals.case_clocks k on k.case_id = c.id
            left join approvals.tasks d on d.case_id = c.id and d.id = $2 left join approvals.organisations o on o.id = d.organisation_id
            left join approvals.tasks fix on fix.case_id = c.id and fix.id = $7
            left join approvals.notices n on n.case_id = c.id and n.id = $5
            left join approvals.tasks z on z.case_id = c.id and z.id = $6 left join approvals.correction_requests q on q.task_id = z.id
            where c.id = $1
            """, r => new Row(r.GetString(0), r.Text(1), r.GetString(2), r.Instant(3), r.Text(4), r.Text(5), Office(r, 6), Office(r, 9), Office(r, 12), Office(r, 15), r.Text(18), r.Text(19), r.Text(20),
                r.Instant(21), r.Text(22), r.Text(23), r.Text(24), r.Text(25), r.Text(26), r.Text(27), r.Instant(28), r.Text(29), Corrections.Read(r.Text(30))), cancellationToken, caseId, order.TaskId.OrNull(), order.Seq, at, order.NoticeId.OrNull(), order.Lapsed.OrNull(), order.Correction.OrNull());
        return row is null ? null : new LetterFacts(row, order, at);

        static LetterOffice? Office(NpgsqlDataReader r, int first) => r.Text(first) is { } id && r.Text(first + 1) is { } zh ? new LetterOffice(id, zh, r.Text(first + 2) ?? zh) : null;
    }

    /// <summary>The organisation that issues a letter; null: the case has none of this kind.</summary>
    public LetterOffice? Issuer(Letter letter) => letter.Issuer switch
    {
        LetterIssuers.Employer => row.Employer,
        LetterIssuers.Unit => row.Unit,
        LetterIssuers.Stage => row.Decider ?? row.Bureau,
        _ => row.Bureau,
    };

    /// <summary>Whom a letter is to; null: the public.</summary>
    public string? Addressee(Letter letter, bool chinese) => letter.Addressee switch
    {
        LetterAddressees.Public => null,
        LetterAddressees.Applicant when row.Subject == CaseSubjects.Person => row.Applicant,
        _ => chinese ? row.Employer?.Zh : row.Employer?.En,
    };

    /// <summary>The stage whose return lapsed in the step, by the decisions that it was made up of, and by times alone for cases of before these were kept; null: none did.</summary>
    public string? LapsedReturnOf => row.LapsedReturnOf;

    /// <summary>The number of the notice that was posted in the step.</summary>
    public string? NoticeNumber => row.NoticeNumber;

    /// <summary>The fields in one language; what isn't known isn't in it.</summary>
    /// <param name="corrects">Number of the letter that this one replaces.</param>
    public Dictionary<string, string> For(Letter letter, ServicePackage package, LetterOffice issuer, string? corrects, bool chinese)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var (service, hotline) = (package.Service, package.Service.Hotline);
        Add("caseNumber", row.Number);
        Add("serviceName", chinese ? service.Zh : service.En);
        Add("applicantName", row.Subject == CaseSubjects.Person ? row.Applicant : chinese ? row.Employer?.Zh : row.Employer?.En);
        Add("you", !chinese ? "you" : letter.Addressee == LetterAddressees.Employer || row.Subject != CaseSubjects.Person ? "你单位" : "你");
        Add("employerName", chinese ? row.Employer?.Zh : row.Employer?.En);
        Add("unitName", chinese ? row.Unit?.Zh : row.Unit?.En);
        Add("bureauName", chinese ? row.Bureau?.Zh : row.Bureau?.En);
        Add("issuerName", chinese ? issuer.Zh : issuer.En);
        Add("stageName", chinese || order.Stage is null ? row.StageName : service.Phases.SelectMany(p => p.Stages).FirstOrDefault(s => s.Key == order.Stage)?.En ?? row.StageName);
        Add("submittedOn", Date(row.SubmittedAt));
        Add("issuedOn", Date(at));
        Add("reason", Told(package, chinese) ?? Reason(chinese));
        Add("dueDate", Date(order.DueAt?.AddTicks(-1)));
        Add("dueDays", order.DueRule is { } rule ? Days(DeadlineRule.Parse(rule)) : null);
        Add("lapsedOn", Date(row.LapsedDue?.AddTicks(-1)));
        Add("promisedDate", Date(row.PromisedBy?.AddTicks(-1)));
        Add("corrects", corrects);
        Add("hotline", hotline.Phone);
        Add("hotlineHours", chinese ? hotline.HoursZh : hotline.HoursEn);
        Add("address", hotline.AddressZh);
        AddNotice();
        foreach (var (name, field) in service.MessageFacts)
            Add(name, MessageFacts.Choice(package, field, MessageFacts.Given(row.Data, field), chinese));
        return values;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrWhiteSpace(value))
                values[name] = value.Trim();
        }

        string? Date(DateTimeOffset? instant) => instant is { } one ? MessageFacts.Date(one, chinese) : null;

        string Days(DeadlineRule limit) => string.Create(CultureInfo.InvariantCulture, $"{limit.Amount}{(chinese ? "" : " ")}{(chinese ? Promise.Unit(limit.Unit).Zh : Promise.Unit(limit.Unit).En)}");

        void AddNotice()
        {
            if (row.Notice is null || JsonSerializer.Deserialize<PublicNotice>(row.Notice, JsonSerializerOptions.Web) is not { } notice)
                return;
            // As it was put up: what came later has editions of its own.
            var edition = notice.Editions[0];
            Add("noticeNumber", row.NoticeNumber);
            Add("noticeTitle", edition.Content.Title);
            Add("noticeFrom", Date(edition.ShownFrom));
            Add("noticeUntil", Date(edition.Window.DueAt.AddTicks(-1)));
            Add("noticeDays", notice.Rule.Workdays.ToString(CultureInfo.InvariantCulture));
            Add("noticeText", string.Join('\n', edition.Content.Lines.Select(l => $"{l.Label}{(chinese ? "：" : ": ")}{l.Text}")));
        }
    }

    /// <summary>补正 is told completely: what all say whose decisions make up the return, and all that they name. Null: the letter is about something else, or nobody's decision returned the case.</summary>
    private string? Told(ServicePackage package, bool chinese)
    {
        if (row.Asked is not { Returns.Count: > 0 } asked)
            return null;
        var (opinions, items) = (asked.Opinions, asked.Text(package, chinese));
        return items.Length == 0 ? opinions.Length == 0 ? null : opinions : chinese ? $"{opinions}（需补正：{items}）" : $"{opinions} (to correct: {items})";
    }

    /// <summary>Why it was decided so: the opinion of who decided in this step; else why the case ended; else the last opinion against it.</summary>
    private string? Reason(bool chinese) => row.Opinion ?? EndReasons.Word(row.EndReason, chinese) ?? order.On switch
    {
        LetterEvents.Rejected when row.PanelOutcome == "failed" => chinese ? "专家评审未通过。" : "The expert panel didn't pass it.",
        null or LetterEvents.Returned => row.LastOpinion,
        _ => null,
    };

    private sealed record Row(string Service, string? Number, string Subject, DateTimeOffset? SubmittedAt, string? EndReason, string? Applicant, LetterOffice? Employer, LetterOffice? Unit, LetterOffice? Bureau,
        LetterOffice? Decider, string? StageName, string? Opinion, string? LastOpinion, DateTimeOffset? PromisedBy, string? PanelOutcome, string? NoticeNumber, string? Notice, string? Data, string? By, string? FormVersion, DateTimeOffset? LapsedDue, string? LapsedReturnOf, Corrections? Asked);
}

/// <summary>An organisation as a letter names it.</summary>
internal sealed record LetterOffice(string Id, string Zh, string En);
