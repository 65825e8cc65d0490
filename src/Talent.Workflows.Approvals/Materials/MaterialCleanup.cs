using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>
/// Removes what nobody has any more: materials deleted long ago, contents that no library and no case holds, and files that no row names
/// (an upload that was refused when it was there, a node that died between file and row). Rows go before files, and a file's
/// place is never used again, so that an upload of the same content meanwhile has a row and a file of its own.
/// </summary>
public sealed partial class MaterialCleanup(NpgsqlDataSource database, MaterialStore store, IOptions<MaterialOptions> options, BusinessClock clock, ILogger<MaterialCleanup> logger)
{
    private const int Batch = 500;

    /// <summary>Fans that one round looks through for files without rows; sixteen rounds see all.</summary>
    public const int FansPerRound = MaterialStore.Fans / 16;

    /// <summary>How old a file without a row, or a content without a material, is before it is removed: longer than any upload takes.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(1);

    /// <summary>One round. Several at once, on whatever nodes, are harmless.</summary>
    /// <param name="round">Which fans are looked through: <see cref="FansPerRound"/> of them from there on.</param>
    public async Task RunAsync(int round, CancellationToken cancellationToken)
    {
        var before = clock.Machine.GetUtcNow() - Grace;
        var rows = await PurgeAsync(cancellationToken);
        var contents = await RemoveContentsAsync(before, cancellationToken);
        var files = store.RemoveAbandoned(before);
        var first = round * FansPerRound % MaterialStore.Fans;
        for (var fan = first; fan < first + FansPerRound; fan++)
            foreach (var places in store.PlacesBefore(fan, before).Chunk(Batch))
                files += await RemoveUnnamedAsync(places, cancellationToken);
        if (rows + contents + files > 0)
            LogRemoved(rows, contents, files);
    }

    /// <summary>Materials that were deleted so long ago that nobody gets them back.</summary>
    private async Task<int> PurgeAsync(CancellationToken cancellationToken)
    {
        var removed = 0;
        while (true)
        {
            var some = await database.QueryAsync($"""
                delete from approvals.materials where id = any(array(select id from approvals.materials where deleted_at < $1 order by deleted_at limit {Batch})) returning 1
                """, r => r.GetInt32(0), cancellationToken, clock.Now.AddDays(-options.Value.KeepDeletedDays));
            removed += some.Count;
            if (some.Count < Batch)
                return removed;
        }
    }

    private async Task<int> RemoveContentsAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var removed = 0;
        while (true)
        {
            // An upload of the same content renews used_at; the condition on it is checked again on the row that the upload left.
            var places = await database.QueryAsync($"""
                delete from approvals.material_contents c
                where c.used_at < $1 and c.hash = any(array(
                    select u.hash from approvals.material_contents u where u.used_at < $1 and not exists (select from approvals.materials m where m.hash = u.hash)
                    and not exists (select from approvals.case_materials k where k.hash = u.hash) order by u.used_at limit {Batch}))
                returning c.place
                """, r => r.GetString(0), cancellationToken, before);
            foreach (var place in places)
                store.Remove(place);
            removed += places.Count;
            if (places.Count < Batch)
                return removed;
        }
    }

    private async Task<int> RemoveUnnamedAsync(string[] places, CancellationToken cancellationToken)
    {
        var unnamed = await database.QueryAsync("""
            select p.place from unnest($1::text[]) p(place) where not exists (select from approvals.material_contents c where c.place = p.place)
            """, r => r.GetString(0), cancellationToken, (object)places);
        foreach (var place in unnamed)
            store.Remove(place);
        return unnamed.Count;
    }

    [LoggerMessage(EventId = 3403, Level = LogLevel.Information, Message = "Cleared away {Materials} deleted materials, {Contents} contents and {Files} files that nobody has")]
    private partial void LogRemoved(int materials, int contents, int files);
}
