using System.Globalization;
using Npgsql;
using Xunit.Abstractions;

namespace Talent.Workflows.Server.Tests.Crash;

/// <summary>Another calendar arrives while many deadlines are open, and the server that computes them again is killed again and again.</summary>
[Collection(CrashSettings.Name)]
public sealed class CalendarKilledTests(ITestOutputHelper output)
{
    private const string Revised = "select count(*) from approvals.calendar_revisions";

    [Fact]
    public async Task Calendar_WhenTheServerIsKilledWhileItComputesAgain_ThenEachDeadlineMovesOnceAndIsToldOnce_R_REV_4()
    {
        var random = new Random(CrashSettings.Seed);
        using var folder = new TemporaryFolder();
        var postgresFolder = Path.Combine(folder.Path, "postgres");
        await TestServer.PrepareAsync(postgresFolder);
        await using var postgres = await TestServer.StartDurableAsync(postgresFolder);
        await using var database = NpgsqlDataSource.Create(postgres.ConnectionString);
        var content = CopyContent(folder.Path);
        await using var node = new Node(new Dictionary<string, string>(CrashSettings.For(Path.Combine(folder.Path, "data"), postgres.ConnectionString)) { ["Talent__WorkflowsDir"] = content });
        try
        {
            await node.StartAsync();
            var caller = new PatientCaller([node], new Ledger(), CrashSettings.Seed);
            var stay = await FileAsync(caller, CrashSettings.Rounds);
            await caller.ChangeAsync("/dev/clock", """{"by":"3wd"}""");
            var move = await FileAsync(caller, 5 * CrashSettings.Rounds);
            var due = await DueAsync(database, move[0]);
            Assert.All(await Task.WhenAll(move.Select(id => DueAsync(database, id))), at => Assert.Equal(due, at));
            Assert.All(await Task.WhenAll(stay.Select(id => DueAsync(database, id))), at => Assert.True(at < due));
            Assert.Equal(0, await node.StopAsync());

            // The last day of the later ones becomes a day off.
            var lastDay = DateOnly.FromDateTime(due.AddTicks(-1).ToOffset(TimeSpan.FromHours(8)).DateTime);
            await File.WriteAllTextAsync(Path.Combine(content, "calendars", "region-119900.json"),
                string.Create(CultureInfo.InvariantCulture, $$"""{ "region": "119900", "daysOff": [ { "name": "地方节日", "from": "{{lastDay:yyyy-MM-dd}}", "to": "{{lastDay:yyyy-MM-dd}}" } ], "makeUpWorkdays": [] }"""));
            var all = (Guid[])[.. stay, .. move];
            var kills = 0;
            for (long done = 0; kills < CrashSettings.Rounds && done < all.Length - 1; kills++)
                done = await KillAfterAsync(node, database, done + random.Next(1, (int)(all.Length - 1 - done) / (CrashSettings.Rounds - kills) + 1));
            Assert.True(kills > 1, $"The server was killed {kills} times.");
            await node.StartAsync();
            await UntilAsync(database, all.Length, Revised);
            await UntilAsync(database, 0, "select count(*) from engine.outbox");

            var moved = await DueAsync(database, move[0]);
            Assert.True(moved > due);
            Assert.All(await Task.WhenAll(move.Select(id => DueAsync(database, id))), at => Assert.Equal(moved, at));
            foreach (var (what, ids, each, sql) in ((string, Guid[], long, string)[])
            [
                ("revisions", all, 1, "select count(*) from approvals.audit where case_id = $1 and action = 'calendar.revised'"),
                ("changes", move, 1, "select count(*) from approvals.deadline_changes where case_id = $1"),
                ("changes of what stays", stay, 0, "select count(*) from approvals.deadline_changes where case_id = $1"),
                ("messages", move, 1, "select count(distinct id) from approvals.messages where case_id = $1 and event = 'deadline.moved' and state in ('sent', 'no_address')"),
                ("messages of what stays", stay, 0, "select count(*) from approvals.messages where case_id = $1 and event = 'deadline.moved'"),
                ("recipients told twice", move, 0, "select count(*) from (select recipient, channel from approvals.messages where case_id = $1 and event = 'deadline.moved' group by 1, 2 having count(*) > 1) m"),
            ])
                foreach (var id in ids)
                    Assert.Equal((what, id, each), (what, id, await CountAsync(database, sql, id)));
            Assert.Equal(0, await node.StopAsync());
            output.WriteLine($"seed {CrashSettings.Seed}: {move.Length} of {all.Length} deadlines moved, the server killed {kills} times");
        }
        catch (Exception failure) when (failure is not Xunit.Sdk.XunitException)
        {
            throw CrashSettings.Explain(failure, node);
        }
    }

    /// <summary>Starts the server and kills it as soon as so many cases are done: whatever it was at is cut off.</summary>
    /// <returns>How many cases are done.</returns>
    private static async Task<long> KillAfterAsync(Node node, NpgsqlDataSource database, long after)
    {
        node.Begin();
        for (var started = TimeProvider.System.GetTimestamp(); await CountAsync(database, Revised) < after; await Task.Delay(1))
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromMinutes(2), $"The server hasn't computed {after} cases again.");
        await node.KillAsync();
        return await CountAsync(database, Revised);
    }

    private static async Task<Guid[]> FileAsync(PatientCaller caller, int count)
    {
        // Ten o'clock of a working day, whatever time and day it is.
        var now = (await caller.ReadAsync("/dev/clock")).Is(200).Json.GetProperty("local").GetDateTimeOffset();
        if (now.Hour != 10)
        {
            await caller.ChangeAsync("/dev/clock", new { to = new DateTimeOffset(now.Date.AddDays(1).AddHours(10), TimeSpan.FromHours(8)) });
            await caller.ChangeAsync("/dev/clock", """{"by":"1wd"}""");
        }
        var (load, filed) = (new CaseLoad(caller, new Ledger()), new List<Guid>());
        for (var i = 0; i < count; i++)
            filed.Add((await load.FileAsync()).Id);
        return [.. filed];
    }

    private static string CopyContent(string folder)
    {
        var (source, target) = (Path.Combine(Repository.Root, "workflows"), Path.Combine(folder, "workflows"));
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        return target;
    }

    private static async Task UntilAsync(NpgsqlDataSource database, long expected, string sql)
    {
        var started = TimeProvider.System.GetTimestamp();
        for (long found; (found = await CountAsync(database, sql)) != expected; await Task.Delay(5))
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromMinutes(2), $"{found} instead of {expected}: {sql}");
    }

    private static async Task<DateTimeOffset> DueAsync(NpgsqlDataSource database, Guid id)
    {
        await using var command = database.CreateCommand("select due_at from approvals.tasks where case_id = $1 and status < 2");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync())!, TimeSpan.Zero);
    }

    private static async Task<long> CountAsync(NpgsqlDataSource database, string sql, Guid? id = null)
    {
        await using var command = database.CreateCommand(sql);
        if (id is { } of)
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = of });
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
