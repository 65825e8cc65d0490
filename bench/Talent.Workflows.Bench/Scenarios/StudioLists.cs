using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Talent.Workflows.Bench.Measuring;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>What administrators wait for in Studio: pages of a very long list of instances, and of a very long journal.</summary>
internal sealed class StudioLists(ServerProcess server, NpgsqlDataSource database, Report report)
{
    private const double MostMs = 100;
    private const int PerPage = 10;
    private const int JournalPage = 110;

    public async Task RunAsync(int instances, int executions)
    {
        await server.PostAsync("/api/v1/workflows/definitions?publish=true", null, Waiting("bench-list"));
        await SeedAsync(instances);
        foreach (var (name, query) in Queries())
            foreach (var (page, at) in ((string, double)[])[("first", 0), ("middle", 0.5), ("last", 1)])
                await ListAsync(name, query, page, at);
        await JournalAsync(executions);
    }

    /// <summary>What people look for, as Studio sends it.</summary>
    private static IEnumerable<(string Name, JsonObject Query)> Queries()
    {
        yield return ("all", new JsonObject());
        yield return ("definition", new JsonObject { ["definitionIds"] = new JsonArray("bench-list") });
        yield return ("running", new JsonObject { ["statuses"] = new JsonArray("Running") });
        yield return ("finished", new JsonObject { ["statuses"] = new JsonArray("Finished") });
        yield return ("faulted", new JsonObject { ["subStatuses"] = new JsonArray("Faulted") });
        yield return ("cancelled", new JsonObject { ["subStatuses"] = new JsonArray("Cancelled") });
        yield return ("definition_finished", new JsonObject { ["definitionIds"] = new JsonArray("bench-list"), ["statuses"] = new JsonArray("Finished") });
        foreach (var order in (string[])["LastExecuted", "Finished", "Name"])
            foreach (var direction in (string[])["Descending", "Ascending"])
                yield return ($"by_{order.ToLowerInvariant()}_{direction.ToLowerInvariant()}", new JsonObject { ["orderBy"] = order, ["orderDirection"] = direction });
        yield return ("running_by_lastexecuted", new JsonObject { ["statuses"] = new JsonArray("Running"), ["orderBy"] = "LastExecuted" });
        yield return ("text", new JsonObject { ["searchTerm"] = "第777号" });
        yield return ("created_since", new JsonObject { ["timestampFilters"] = new JsonArray(Instant("CreatedAt", "GreaterThan", "2025-06-01T00:00:00+08:00")) });
        yield return ("finished_between", new JsonObject
        {
            ["orderBy"] = "Finished",
            ["timestampFilters"] = new JsonArray(Instant("FinishedAt", "GreaterThanOrEqual", "2025-01-01T00:00:00+08:00"), Instant("FinishedAt", "LessThan", "2026-01-01T00:00:00+08:00")),
        });
    }

    private static JsonObject Instant(string column, string comparison, string instant) => new() { ["column"] = column, ["operator"] = comparison, ["timestamp"] = instant };

    private async Task ListAsync(string name, JsonObject query, string page, double at)
    {
        var total = (await FindAsync(query, 0)).GetProperty("totalCount").GetInt64();
        var pages = (total + PerPage - 1) / PerPage;
        var wanted = Math.Max(0, (long)(at * (pages - 1)));
        var times = new List<double>();
        for (var i = 0; i < 12; i++)
        {
            var clock = Stopwatch.GetTimestamp();
            await FindAsync(query, wanted);
            times.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
        }
        // The first two warm plans and pages.
        Add($"elsa_instance_list_ms:{name}:{page}", times[2..]);
    }

    private Task<JsonElement> FindAsync(JsonObject query, long page)
    {
        var body = query.DeepClone().AsObject();
        (body["page"], body["pageSize"]) = (page, PerPage);
        return server.PostAsync("/elsa/api/workflow-instances", null, body);
    }

    private async Task JournalAsync(int executions)
    {
        var ids = new List<string>();
        // The first one warms the code, so that the others' first pages tell what reading them costs.
        foreach (var signals in (int[])[50, executions / 4, executions / 4, executions / 4])
        {
            var id = (await server.PostAsync("/api/v1/workflows/bench-list/start", null, new JsonObject())).GetProperty("id").GetString()!;
            for (var i = 0; i < signals; i++)
                await server.PostAsync($"/api/v1/workflows/instances/{id}/signals", null, new JsonObject { ["signalId"] = $"s{i}", ["name"] = "go" });
            ids.Add(id);
            if (ids.Count == 1)
                await PageAsync(id, 0);
        }
        var total = 0L;
        var unread = new List<double>();
        foreach (var id in ids[1..])
        {
            var began = Stopwatch.GetTimestamp();
            total = (await PageAsync(id, 0)).GetProperty("totalCount").GetInt64();
            unread.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        Add("elsa_journal_page_ms:unread", unread);
        Report.Note($"the journal has {total:N0} lines");
        foreach (var (page, skip) in ((string, long)[])[("first", 0), ("middle", total / 2), ("last", Math.Max(0, total - JournalPage))])
        {
            var times = new List<double>();
            for (var i = 0; i < 12; i++)
            {
                var clock = Stopwatch.GetTimestamp();
                await PageAsync(ids[1], skip);
                times.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
            }
            Add($"elsa_journal_page_ms:{page}", times[2..]);
        }
    }

    private Task<JsonElement> PageAsync(string id, long skip) =>
        server.PostAsync($"/elsa/api/workflow-instances/{id}/journal?skip={skip.ToString(CultureInfo.InvariantCulture)}&take={JournalPage}", null,
            new JsonObject { ["filter"] = new JsonObject { ["excludedActivityTypes"] = new JsonArray("Elsa.Workflow", "Elsa.Flowchart") } });

    private void Add(string metric, List<double> times)
    {
        times.Sort();
        var worst = times[^1];
        report.Add(new Row(metric, "http", 1, worst, "ms (worst)") { P50Ms = times[times.Count / 2], P95Ms = times[(int)((times.Count - 1) * 0.95)], P99Ms = worst, Limit = MostMs, Ratio = worst / MostMs });
    }

    /// <summary>Instances of two years: nine in ten have ended, a few were cancelled or have failed; rows as the server writes them.</summary>
    private async Task SeedAsync(int instances)
    {
        var sample = (await server.PostAsync("/api/v1/workflows/bench-list/start", null, new JsonObject())).GetProperty("id").GetString()!;
        await using var seed = database.CreateCommand($"""
            insert into engine.instances (id, definition_id, definition_version_id, version, status, sub_status, incidents, correlation_id, name, created_at, updated_at, finished_at, chain_hash, state)
            select (substr(hex, 1, 8) || '-' || substr(hex, 9, 4) || '-7' || substr(md5(n::text), 1, 3) || '-8' || substr(md5(n::text), 4, 3) || '-' || substr(md5(n::text), 8, 12))::uuid, s.definition_id, s.definition_version_id, 3,
                case when n % 10 = 0 then 0 else 1 end, case when n % 1000 = 0 then 5 when n % 10 = 0 then 2 when n % 5003 = 0 then 4 else 3 end, case when n % 1000 = 0 then 1 else 0 end,
                null, '申报第' || n || '号', to_timestamp(at / 1000.0), to_timestamp(at / 1000.0) + interval '1 day' * (n % 30), case when n % 10 = 0 then null else to_timestamp(at / 1000.0) + interval '1 day' * (n % 30) end, s.chain_hash, s.state
            from engine.instances s, (select n, at, lpad(to_hex(at), 12, '0') as hex from (select n, 1730000000000 + n * 60000::bigint as at from generate_series(1, {instances}) n) t) g where s.id = '{sample}'
            """);
        seed.CommandTimeout = 1200;
        await seed.ExecuteNonQueryAsync();
        await using var tidy = database.CreateCommand("vacuum analyze engine.instances");
        tidy.CommandTimeout = 1200;
        await tidy.ExecuteNonQueryAsync();
        var clock = Stopwatch.GetTimestamp();
        await new InstanceMarks(database).RenewAsync(TimeProvider.System.GetUtcNow(), InstanceMarks.Distance, default);
        Report.Note($"counting {instances:N0} instances took {Stopwatch.GetElapsedTime(clock).TotalSeconds:N1} s");
    }

    private static JsonObject Waiting(string id) => new()
    {
        ["definitionId"] = id, ["name"] = "列表",
        ["root"] = new JsonObject
        {
            ["id"] = "loop", ["type"] = "Elsa.While", ["version"] = 1, ["condition"] = Expression("Boolean", "Literal", "true"),
            ["body"] = new JsonObject
            {
                ["id"] = "turn", ["type"] = "Elsa.Sequence", ["version"] = 1,
                ["activities"] = new JsonArray(
                    new JsonObject { ["id"] = "wait", ["type"] = "Elsa.Event", ["version"] = 1, ["eventName"] = Expression("String", "Literal", "go") },
                    new JsonObject { ["id"] = "one", ["type"] = "Elsa.WriteLine", ["version"] = 1, ["text"] = Expression("String", "Literal", "1") },
                    new JsonObject { ["id"] = "two", ["type"] = "Elsa.WriteLine", ["version"] = 1, ["text"] = Expression("String", "Literal", "2") }),
            },
        },
    };

    private static JsonObject Expression(string typeName, string type, string value) =>
        new() { ["typeName"] = typeName, ["expression"] = new JsonObject { ["type"] = type, ["value"] = value } };
}
