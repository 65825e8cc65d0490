using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Talent.Workflows.Runtime.Events;

namespace Talent.Workflows.Runtime.Tests.Events;

public sealed class EventTailTests(RuntimeDatabase database) : RuntimeTest(database)
{
    private EventTail Tail => node.Services.GetRequiredService<EventTail>();

    protected override Task ArrangeAsync() => node.PublishAsync(Flows.Sequence("wait", Flows.Event("a", "go"), Flows.Event("b", "go")));

    [Fact]
    public async Task Tail_WhenAStepCommitsLate_ThenItIsReadLateButNotSkipped()
    {
        var begin = await Tail.EndAsync(default);
        var late = Guid.NewGuid();
        await using var connection = await Db.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var write = new NpgsqlCommand($"insert into engine.journal (instance_id, seq, at, entries) values ('{late}', 1, now(), '[]')", connection))
            await write.ExecuteNonQueryAsync();
        var early = await node.StartInstanceAsync("wait");

        var before = await Tail.ReadAsync(begin, 100, default);
        await transaction.CommitAsync();
        var after = await ReadAsync(before.Count == 0 ? begin : before[^1].Cursor, [late, early], limit: 100);

        Assert.DoesNotContain(before, e => e.Step.InstanceId == early);
        Assert.Equal([late, early], after);
    }

    [Fact]
    public async Task Tail_WhenReadInPages_ThenEveryStepComesOnce()
    {
        var begin = await Tail.EndAsync(default);
        var ids = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => node.StartInstanceAsync("wait")));

        var seen = await ReadAsync(begin, ids, limit: 5);

        Assert.Equal(ids.Order(), seen.Order());
    }

    [Fact]
    public async Task Cache_WhenAnotherNodeHasMovedTheInstance_ThenTheNextStepHereLoadsItInsteadOfFailingFirst()
    {
        var (here, there) = (NewNode(), NewNode());
        foreach (var one in (RuntimeNode[])[here, there, here])
            await one.Node.FollowAsync(default);
        await here.Node.FollowTailAsync(default);
        var begin = await Tail.EndAsync(default);
        var id = await here.StartInstanceAsync("wait");
        await there.SignalAsync(id, "go");
        await ReadAsync(begin, [id, id], limit: 100);
        await here.Node.FollowTailAsync(default);

        var before = here.Runtime.RoundTrips;
        await here.SignalAsync(id, "go");

        Assert.Equal(2, here.Runtime.RoundTrips - before);
    }

    [Fact]
    public async Task Watch_WhenAnotherNodeMovesTheInstance_ThenTheWaiterReturns()
    {
        var here = await NewNode().StartAsync();
        var there = await NewNode().StartAsync();
        var id = await there.StartInstanceAsync("wait");
        using var watch = here.Changes.Begin(id);
        var waiting = watch.WaitAsync(1, TimeSpan.FromSeconds(20), default);

        await there.SignalAsync(id, "go");

        Assert.True(await waiting);
    }

    [Fact]
    public async Task Watch_WhenNothingHappens_ThenTheTimeEnds()
    {
        var id = await node.StartInstanceAsync("wait");
        using var watch = node.Changes.Begin(id);

        Assert.False(await watch.WaitAsync(1, TimeSpan.FromMilliseconds(20), default));
    }

    [Fact]
    public async Task Watch_WhenTheVersionIsReachedAlready_ThenItReturnsAtOnce()
    {
        var id = await node.StartInstanceAsync("wait");
        using var watch = node.Changes.Begin(id);
        await node.SignalAsync(id, "go");

        Assert.True(await watch.WaitAsync(1, TimeSpan.FromSeconds(20), default));
    }

    [Fact]
    public async Task Watch_WhenItBeginsWhileTheNodeLooksForTheEnd_ThenWhatChangesMeanwhileIsNotMissed()
    {
        var single = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Db.ConnectionString) { MaxPoolSize = 1 });
        var here = NewNode(more: services => services.AddSingleton(_ => single));
        var id = await node.StartInstanceAsync("wait");
        await here.Node.FollowTailAsync(default);
        var connection = await single.OpenConnectionAsync();
        var following = here.Node.FollowTailAsync(default);
        using var watch = here.Changes.Begin(id);

        await node.SignalAsync(id, "go");
        await connection.DisposeAsync();
        await following;

        var seen = false;
        for (var round = 0; round < 2000 && !seen; round++)
        {
            await here.Node.FollowTailAsync(default);
            seen = await watch.WaitAsync(1, TimeSpan.FromMilliseconds(10), default);
        }
        Assert.True(seen);
    }

    /// <summary>
    /// Reads page by page until these instances have come, and returns their steps in the order of the tail. Open
    /// transactions of other databases on the server hold the tail back, so that it may also begin before the test did.
    /// </summary>
    private async Task<List<Guid>> ReadAsync(TailCursor begin, Guid[] instances, int limit)
    {
        var seen = new List<Guid>();
        for (var round = 0; round < 50_000 && seen.Count < instances.Length; round++)
            await TakeAsync();
        await TakeAsync();
        return seen;

        async Task TakeAsync()
        {
            var page = await Tail.ReadAsync(begin, limit, default);
            seen.AddRange(page.Select(e => e.Step.InstanceId).Where(instances.Contains));
            begin = page.Count > 0 ? page[^1].Cursor : begin;
        }
    }
}
