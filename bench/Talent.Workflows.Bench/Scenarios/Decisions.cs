using Npgsql;
using System.Collections.Concurrent;
using Talent.Workflows.Bench.Limits;
using Talent.Workflows.Bench.Measuring;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>Starts, review decisions and whole cases, in process, beside what PostgreSQL alone does on the same server.</summary>
internal sealed class Decisions(BenchHost host, FiveStages flow, Report report, string connectionString, TimeSpan time)
{
    private readonly ConcurrentQueue<(Guid Instance, int Stage)> waiting = new();
    private readonly Pgbench pgbench = new(connectionString, StepConnection.Settings);

    /// <summary>Prints how PostgreSQL runs the statement of a decision, with the settings of the server's own connections.</summary>
    public async Task ExplainAsync(int prepared)
    {
        var script = await ScriptAsync(prepared);
        var sql = script[(script.LastIndexOf("\\set", StringComparison.Ordinal))..];
        sql = sql[(sql.IndexOf('\n', StringComparison.Ordinal) + 1)..].Replace(":n::", "$1::", StringComparison.Ordinal).Replace(":r ::", "$2::", StringComparison.Ordinal).Replace(":client_id", "1", StringComparison.Ordinal).TrimEnd().TrimEnd(';');
        await using var connection = await host.Database.OpenConnectionAsync();
        foreach (var text in new[] { StepConnection.Settings, $"prepare step (bigint, bigint) as {sql}" })
        {
            await using var prepare = new NpgsqlCommand(text, connection);
            await prepare.ExecuteNonQueryAsync();
        }
        for (var i = 1; i <= 8; i++)
        {
            await using var explain = new NpgsqlCommand($"explain (analyze, buffers, wal, settings, costs off) execute step({i}, {i})", connection);
            await using var reader = await explain.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                if (i == 8)
                    Console.WriteLine(reader.GetString(0));
        }
    }

    /// <summary>CPU of one start and of one decision, one caller: what they cost, whatever else runs on the machine.</summary>
    public async Task CpuAsync(int operations)
    {
        // The first half of each warms code and plans.
        foreach (var (name, operation) in ((string, Func<Task>)[])[("start", StartOneAsync), ("signal", DecideOneAsync)])
        {
            CpuTime before = default;
            for (var half = 0; half < 2; half++)
            {
                await EnoughAsync(operations);
                before = await CpuTime.ReadAsync(host.Database);
                await Load.TimesAsync(1, operations, _ => operation());
            }
            var after = await CpuTime.ReadAsync(host.Database);
            report.Add(new Row($"cpu_per_{name}_process", "inprocess", 1, (after.Ours - before.Ours) * 1e6 / operations, "microseconds"));
            report.Add(new Row($"cpu_per_{name}_postgres", "inprocess", 1, (after.Postgres - before.Postgres) * 1e6 / operations, "microseconds"));
        }
    }

    public async Task<Measured> RunAsync(int prepared)
    {
        var single = await SingleRowAsync();
        report.Add(new Row("single_row_updates_per_second", null, 8, single, "per second"));

        foreach (var callers in (int[])[1, 8, 32])
            report.Add(Row.Of("starts_per_second", "inprocess", callers, await Load.ForAsync(callers, time, _ => StartOneAsync()), callers == 8 ? single : null));
        var most = (long)(time.TotalSeconds * single / 4);
        await EnoughAsync(Math.Max(most, prepared));
        var script = await ScriptAsync(prepared);
        var (ours, limits) = (new List<Figures>(), new List<double>());
        for (var round = 0; round < 3; round++)
        {
            await EnoughAsync(most);
            ours.Add(await Load.ForAsync(8, time, _ => DecideOneAsync()));
            limits.Add(await pgbench.RunAsync(script, 8, time));
        }
        var (eight, step) = (Figures.Median(ours), Figures.Median(limits));
        report.Add(Row.Of("signals_per_second", "inprocess", 8, eight, step));
        report.Add(new Row("signals_share_of_single_row_updates", "inprocess", 8, eight.PerSecond / single, "ratio") { Limit = single, Ratio = eight.PerSecond / single });
        foreach (var callers in (int[])[1, 32])
        {
            await EnoughAsync(most);
            report.Add(Row.Of("signals_per_second", "inprocess", callers, await Load.ForAsync(callers, time, _ => DecideOneAsync()), await pgbench.RunAsync(script, callers, time)));
        }

        foreach (var callers in (int[])[1, 8, 32])
            report.Add(Row.Of("cases_per_second", "inprocess", callers, await Load.ForAsync(callers, time, async _ =>
            {
                var instance = await flow.StartAsync();
                for (var stage = 1; stage <= 5; stage++)
                    await flow.DecideAsync(instance, stage);
            }), callers == 8 ? single : null));
        await CompareAsync(script);
        return new(single, step);
    }

    /// <summary>What one decision writes and asks of the database, ours beside the script's: they have to do the same work.</summary>
    private async Task CompareAsync(string script)
    {
        const int Clients = 8, Each = 250;
        await EnoughAsync(Clients * Each);
        var trips = host.Runtime.RoundTrips;
        var mine = await Written.OfAsync(host.Database, Clients * Each, () => Load.TimesAsync(Clients, Clients * Each, _ => DecideOneAsync()));
        trips = host.Runtime.RoundTrips - trips;
        var theirs = await Written.OfAsync(host.Database, Clients * Each, () => pgbench.TimesAsync(script, Clients, Each));
        report.Add(new Row("round_trips_per_signal", "inprocess", Clients, trips / (double)(Clients * Each), "hot"));
        report.Add(new Row("transactions_per_signal", "inprocess", Clients, mine.Commits, "transactions"));
        report.Add(new Row("wal_bytes_per_signal", "inprocess", Clients, mine.WalBytes, "bytes") { Limit = theirs.WalBytes, Ratio = mine.WalBytes / theirs.WalBytes });
        report.Add(new Row("rows_written_per_signal", "inprocess", Clients, mine.Rows, "rows") { Limit = theirs.Rows, Ratio = mine.Rows / theirs.Rows });
    }

    private async Task StartOneAsync() => waiting.Enqueue((await flow.StartAsync(), 1));

    /// <summary>Every decision measured closes a task and opens one: those on the last stage are left alone.</summary>
    private async Task DecideOneAsync()
    {
        if (!waiting.TryDequeue(out var next))
            throw new InvalidOperationException("The cases prepared for the measurement ran out. Prepare more of them.");
        await flow.DecideAsync(next.Instance, next.Stage);
        if (next.Stage < 4)
            waiting.Enqueue((next.Instance, next.Stage + 1));
    }

    /// <summary>Starts cases until so many decisions are possible; never inside a measurement.</summary>
    private async Task EnoughAsync(long decisions)
    {
        var possible = waiting.Sum(w => 5L - w.Stage);
        if (possible < decisions)
            await Load.TimesAsync(8, (int)((decisions - possible + 3) / 4), _ => StartOneAsync());
    }

    private async Task<double> SingleRowAsync()
    {
        await using var table = host.Database.CreateCommand("create table if not exists public.bench_single (id int primary key, value int not null) with (fillfactor = 50); insert into public.bench_single select n, 0 from generate_series(1, 10000) n on conflict do nothing; analyze public.bench_single");
        await table.ExecuteNonQueryAsync();
        var runs = new List<double>();
        for (var i = 0; i < 3; i++)
            runs.Add(await pgbench.RunAsync("\\set n random(1, 10000)\nupdate public.bench_single set value = value + 1 where id = :n;\n", 8, time));
        return Figures.Median(runs);
    }

    private async Task<string> ScriptAsync(int instances)
    {
        var id = await flow.StartAsync();
        await flow.DecideAsync(id, 1);
        var sample = host.Sample.Last!;
        await StepScript.SeedAsync(host.Database, id, FiveStages.TaskId(id, 2), instances);
        await flow.DecideAsync(id, 2);
        var states = (StateSerializer.Write(sample.State), StateSerializer.Write(host.Sample.Last!.State));
        return StepScript.Of(host.Get<StepStatement>(), sample, states, FiveStages.TaskId(id, 1), FiveStages.TaskId(id, 2), instances);
    }
}
