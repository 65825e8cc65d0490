using System.Text.Json;
using Npgsql;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>
/// The round that a case is to begin as: 重新申请, 重新申报, 修改资料, 重新认证 are the next round of what ended, and begin with what was
/// handed in last. One round at a time: a unique index on them refuses another.
/// </summary>
/// <param name="Number">Of the case that is to begin; that of the case under way while there is one.</param>
/// <param name="PreviousId">The last case that was handed in; null: none.</param>
/// <param name="SeriesId">The first of a person's rounds; null: the case is the first itself, or an employer's.</param>
/// <param name="Before">What that said, by phase.</param>
/// <remarks>Source: R-CASE-6, R-PRM-1. A draft that was dropped keeps its number, so that two never have the same.</remarks>
internal sealed record CaseRound(short Number, Guid? PreviousId, Guid? SeriesId, IReadOnlyDictionary<short, JsonElement> Before)
{
    /// <summary>The indexes that refuse a second case beside one under way.</summary>
    public const string OfEmployer = "cases_employer_rounds", OfPerson = "cases_rounds";

    /// <summary>The next round is begun with all that the one before had, not only linked to it.</summary>
    public bool Carries { get; init; }

    /// <summary>What the round before said in a phase; null: nothing.</summary>
    public JsonElement? Data(short phase) => Before.TryGetValue(phase, out var data) ? data : null;

    /// <summary>All rounds that the case is one of, as SQL that yields rows of approvals.cases.</summary>
    internal static string All(string caseId) => $"""
        (select l.* from approvals.cases o cross join lateral (
            select e.* from approvals.cases e where o.subject = '{CaseSubjects.Employer}' and e.subject = '{CaseSubjects.Employer}' and e.employer_id = o.employer_id and e.service = o.service
            union all select p.* from approvals.cases p where o.subject = '{CaseSubjects.Person}' and p.id = coalesce(o.series_id, o.id)
            union all select p.* from approvals.cases p where o.subject = '{CaseSubjects.Person}' and p.series_id = coalesce(o.series_id, o.id)) l where o.id = {caseId})
        """;

    /// <summary>The round after the case <c>c</c>, as SQL: its id; null: none, or its draft was dropped.</summary>
    internal const string NextId = """
        (select n.id from approvals.cases n where n.previous_id = c.id and (n.submitted_at is not null or n.ended_at is null) order by n.round desc limit 1)
        """;

    /// <summary>The next round of an employer's cases for a service.</summary>
    public static async Task<CaseRound> OfEmployerAsync(NpgsqlDataSource database, CaseVault vault, string service, string employerId, CancellationToken cancellationToken)
    {
        var found = await database.SingleAsync($"""
            select (select c.round + (c.ended_at is not null)::int from approvals.cases c where c.employer_id = $2 and c.service = $1 and c.subject = 'employer' order by c.round desc limit 1), p.id, p.phases
            from (select 1) one left join lateral (
                select c.id, {CaseVault.Phases} as phases from approvals.cases c
                where c.employer_id = $2 and c.service = $1 and c.subject = 'employer' and c.submitted_at is not null order by c.round desc limit 1) p on true
            """, r => new { Round = r.IsDBNull(0) ? (short)1 : (short)r.GetInt32(0), PreviousId = r.IsDBNull(1) ? (Guid?)null : r.GetGuid(1), Phases = r.Text(2) }, cancellationToken, service, employerId);
        return found is not { PreviousId: { } previous } ? new CaseRound(found?.Round ?? 1, null, null, new Dictionary<short, JsonElement>())
            : new CaseRound(found.Round, previous, null, await vault.OpenAsync(previous, found.Phases, cancellationToken));
    }

    /// <summary>The round after a case, which carries on what that one had.</summary>
    /// <exception cref="WorkflowException"><c>conflict</c>: it isn't the last that was handed in, or the next is under way; <c>caseId</c> names that.</exception>
    public static async Task<CaseRound> AfterAsync(NpgsqlDataSource database, FilingCase ended, CancellationToken cancellationToken)
    {
        var rounds = await database.QueryAsync($"select l.id, l.round, l.submitted_at is not null, l.ended_at is not null, l.subject from {All("$1")} l order by l.round",
            r => (Id: r.GetGuid(0), Round: r.GetInt16(1), Submitted: r.GetBoolean(2), Ended: r.GetBoolean(3), Subject: r.GetString(4)), cancellationToken, ended.Id);
        var last = rounds[^1];
        if (!last.Ended || rounds.FindLast(r => r.Submitted) is var filed && filed.Id != ended.Id)
            throw Taken(ended.Id, last.Ended ? rounds.FindLast(r => r.Submitted).Id : last.Id, !last.Ended);
        return new CaseRound((short)(last.Round + 1), ended.Id, last.Subject == CaseSubjects.Employer ? null : rounds[0].Id, ended.Phases) { Carries = true };
    }

    /// <param name="next">The case that is the next round already.</param>
    /// <param name="underWay">Whether it hasn't ended.</param>
    internal static WorkflowException Taken(Guid caseId, Guid? next, bool underWay) => underWay
        ? new(ErrorCodes.Conflict, $"Case {caseId} was filed again already: go on with case {next}, a draft included, or drop it first.", "该业务已重新申报（含草稿），请继续办理新的一轮，或先放弃该草稿。") { Facts = Facts(next) }
        : new(ErrorCodes.Conflict, $"Case {caseId} was filed again already, and that round has ended too: file case {next} again.", "该业务已重新申报且新的一轮已结束，请在最近一轮上重新申报。") { Facts = Facts(next) };

    private static Dictionary<string, object?> Facts(Guid? next) => new(StringComparer.Ordinal) { ["reason"] = "next_round", ["caseId"] = next };
}
