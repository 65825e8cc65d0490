using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Runtime.Events;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.PersonalData;

/// <summary>
/// When the columns that the release before kept in clear begin to be sealed: once no node is left that would read nothing where a
/// value is sealed. Until then they are written as that release writes them; a node of it can't be started any more.
/// </summary>
/// <remarks>Source: docs/adr/0031. Once it has begun, it has for good, on all nodes.</remarks>
public sealed class SealingStart(NpgsqlDataSource database, BusinessClock clock)
{
    /// <summary>How long a node that isn't heard of counts as running (machine clock). Nodes are heard of every five seconds or so.</summary>
    public static readonly TimeSpan Gone = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    private volatile bool begun;
    private long askedAgain;

    /// <summary>Whether what is written from now on is sealed.</summary>
    public async ValueTask<bool> HasBegunAsync(CancellationToken cancellationToken)
    {
        var now = clock.Machine.GetUtcNow();
        if (begun || now.UtcTicks < Interlocked.Read(ref askedAgain))
            return begun;
        var answer = await database.QueryAsync("""
            with ready as (select where not exists (select from engine.nodes where level < $1 and seen_at > $2)),
            first as (insert into approvals.sealing (begun_at) select $3 from ready where not exists (select from approvals.sealing) on conflict (one) do nothing)
            select exists (select from approvals.sealing) or exists (select from ready)
            """, r => r.GetBoolean(0), cancellationToken, NodeService.Level, now - Gone, now);
        Interlocked.Exchange(ref askedAgain, (now + Again).UtcTicks);
        return begun = answer[0];
    }
}
