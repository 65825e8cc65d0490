using System.Text.Json;
using Npgsql;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>
/// The rounds of an employer's cases for one service: 重新申请, 修改资料, 重新认证 are the next round, which begins with the data that was
/// handed in last. One round at a time: the unique index on them refuses another.
/// </summary>
/// <param name="Round">Of the case that is to begin; that of the case under way while there is one.</param>
/// <param name="PreviousId">The last case that was handed in; null: none.</param>
/// <param name="Data">What that said in the first phase.</param>
internal sealed record EmployerRounds(short Round, Guid? PreviousId, JsonElement? Data)
{
    /// <summary>The index that refuses a second case beside one under way.</summary>
    public const string OneAtATime = "cases_employer_rounds";

    public static async Task<EmployerRounds> NextAsync(NpgsqlDataSource database, CaseVault vault, string service, string employerId, CancellationToken cancellationToken)
    {
        var found = await database.SingleAsync($"""
            select (select c.round + (c.ended_at is not null)::int from approvals.cases c where c.employer_id = $2 and c.service = $1 and c.subject = 'employer' order by c.round desc limit 1), p.id, p.phases
            from (select 1) one left join lateral (
                select c.id, {CaseVault.Phases} as phases from approvals.cases c
                where c.employer_id = $2 and c.service = $1 and c.subject = 'employer' and c.submitted_at is not null order by c.round desc limit 1) p on true
            """, r => new { Round = r.IsDBNull(0) ? (short)1 : (short)r.GetInt32(0), PreviousId = r.IsDBNull(1) ? (Guid?)null : r.GetGuid(1), Phases = r.Text(2) }, cancellationToken, service, employerId);
        return found is not { PreviousId: { } previous } ? new EmployerRounds(found?.Round ?? 1, null, null)
            : new EmployerRounds(found.Round, previous, (await vault.OpenAsync(previous, found.Phases, cancellationToken)).TryGetValue(1, out var data) ? data : null);
    }
}
