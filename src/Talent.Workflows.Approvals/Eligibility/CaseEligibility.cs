using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>What the rules say of a case, kept with it: when it is begun from a test, and again when it is filed (R-ELG-5).</summary>
public sealed class CaseEligibility(NpgsqlDataSource database, DataKeys keys, CaseReader cases, ApprovalContent content, BusinessClock clock)
{
    internal const string Begun = "begun", Filed = "filed";

    internal static readonly SealedTable Table = new("case_eligibility", "id", null, ["sealed"]);

    /// <summary>For the step that begins a draft from a test.</summary>
    internal Task<EligibilityWrite> BegunAsync(EligibilityAnswer answer, IReadOnlyDictionary<string, KnownFact> facts, string? condition, IReadOnlyList<AnswerView> answers, CancellationToken cancellationToken) =>
        SealAsync(Begun, answer, new KeptAnswer(answer, facts.ToDictionary(f => f.Key, f => KeptFact.Of(f.Value)), condition, answers), cancellationToken);

    /// <summary>For the step that files: judged anew on this day by what the form says, with the sources of what a test found out. Null: the service has no conditions.</summary>
    internal async Task<EligibilityWrite?> FiledAsync(ServicePackage package, FilingCase filed, DateOnly today, CancellationToken cancellationToken)
    {
        if (package.Eligibility is not { } rules)
            return null;
        var before = await FindAsync(filed.Id, cancellationToken) is { } row ? await OpenAsync(row, cancellationToken) : null;
        var known = before is null ? [] : new SessionData { Facts = before.Facts }.Known(rules);
        var form = filed.Data(1);
        var facts = FormFacts.AtFiling(rules, FormFacts.Read(rules, form, today), known);
        var answer = rules.Evaluate(facts, today);
        var condition = rules.File.ConditionField is { } field ? FormData.Text(FormData.Find(form, field)) : null;
        return await SealAsync(Filed, answer, new KeptAnswer(answer, facts.ToDictionary(f => f.Key, f => KeptFact.Of(f.Value)), condition, before?.Answers ?? []), cancellationToken);
    }

    /// <summary>The newest answer of a case, for whoever may read the case; personal values for its own people alone, and none for who isn't to know whom it is about.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: no such case, or none with an answer.</exception>
    public async Task<CaseEligibilityView> ReadAsync(Caller caller, Guid caseId, CancellationToken cancellationToken)
    {
        await cases.RequireVisibleAsync(caller, caseId, cancellationToken);
        var row = await FindAsync(caseId, cancellationToken) ?? throw new WorkflowException(ErrorCodes.NotFound, $"Nothing was evaluated for case {caseId}: its service has no conditions, or it was begun without a test and isn't filed yet.", "此件没有申报条件评估结果。");
        var kept = await OpenAsync(row, cancellationToken);
        var owns = (await database.QueryAsync($"select 1 from approvals.cases c where c.id = $4 and {KeyLimits.Owner("$1", "$2", "$3")}", r => r.GetInt32(0), cancellationToken,
            caller.User, caller.Organisations.OrNull(), caller.Roles.OrNull(), caseId)).Count > 0;
        var blind = !owns && await cases.IsBlindAsync(caller, caseId, cancellationToken);
        return new CaseEligibilityView(caseId, row.Kind, row.At, "评估结果由系统依据申报条件自动生成，仅供参考，不作为审核结论。", "Made by the rules on their own; for orientation, it decides nothing.",
            kept.Condition, owns ? kept.Answer : MaskedAnswer.Of(kept.Answer, blind), kept.Answers);
    }

    /// <summary>Services with conditions, by their ids.</summary>
    public IReadOnlyList<EligibilitySummary> Services() =>
        [.. content.Services.Where(s => s.Eligibility is not null).OrderBy(s => s.Service.Id, StringComparer.Ordinal)
            .Select(s => new EligibilitySummary(s.Service.Id, s.Service.Zh, s.Service.En, s.Eligibility!.File.Conditions.Count, s.Eligibility.Questionnaire is not null))];

    private async Task<EligibilityWrite> SealAsync(string kind, EligibilityAnswer answer, KeptAnswer kept, CancellationToken cancellationToken)
    {
        var ring = await keys.RingAsync(0, cancellationToken);
        var id = Guid.CreateVersion7(clock.Now);
        var json = JsonSerializer.SerializeToUtf8Bytes(kept, JsonSerializerOptions.Web);
        return new EligibilityWrite(id, kind, answer.Rules, ring.Current, ring.Seal(json, Table.At("sealed", id)), Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(json)));
    }

    private Task<Row?> FindAsync(Guid caseId, CancellationToken cancellationToken) => database.SingleAsync(
        "select id, kind, at, key_id, sealed from approvals.case_eligibility where case_id = $1 order by seq desc limit 1",
        r => new Row(r.GetGuid(0), r.GetString(1), r.GetFieldValue<DateTimeOffset>(2), r.GetInt32(3), r.GetFieldValue<byte[]>(4)), cancellationToken, caseId);

    private async Task<KeptAnswer> OpenAsync(Row row, CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<KeptAnswer>((await keys.OpeningAsync(row.KeyId, cancellationToken)).OpenBytes(row.Sealed, Table.At("sealed", row.Id)), JsonSerializerOptions.Web)!;

    private sealed record Row(Guid Id, string Kind, DateTimeOffset At, int KeyId, byte[] Sealed);

    private sealed record KeptAnswer(EligibilityAnswer Answer, IReadOnlyDictionary<string, KeptFact> Facts, string? Condition, IReadOnlyList<AnswerView> Answers);
}

/// <summary>An answer as a row will hold it.</summary>
/// <param name="Sha256">Of what is sealed, for the audit.</param>
internal sealed record EligibilityWrite(Guid Id, string Kind, string Rules, int KeyId, byte[] Sealed, string Sha256)
{
    /// <summary>JSON for the audit: digests alone, so that a later change of the row shows.</summary>
    public string Audit => new JsonObject { ["eligibility"] = new JsonObject { ["rules"] = Rules, ["sha256"] = Sha256 } }.ToJsonString();
}
