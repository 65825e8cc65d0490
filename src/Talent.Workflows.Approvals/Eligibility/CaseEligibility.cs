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

/// <summary>What the rules say of a case, kept with it: when it is begun from a test, again when it is filed, and when what conditions look at is corrected (R-ELG-5).</summary>
public sealed class CaseEligibility(NpgsqlDataSource database, DataKeys keys, CaseReader cases, ApprovalContent content, BusinessClock clock)
{
    internal const string Begun = "begun", Filed = "filed", Corrected = "corrected";

    internal static readonly SealedTable Table = new("case_eligibility", "id", null, ["sealed"]);

    /// <summary>For the step that begins a draft from a test.</summary>
    internal Task<EligibilityWrite> BegunAsync(EligibilityAnswer answer, IReadOnlyDictionary<string, KnownFact> facts, string? condition, IReadOnlyList<AnswerView> answers, CancellationToken cancellationToken) =>
        SealAsync(Begun, answer, new KeptAnswer(answer, facts.ToDictionary(f => f.Key, f => KeptFact.Of(f.Value)), condition, answers), cancellationToken);

    /// <summary>For the step that files: judged anew on this day by what the form says, with the sources of what a test found out. Null: the service has no conditions.</summary>
    internal Task<EligibilityWrite?> FiledAsync(ServicePackage package, FilingCase filed, DateOnly today, CancellationToken cancellationToken) => JudgeAsync(Filed, package, filed, filed.Data(1), today, cancellationToken);

    /// <summary>For the step that hands in a correction: judged anew by what the form says now, as of the day of filing, which is what ages and months of a case are of.</summary>
    /// <param name="form">The first phase as it will be.</param>
    /// <returns>Null: the service has no conditions, or the correction changes nothing that they look at.</returns>
    internal Task<EligibilityWrite?> CorrectedAsync(ServicePackage package, FilingCase filed, JsonElement form, DateOnly today, CancellationToken cancellationToken) => JudgeAsync(Corrected, package, filed, form, filed.FiledOn ?? today, cancellationToken);

    private async Task<EligibilityWrite?> JudgeAsync(string kind, ServicePackage package, FilingCase filed, JsonElement form, DateOnly day, CancellationToken cancellationToken)
    {
        if (package.Eligibility is not { } rules)
            return null;
        var rows = await ListAsync(filed.Id, cancellationToken);
        // What a test found out stands beside the form; what the form said before doesn't.
        var tested = rows is [{ Kind: Begun } first, ..] ? await OpenAsync(first, cancellationToken) : null;
        var (facts, condition) = Said(form);
        // By the rules of now, both: a new version of them is no correction.
        if (kind == Corrected && rows is [.., { Kind: not Begun } last] && Said(await PhaseBefore.AtAsync(database, keys, filed.Id, 1, last.Seq, filed.Data(1), cancellationToken)) is var before
            && before.Condition == condition && Same(before.Facts, facts))
            return null;
        var answer = rules.Evaluate(facts, day);
        return await SealAsync(kind, answer, new KeptAnswer(answer, facts.ToDictionary(f => f.Key, f => KeptFact.Of(f.Value)), condition, tested?.Answers ?? []), cancellationToken);

        (Dictionary<string, KnownFact> Facts, string? Condition) Said(JsonElement said) =>
            (FormFacts.AtFiling(rules, FormFacts.Read(rules, said, day), tested is null ? [] : Known(tested, rules)), rules.File.ConditionField is { } field ? FormData.Text(FormData.Find(said, field)) : null);
    }

    private static Dictionary<string, KnownFact> Known(KeptAnswer kept, EligibilityRules rules) => new SessionData { Facts = kept.Facts }.Known(rules);

    private static bool Same(Dictionary<string, KnownFact> before, Dictionary<string, KnownFact> now) => before.Count == now.Count && now.All(f => before.TryGetValue(f.Key, out var was) && was.Equals(f.Value));

    /// <summary>The newest answer of a case with those before it, for whoever may read the case; personal values for its own people alone, and none for who isn't to know whom it is about.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: no such case, or none with an answer.</exception>
    public async Task<CaseEligibilityView> ReadAsync(Caller caller, Guid caseId, CancellationToken cancellationToken)
    {
        await cases.RequireVisibleAsync(caller, caseId, cancellationToken);
        var rows = await ListAsync(caseId, cancellationToken);
        if (rows.Count == 0)
            throw new WorkflowException(ErrorCodes.NotFound, $"Nothing was evaluated for case {caseId}: its service has no conditions, or it was begun without a test and isn't filed yet.", "此件没有申报条件评估结果。");
        var owns = (await database.QueryAsync($"select 1 from approvals.cases c where c.id = $4 and {KeyLimits.Owner("$1", "$2", "$3")}", r => r.GetInt32(0), cancellationToken,
            caller.User, caller.Organisations.OrNull(), caller.Roles.OrNull(), caseId)).Count > 0;
        var blind = !owns && await cases.IsBlindAsync(caller, caseId, cancellationToken);
        var views = new List<KeptAnswerView>(rows.Count);
        foreach (var row in rows)
        {
            var kept = await OpenAsync(row, cancellationToken);
            views.Add(new KeptAnswerView(row.Kind, row.At, kept.Condition, owns ? kept.Answer : MaskedAnswer.Of(kept.Answer, blind), kept.Answers));
        }
        var newest = views[^1];
        return new CaseEligibilityView(caseId, newest.Kind, newest.At, "评估结果由系统依据申报条件自动生成，仅供参考，不作为审核结论。", "Made by the rules on their own; for orientation, it decides nothing.",
            newest.Condition, newest.Answer, newest.Answers, views[..^1]);
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

    /// <summary>In the order in which they were made. One for the draft, one for the filing, and one at most for each correction: bounded by the rounds of these.</summary>
    private Task<List<Row>> ListAsync(Guid caseId, CancellationToken cancellationToken) => database.QueryAsync(
        "select id, kind, at, key_id, sealed, seq from approvals.case_eligibility where case_id = $1 order by seq",
        r => new Row(r.GetGuid(0), r.GetString(1), r.GetFieldValue<DateTimeOffset>(2), r.GetInt32(3), r.GetFieldValue<byte[]>(4), r.GetInt64(5)), cancellationToken, caseId);

    private async Task<KeptAnswer> OpenAsync(Row row, CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<KeptAnswer>((await keys.OpeningAsync(row.KeyId, cancellationToken)).OpenBytes(row.Sealed, Table.At("sealed", row.Id)), JsonSerializerOptions.Web)!;

    /// <param name="Seq">The version of the case that the step made.</param>
    private sealed record Row(Guid Id, string Kind, DateTimeOffset At, int KeyId, byte[] Sealed, long Seq);

    private sealed record KeptAnswer(EligibilityAnswer Answer, IReadOnlyDictionary<string, KeptFact> Facts, string? Condition, IReadOnlyList<AnswerView> Answers);
}

/// <summary>An answer as a row will hold it.</summary>
/// <param name="Sha256">Of what is sealed, for the audit.</param>
internal sealed record EligibilityWrite(Guid Id, string Kind, string Rules, int KeyId, byte[] Sealed, string Sha256)
{
    /// <summary>For the audit: digests alone, so that a later change of the row shows.</summary>
    public JsonObject Audit => new() { ["eligibility"] = new JsonObject { ["rules"] = Rules, ["sha256"] = Sha256 } };
}
