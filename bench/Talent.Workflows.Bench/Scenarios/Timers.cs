using System.Diagnostics;
using Npgsql;
using Talent.Workflows.Bench.Measuring;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>Many timers due at one instant: how long until the last has fired, and how late they were.</summary>
internal static class Timers
{
    private const string Definition = """
        {"id":"bench-delay-1","definitionId":"bench-delay","name":"定时","version":1,"inputs":[{"name":"Due","type":"String"}],
         "root":{"id":"s","type":"Elsa.Sequence","version":1,"activities":[
          {"id":"d","type":"Elsa.Delay","version":1,"timeSpan":{"typeName":"TimeSpan","expression":{"type":"JavaScript","value":"(Date.parse(getInput('Due')) - Date.now()) / 1000"}}},
          {"id":"e","type":"Elsa.Event","version":1,"eventName":{"typeName":"String","expression":{"type":"Literal","value":"never"}}}]}}
        """;

    public static async Task RunAsync(string connectionString, Report report, int count)
    {
        await using var host = await BenchHost.CreateAsync(connectionString);
        await host.Get<DefinitionStore>().ImportAsync(System.Text.Encoding.UTF8.GetBytes(Definition), publish: true, Actor.System, default);
        var clock = host.Get<Runtime.Timers.BusinessClock>();
        var due = clock.Now.AddSeconds(Math.Max(15, count / 400.0));
        await Load.TimesAsync(8, count, async _ => await host.Runtime.StartAsync(new StartRequest
        {
            DefinitionId = "bench-delay", Actor = Actor.System,
            Input = new Dictionary<string, System.Text.Json.JsonElement> { ["Due"] = System.Text.Json.JsonSerializer.SerializeToElement(due) },
        }, default));
        await host.RunAsync();
        var wait = due - clock.Now;
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait);
        var begun = Stopwatch.StartNew();
        while (await ScalarAsync<long>(host.Database, "select count(*) from engine.timers where due_at <= $1", due) > 0)
            await Task.Delay(20);
        var seconds = begun.Elapsed.TotalSeconds;
        await host.StopAsync();
        var worst = await ScalarAsync<double>(host.Database,
            "select coalesce(percentile_cont(0.99) within group (order by extract(epoch from j.at - $1) * 1000), 0)::float8 from engine.journal j join engine.instances i on i.id = j.instance_id where i.definition_id = 'bench-delay' and j.seq = 2", due);
        report.Add(new Row("timers_fire_all_seconds", "inprocess", null, seconds, "seconds"));
        report.Add(new Row("timer_lateness_p99_ms", "inprocess", null, worst, "milliseconds"));
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlDataSource database, string sql, DateTimeOffset at)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = at });
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
