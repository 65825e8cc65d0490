using Npgsql;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>Removes turns of submissions (<see cref="CataloguePart"/>) that nothing can meet any more; one row of each subject stays.</summary>
/// <remarks>
/// A turn is there for statements that run at the same instant and don't see each other's cases: the second fails on its key. A statement
/// that begins once the turn's case is committed sees that case itself, by its gate. So a turn is of no use any more when every
/// submission has ended that had read, or had begun to write, before it was committed; they take seconds (the time-out of a statement and the
/// retries of one request), and a day is kept. The newest turn of a subject stays for good: the next one is counted from it, and two that
/// had read before and after its removal would take different turns and both go through.
/// </remarks>
public sealed class FilingTurns(NpgsqlDataSource database)
{
    private const int Batch = 500;

    /// <summary>Removes what is older than a day. Several at once, on whatever nodes, are harmless.</summary>
    /// <returns>How many turns were removed.</returns>
    public async Task<int> PurgeAsync(CancellationToken cancellationToken)
    {
        var removed = 0;
        while (true)
        {
            // Ages are of the database's clock alone, which wrote them: a node whose clock is wrong removes nothing too soon.
            var some = await database.QueryAsync($"""
                delete from approvals.filing_turns t using (
                    select o.subject, o.turn from approvals.filing_turns o
                    where o.at < now() - interval '1 day' and exists (select from approvals.filing_turns n where n.subject = o.subject and n.turn > o.turn)
                    order by o.subject, o.turn limit {Batch} for update of o skip locked) old
                where t.subject = old.subject and t.turn = old.turn returning 1
                """, r => r.GetInt32(0), cancellationToken);
            removed += some.Count;
            if (some.Count < Batch)
                return removed;
        }
    }
}
