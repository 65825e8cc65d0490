using Npgsql;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Signals;

namespace Talent.Workflows.Runtime.Tests.Storage;

public sealed class DatabaseLossTests(RuntimeDatabase database) : RuntimeTest(database)
{
    private const int Signals = 60;

    /// <summary>Line 1: bookmark and state never disagree, whatever instant the connection dies at.</summary>
    [Fact]
    public async Task Step_WhenConnectionsAreCutAtAnyInstant_ThenEachSignalIsAppliedOnceAndRowsAgree()
    {
        await node.PublishAsync(Flows.Sequence("long", [.. Enumerable.Range(0, Signals + 1).Select(i => Flows.Event($"e{i}", "go"))]));
        var ids = new List<Guid>();
        for (var i = 0; i < 6; i++)
            ids.Add(await node.StartInstanceAsync("long"));
        using var done = new CancellationTokenSource();
        var cuts = CutAsync(done.Token);

        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (id, _) =>
        {
            for (var s = 0; s < Signals; s++)
                Assert.Equal(SignalOutcome.Applied, await SendUntilAnsweredAsync(id, $"s{s}"));
        });
        await done.CancelAsync();

        Assert.True(await cuts > 0, "No connection was cut.");
        foreach (var id in ids)
        {
            var record = await SurviveAsync(() => node.ReadAsync(id));
            Assert.Equal(1 + Signals, record.Version);
            Assert.Equal($"e{Signals}", Assert.Single(record.State.Bookmarks).ActivityId);
            Assert.Equal(record.State.Bookmarks[0].Id, await ScalarAsync<Guid>($"select id from engine.bookmarks where instance_id = '{id}'"));
            Assert.Equal((long)Signals, await ScalarAsync<long>($"select count(*) from engine.signals where instance_id = '{id}' and outcome = 0"));
            Assert.Equal(1L + Signals, await ScalarAsync<long>($"select count(*) from engine.journal where instance_id = '{id}'"));
        }
        Assert.Equal(WorkflowStatus.Running, (await node.ReadAsync(ids[0])).State.Status);
    }

    private Task<SignalOutcome> SendUntilAnsweredAsync(Guid id, string signalId) =>
        SurviveAsync(async () => (await node.SignalAsync(id, "go", signalId)).Outcome);

    private static async Task<T> SurviveAsync<T>(Func<Task<T>> send)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await send();
            }
            catch (Exception e) when (attempt < 200 && e is NpgsqlException or WorkflowException { Code: ErrorCodes.Unavailable })
            {
                await Task.Yield();
            }
        }
    }

    /// <summary>Cuts all connections of the node again and again, at whatever they are doing; between, it has the time to open them anew.</summary>
    private async Task<int> CutAsync(CancellationToken cancellationToken)
    {
        await using var connection = await Db.DataSource.OpenConnectionAsync(CancellationToken.None);
        await using var cut = new NpgsqlCommand("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()", connection);
        var random = new Random(20260302);
        var total = 0L;
        while (!cancellationToken.IsCancellationRequested)
        {
            total += (long)(await cut.ExecuteScalarAsync(CancellationToken.None))!;
            await Task.Delay(random.Next(150, 600), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return (int)total;
    }
}
