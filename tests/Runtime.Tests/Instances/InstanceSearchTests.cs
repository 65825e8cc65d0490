using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Tests.Instances;

/// <summary>Every page of every list is what sorting all rows gives: before a count, after it, and after changes since.</summary>
public sealed class InstanceSearchTests(RuntimeDatabase database) : RuntimeTest(database)
{
    private const int Rows = 300;
    private const int Distance = 20;
    private InstanceSearch Search => new(node.Services.GetRequiredService<NpgsqlDataSource>()) { ExactUpTo = 30 };
    private InstanceMarks Marks => node.Services.GetRequiredService<InstanceMarks>();
    private InstanceRemoval Removal => node.Services.GetRequiredService<InstanceRemoval>();
    private static readonly DateTimeOffset Epoch = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Start = Epoch.AddYears(1);

    protected override async Task ArrangeAsync()
    {
        // Nothing is told of these by a journal, as of rows that a restore or another tool has written.
        await ExecuteAsync($"""
            truncate engine.instances, engine.journal, engine.list_snapshot, engine.list_marks, engine.list_counts, engine.list_blocks;
            insert into engine.instances (id, definition_id, definition_version_id, version, status, sub_status, incidents, name, created_at, updated_at, finished_at, state)
            select ('01000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, case n % 2 when 0 then 'a' else 'b' end, case n % 2 when 0 then 'a-1' else 'b-1' end, 1,
                case when ends then 1 else 0 end, case when n % 50 = 0 then 4 when ends then 3 when n % 30 = 1 then 5 else 2 end, case when n % 30 = 1 then 1 else 0 end,
                case when n % 7 <> 0 then 'n' || (n * 37 % 100) end, at, at + moved, case when ends then at + moved end, ''
            from (select n, n % 3 <> 1 as ends, timestamptz '2024-01-01Z' + n / 4 * interval '1 hour' as at, n % 11 * interval '1 day' as moved from generate_series(1, {Rows}) n) g
            """);
        await node.PublishAsync(Flows.Sequence("steps", Flows.Event("wait", "go"), Flows.Event("more", "end")));
    }

    private static readonly string[] names = ["all", "definition", "running", "finished", "faulted", "cancelled", "created", "ended", "text", "both", "definition and finished", "none"];

    [Fact]
    public async Task Find_WhenNothingIsCountedYet_ThenEveryPageIsExact() => await CheckAsync(names);

    [Fact]
    public async Task Find_WhenInstancesAreCounted_ThenEveryPageIsExact()
    {
        await Marks.RenewAsync(Epoch, Distance, default);

        await CheckAsync(names);
    }

    [Fact]
    public async Task Find_WhenInstancesHaveChangedSinceTheCount_ThenEveryPageIsExact()
    {
        var counted = await StartAsync(12);
        await Marks.RenewAsync(Epoch, Distance, default);
        await ChangeAsync(counted);

        // A combination of kinds has the total of the last count, so it isn't among them.
        await CheckAsync(names.Except(["both"]));
    }

    [Fact]
    public async Task Find_WhenTheCountGoesOnFromTheOneBefore_ThenEveryPageIsExact()
    {
        var counted = await StartAsync(12);
        await Marks.RenewAsync(Epoch, Distance, default);
        await ChangeAsync(counted);
        await Marks.RenewAsync(Epoch, Distance, default);

        await CheckAsync(names);
    }

    [Fact]
    public async Task Find_WhenWhatHadEndedBeforeTheCountGetsAStep_ThenItIsCountedOnce()
    {
        var ended = await EndedAsync();
        await Marks.RenewAsync(Epoch, 3, default);
        foreach (var id in ended.Take(4))
            await TouchAsync(id);

        await CheckAsync(names);
    }

    [Fact]
    public async Task Find_WhenWhatHasEndedSinceTheCountGetsAStep_ThenItIsCountedOnce()
    {
        node = NewNode(new RunningTime(Start));
        var counted = await StartAsync(6);
        await Marks.RenewAsync(Epoch, 3, default);
        List<Guid> ended = [.. counted.Take(4), .. (await StartAsync(3)).Take(2)];
        foreach (var id in ended)
            await EndAsync(id);
        foreach (var id in ended)
            await TouchAsync(id);

        await CheckAsync(names.Except(["both"]));
        Assert.True(await Removal.RemoveAsync(ended[0], RuntimeNode.Tester, default));
        Assert.True(await Removal.RemoveAsync(ended[^1], RuntimeNode.Tester, default));
        await CheckAsync(names.Except(["both"]));
    }

    [Fact]
    public async Task Remove_WhenWhatHadEndedBeforeTheCountHasGotAStep_ThenItIsTakenOutOfTheCount()
    {
        var ended = await EndedAsync();
        await Marks.RenewAsync(Epoch, 3, default);
        await TouchAsync(ended[0]);
        await TouchAsync(ended[3]);
        await TouchAsync(ended[5]);
        Assert.True(await Removal.RemoveAsync(ended[0], RuntimeNode.Tester, default));
        Assert.True(await Removal.RemoveAsync(ended[3], RuntimeNode.Tester, default));

        await CheckAsync(names);
    }

    [Fact]
    public async Task Count_WhenAnInstanceIsBeingRemoved_ThenItWaitsAndDoesNotCountIt()
    {
        var started = await StartAsync(1);
        await using var connection = await Db.DataSource.OpenConnectionAsync();
        await using var removal = await connection.BeginTransactionAsync();
        await InstanceMarks.HoldAsync(connection, default);

        var counting = Marks.RenewAsync(Epoch, 1, default);
        while (!counting.IsCompleted && await ScalarAsync<long>("select count(*) from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())") == 0)
            await Task.Yield();
        await using (var delete = new NpgsqlCommand($"delete from engine.journal where instance_id = '{started[0]}'; delete from engine.instances where id = '{started[0]}'", connection))
            await delete.ExecuteNonQueryAsync();
        await removal.CommitAsync();
        await counting;

        Assert.Equal(Rows, await ScalarAsync<long>("select max(counted) from engine.list_marks where list = 'all'"));
        await CheckAsync(["all"]);
    }

    [Fact]
    public async Task Remove_WhenACountIsBeingTaken_ThenItWaits()
    {
        var started = await StartAsync(1);
        await using var counting = await Db.DataSource.OpenConnectionAsync();
        await using (var hold = new NpgsqlCommand("select pg_advisory_lock(x'6C69737473'::bigint)", counting))
            await hold.ExecuteNonQueryAsync();

        var removing = Removal.RemoveAsync(started[0], RuntimeNode.Tester, default);
        while (!removing.IsCompleted && await ScalarAsync<long>("select count(*) from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())") == 0)
            await Task.Yield();

        Assert.Equal(1, await ScalarAsync<long>($"select count(*) from engine.instances where id = '{started[0]}'"));
        await using (var release = new NpgsqlCommand("select pg_advisory_unlock_all()", counting))
            await release.ExecuteNonQueryAsync();
        Assert.True(await removing);
    }

    [Fact]
    public async Task Renew_WhenTheLastCountTookLong_ThenItIsNotDueSoon()
    {
        await Marks.RenewIfDueAsync(Epoch, default);
        await ExecuteAsync("update engine.list_snapshot set took = interval '2 seconds'");

        await Marks.RenewIfDueAsync(Epoch.AddSeconds(199), default);
        var first = await ScalarAsync<DateTime>("select at from engine.list_snapshot");
        await Marks.RenewIfDueAsync(Epoch.AddSeconds(200), default);
        var second = await ScalarAsync<DateTime>("select at from engine.list_snapshot");

        Assert.Equal((Epoch.UtcDateTime, Epoch.AddSeconds(200).UtcDateTime), (first, second));
    }

    [Fact]
    public async Task Find_WhenAListOfConditionsIsEmpty_ThenNothingFits()
    {
        foreach (var query in (InstanceSearchQuery[])[new() { Ids = [] }, new() { DefinitionIds = [] }, new() { DefinitionVersionIds = [] }, new() { CorrelationIds = [] }, new() { Statuses = [] }, new() { SubStatuses = [] }])
        {
            Assert.Equal(0, (await Search.FindAsync(query, default)).Total);
            Assert.Empty(await Search.IdsAsync(query, 10, default));
        }
    }

    private async Task<List<Guid>> StartAsync(int count)
    {
        var started = new List<Guid>();
        for (var n = 0; n < count; n++)
            started.Add((await node.Runtime.StartAsync(new StartRequest { DefinitionId = "steps", Name = n % 3 == 0 ? null : $"n{n * 7}", Actor = RuntimeNode.Tester }, default)).InstanceId);
        return started;
    }

    /// <summary>Instances that have ended, by a clock that no two steps share an instant of.</summary>
    private async Task<List<Guid>> EndedAsync()
    {
        node = NewNode(new RunningTime(Start));
        var ended = await StartAsync(9);
        foreach (var id in ended)
            await EndAsync(id);
        return ended;
    }

    private async Task EndAsync(Guid id)
    {
        await node.SignalAsync(id, "go");
        await node.SignalAsync(id, "end");
    }

    /// <summary>A step of the domain's alone, as a letter of an ended case is issued again.</summary>
    private async Task TouchAsync(Guid id) =>
        Assert.True((await node.Runtime.ApplyAsync(new StepRequest { InstanceId = id, Actor = RuntimeNode.Tester }, default)).Applied);

    /// <summary>Starts, steps, ends and removals, of what was counted and of what is new.</summary>
    private async Task ChangeAsync(List<Guid> counted)
    {
        var fresh = await StartAsync(9);
        List<Guid> both = [.. counted, .. fresh];
        for (var n = 0; n < both.Count; n++)
        {
            if (n % 2 == 0)
                await node.SignalAsync(both[n], "go");
            if (n % 4 == 0)
                await node.SignalAsync(both[n], "end");
            if (n % 5 == 0)
                Assert.True(await Removal.RemoveAsync(both[n], RuntimeNode.Tester, default));
        }
        await node.Runtime.CancelAsync(both[^2], "enough", RuntimeNode.Tester, default);
        // One that ended before the count.
        await ExecuteAsync("update engine.instances set state = (select state from engine.instances where definition_id = 'steps' and status = 1 limit 1) where id = '01000000-0000-7000-8000-000000000065'");
        Assert.True(await Removal.RemoveAsync(new Guid("01000000-0000-7000-8000-000000000065"), RuntimeNode.Tester, default));
    }

    private async Task CheckAsync(IEnumerable<string> lists)
    {
        var rows = await RowsAsync();
        foreach (var list in lists)
            await CheckAsync(list, rows);
    }

    private async Task CheckAsync(string list, List<Row> rows)
    {
        var (query, fits) = Filter(list);
        var kept = rows.Where(fits).ToList();
        foreach (var order in Enum.GetValues<InstanceOrder>())
            foreach (var descending in (bool[])[true, false])
            {
                var expected = Sorted(kept, order, descending, query).Select(r => r.Id).ToList();
                var found = new List<Guid>();
                var take = list is "all" or "finished" or "running" ? 37 : 120;
                for (var skip = 0; skip <= expected.Count; skip += take)
                {
                    var page = await Search.FindAsync(query with { Order = order, Descending = descending, Skip = skip, Take = take }, default);
                    found.AddRange(page.Items.Select(i => i.Instance.Id));
                    Assert.True(page.Total == expected.Count, $"{list} by {order}: {page.Total} in all, not {expected.Count}");
                }
                Assert.True(expected.SequenceEqual(found), $"{list} by {order}, {(descending ? "descending" : "ascending")}: {string.Join(' ', expected.Zip(found).Select((p, i) => (p, i)).Where(x => x.p.First != x.p.Second).Take(3))} of {expected.Count}, {found.Count} found");
            }
    }

    private static (InstanceSearchQuery Query, Func<Row, bool> Fits) Filter(string list) => list switch
    {
        "all" => (new(), _ => true),
        "definition" => (new() { DefinitionIds = ["a"] }, r => r.Definition == "a"),
        "running" => (new() { Statuses = [WorkflowStatus.Running] }, r => r.Status == 0),
        "finished" => (new() { Statuses = [WorkflowStatus.Finished] }, r => r.Status == 1),
        "faulted" => (new() { SubStatuses = [WorkflowSubStatus.Faulted] }, r => r.SubStatus == 5),
        "cancelled" => (new() { SubStatuses = [WorkflowSubStatus.Cancelled] }, r => r.SubStatus == 4),
        "created" => (new() { Instants = [new(InstantColumn.CreatedAt, ">", Epoch.AddHours(10)), new(InstantColumn.CreatedAt, "<=", Epoch.AddHours(60))] }, r => r.Created > Epoch.AddHours(10) && r.Created <= Epoch.AddHours(60)),
        "ended" => (new() { Instants = [new(InstantColumn.FinishedAt, ">=", Epoch.AddDays(3)), new(InstantColumn.FinishedAt, "<", Epoch.AddDays(9))] }, r => r.Finished >= Epoch.AddDays(3) && r.Finished < Epoch.AddDays(9)),
        "text" => (new() { Text = "n1" }, r => r.Name?.Contains("n1", StringComparison.Ordinal) == true),
        "both" => (new() { Statuses = [WorkflowStatus.Running, WorkflowStatus.Finished], HasIncidents = false }, r => r.Incidents == 0),
        "definition and finished" => (new() { DefinitionIds = ["b"], Statuses = [WorkflowStatus.Finished] }, r => r.Definition == "b" && r.Status == 1),
        _ => (new() { Ids = [] }, _ => false),
    };

    private static IEnumerable<Row> Sorted(List<Row> rows, InstanceOrder order, bool descending, InstanceSearchQuery query)
    {
        var ascending = order switch
        {
            InstanceOrder.Name => rows.OrderBy(r => r.Name is null).ThenBy(r => r.Name, StringComparer.Ordinal).ThenBy(r => r.Id),
            InstanceOrder.LastExecuted => rows.OrderBy(r => r.Updated).ThenBy(r => r.Id),
            // What runs comes last, whichever way.
            InstanceOrder.Finished => rows.OrderBy(r => r.Finished is null != descending).ThenBy(r => r.Finished).ThenBy(r => r.Id),
            _ when query.Instants.Any(i => i.Column == InstantColumn.CreatedAt) => rows.OrderBy(r => r.Created).ThenBy(r => r.Id),
            _ => rows.OrderBy(r => r.Id),
        };
        return descending ? ascending.Reverse() : ascending;
    }

    private async Task<List<Row>> RowsAsync()
    {
        var rows = new List<Row>();
        await using var command = Db.DataSource.CreateCommand("select id, definition_id, status, sub_status, incidents, name, created_at, updated_at, finished_at from engine.instances");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            rows.Add(new Row(reader.GetGuid(0), reader.GetString(1), reader.GetInt16(2), reader.GetInt16(3), reader.GetInt32(4), reader.IsDBNull(5) ? null : reader.GetString(5),
                reader.GetFieldValue<DateTimeOffset>(6), reader.GetFieldValue<DateTimeOffset>(7), reader.IsDBNull(8) ? null : reader.GetFieldValue<DateTimeOffset>(8)));
        return rows;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = Db.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private sealed record Row(Guid Id, string Definition, short Status, short SubStatus, int Incidents, string? Name, DateTimeOffset Created, DateTimeOffset Updated, DateTimeOffset? Finished);
}
