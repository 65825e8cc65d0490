using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Talent.Workflows.Bench.Limits;
using Talent.Workflows.Bench.Measuring;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>The five-stage approval through the API of a server process, which delivers the messages meanwhile.</summary>
internal sealed class OverHttp(ServerProcess server, Report report, Measured? limits, TimeSpan time)
{
    private readonly ConcurrentQueue<(Guid Instance, int Stage)> waiting = new();
    private readonly JsonNode input = JsonSerializer.SerializeToNode(new { input = FiveStages.Input })!;

    public async Task RunAsync(NpgsqlDataSource database)
    {
        await using (var directory = database.CreateCommand(FiveStages.Directory))
            await directory.ExecuteNonQueryAsync();
        await server.PostAsync("/api/v1/workflows/definitions?publish=true", null, JsonNode.Parse(FiveStages.Definition()));

        foreach (var callers in (int[])[1, 8, 32])
            report.Add(Row.Of("starts_per_second", "http", callers, await Load.ForAsync(callers, time, _ => StartOneAsync()), callers == 8 ? limits?.SingleRow : null));
        foreach (var callers in (int[])[1, 8, 32])
        {
            await EnoughAsync((long)(time.TotalSeconds * 3_000));
            report.Add(Row.Of("signals_per_second", "http", callers, await Load.ForAsync(callers, time, _ => DecideOneAsync()), callers == 8 ? limits?.Step : null));
        }
        foreach (var callers in (int[])[1, 8, 32])
            report.Add(Row.Of("cases_per_second", "http", callers, await Load.ForAsync(callers, time, async _ =>
            {
                var instance = await StartAsync();
                for (var stage = 1; stage <= 5; stage++)
                    await DecideAsync(instance, stage);
            }), callers == 8 ? limits?.SingleRow : null));
    }

    private async Task<Guid> StartAsync() =>
        (await server.PostAsync($"/api/v1/workflows/{FiveStages.DefinitionId}/start", "u-bench", input.DeepClone())).GetProperty("id").GetGuid();

    private async Task DecideAsync(Guid instance, int stage) =>
        await server.PostAsync($"/api/v1/tasks/{FiveStages.TaskId(instance, stage)}/decide", "u-bench", new JsonObject { ["outcome"] = "approve" });

    private async Task StartOneAsync() => waiting.Enqueue((await StartAsync(), 1));

    private async Task DecideOneAsync()
    {
        if (!waiting.TryDequeue(out var next))
            throw new InvalidOperationException("The cases prepared for the measurement ran out. Prepare more of them.");
        await DecideAsync(next.Instance, next.Stage);
        if (next.Stage < 4)
            waiting.Enqueue((next.Instance, next.Stage + 1));
    }

    private async Task EnoughAsync(long decisions)
    {
        var possible = waiting.Sum(w => 5L - w.Stage);
        if (possible < decisions)
            await Load.TimesAsync(8, (int)((decisions - possible + 3) / 4), _ => StartOneAsync());
    }
}
