namespace Talent.Workflows.Runtime.Tests.Storage;

/// <summary>
/// How much room the rows of instances take, and where. Alone: while any transaction writes, in whichever database,
/// PostgreSQL doesn't tidy away what was replaced since that transaction began.
/// </summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RowTests(RuntimeDatabase database) : RuntimeTest(database)
{
    public const string Name = "Rows";

    [Fact]
    public async Task Step_WhenItChangesAWaitingInstance_ThenTheRowStaysInItsPage()
    {
        await node.PublishAsync(Flows.Sequence("hot", [.. Enumerable.Range(0, 12).Select(i => Flows.Event($"e{i}", $"n{i}"))]));
        await ScalarAsync<object>("select pg_stat_reset()");
        for (var i = 0; i < 20; i++)
        {
            var id = await node.StartInstanceAsync("hot");
            for (var s = 0; s < 10; s++)
                await node.SignalAsync(id, $"n{s}");
        }

        // Counters are sent when a connection goes idle for a while or ends.
        await node.DisposeAsync();
        var (updated, hot) = (0L, 0L);
        for (var attempt = 0; attempt < 200 && updated < 200; attempt++)
        {
            updated = await ScalarAsync<long>("select n_tup_upd from pg_stat_user_tables where schemaname = 'engine' and relname = 'instances'");
            hot = await ScalarAsync<long>("select n_tup_hot_upd from pg_stat_user_tables where schemaname = 'engine' and relname = 'instances'");
            await Task.Delay(10);
        }
        Assert.Equal(200, updated);
        Assert.True(hot >= 150, $"{hot} of {updated} updates stayed in their page.");
    }

    [Fact]
    public async Task Instance_WhenWaitingAtItsSecondLevel_ThenItsEngineRowsAreBelowFourKilobytes()
    {
        await node.PublishAsync(Flows.Sequence("size", Flows.Event("a", "go"), Flows.Event("b", "go")));
        var before = await SizeAsync();
        const int count = 400;
        for (var i = 0; i < count; i++)
            await node.SignalAsync(await node.StartInstanceAsync("size", $"case-{i}"), "go");

        var bytes = (await SizeAsync() - before) / count;

        // Whole pages are counted, and how many hold dead versions still differs from run to run by some 200 bytes a row.
        Assert.InRange(bytes, 200, 4096);
    }

    [Fact]
    public async Task Step_WhenThePagesWereFilledBefore_ThenRowsStayInTheirPages()
    {
        const int count = 100;
        await node.PublishAsync(Flows.Sequence("filled", [.. Enumerable.Range(0, 12).Select(i => Flows.Event($"e{i}", $"n{i}"))]));

        // While autovacuum holds a snapshot of this database, no page can be tidied, whatever its room; so another attempt is allowed.
        var stayed = 0;
        for (var attempt = 0; attempt < 5 && stayed < count * 9 / 10; attempt++)
            stayed = await StayedAsync(attempt);

        Assert.True(stayed >= count * 9 / 10, $"{stayed} of {count} rows are in the page that they began in.");

        async Task<int> StayedAsync(int attempt)
        {
            var ids = new List<Guid>();
            for (var i = 0; i < count; i++)
                ids.Add(await node.StartInstanceAsync("filled", $"filled-{attempt}"));
            var places = await PagesAsync(attempt);
            for (var s = 0; s < 4; s++)
                foreach (var id in ids)
                    await node.SignalAsync(id, $"n{s}");
            return (await PagesAsync(attempt)).Intersect(places).Count();
        }

        Task<string[]> PagesAsync(int attempt) => ScalarAsync<string[]>($"select array_agg(id || ' ' || (ctid::text::point)[0]) from engine.instances where correlation_id = 'filled-{attempt}'");
    }

    private Task<long> SizeAsync() => ScalarAsync<long>("""
        select sum(pg_total_relation_size(c.oid))::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'engine' and c.relkind = 'r' and c.relname in ('instances', 'bookmarks', 'timers', 'journal', 'signals')
        """);
}
