using Npgsql;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>One round of a case that was filed again, and how it was judged.</summary>
public sealed record CaseRoundView
{
    public required Guid CaseId { get; init; }

    /// <summary>From 1. A draft that was dropped leaves a gap.</summary>
    public required short Round { get; init; }
    public required string? Number { get; init; }
    public required Worded Status { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset? SubmittedAt { get; init; }
    public required DateTimeOffset? EndedAt { get; init; }
    public required string? EndReason { get; init; }

    /// <summary>The decisions of its reviews, oldest first; none for who judges without knowing whom.</summary>
    public required IReadOnlyList<RoundOpinion> Opinions { get; init; }
}

/// <param name="By">Null: it was decided by rule.</param>
public sealed record RoundOpinion(string Stage, string StageName, Worded Outcome, string? Opinion, Named? By, DateTimeOffset At);

/// <summary>Reads the rounds of a case: whoever may read one that was filed again sees how the earlier ones were judged (R-CASE-6, R-CASE-9).</summary>
public sealed class CaseRoundReader(NpgsqlDataSource database, CaseReader cases, ServiceCatalogue services)
{
    private const int Most = 200;

    /// <summary>All rounds, the first one first; drafts only for whoever files them.</summary>
    /// <exception cref="Engine.WorkflowException"><c>not_found</c>: there is no such case, or it doesn't concern the caller.</exception>
    public async Task<IReadOnlyList<CaseRoundView>> ListAsync(Caller caller, Guid caseId, CancellationToken cancellationToken)
    {
        await cases.RequireVisibleAsync(caller, caseId, cancellationToken);
        var blind = await cases.IsBlindAsync(caller, caseId, cancellationToken);
        // A key for certain employers and offices sees nothing of the rounds that went by way of others.
        var rows = await database.QueryAsync($"""
            select c.id, c.round, c.number, c.service, c.status, c.created_at, c.submitted_at, c.ended_at, c.end_reason, {PositionWords.OpenStages}, {PositionWords.Reader("$2")}
            from {CaseRound.All("$1")} c
            where (c.submitted_at is not null or {KeyLimits.Owner("$2", "$3", "$4")}) and ($3::text[] is null or c.employer_id = any($3) or c.unit_id = any($3) or c.bureau_id = any($3))
            order by c.round limit {Most}
            """, r => new { Id = r.GetGuid(0), Round = r.GetInt16(1), Number = r.Text(2), Service = r.GetString(3), Status = r.GetString(4), At = r.GetFieldValue<DateTimeOffset>(5), Submitted = r.Instant(6), Ended = r.Instant(7), Reason = r.Text(8),
                Stages = r.GetFieldValue<string[]>(9), Reader = (WordReader)r.GetInt16(10) },
            cancellationToken, caseId, caller.User, caller.Organisations.OrNull(), caller.Roles.OrNull());
        var opinions = blind ? [] : await database.QueryAsync($"""
            select t.case_id, t.stage, t.stage_name, t.outcome, t.opinion, t.decided_by, u.name, t.decided_at
            from unnest($1) with ordinality w(id, place) join approvals.tasks t on t.case_id = w.id and t.id between approvals.first_task(w.id) and approvals.last_task(w.id)
            left join approvals.users u on u.id = t.decided_by
            where t.kind = '{TaskKinds.Review}' and t.status = {TaskStatusCodes.Done} and t.outcome is not null 
            order by w.place, t.decided_at, (select min(a.seq) from approvals.audit a where a.case_id = t.case_id and a.stage = t.stage and a.at = t.decided_at), t.id limit 1000
            """, r => (Case: r.GetGuid(0), Said: new RoundOpinion(r.GetString(1), r.GetString(2), TaskReader.OutcomeWord(r.GetString(3)), r.Text(4), r.IsDBNull(5) ? null : new Named(r.GetString(5), r.Text(6)), r.GetFieldValue<DateTimeOffset>(7))),
            cancellationToken, (object)rows.Select(r => r.Id).ToArray());
        var said = opinions.ToLookup(o => o.Case, o => o.Said);
        return
        [
            .. rows.Select(r => new CaseRoundView
            {
                CaseId = r.Id, Round = r.Round, Number = r.Number, Status = PositionWords.Of(services.WordsOf(r.Service), r.Status, r.Stages, r.Reader),
                CreatedAt = r.At, SubmittedAt = r.Submitted, EndedAt = r.Ended, EndReason = blind ? null : r.Reason, Opinions = [.. said[r.Id]],
            }),
        ];
    }
}
