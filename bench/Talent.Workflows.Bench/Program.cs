using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Bench;
using Talent.Workflows.Bench.Limits;
using Talent.Workflows.Bench.Measuring;
using Talent.Workflows.Bench.Scenarios;
using Talent.Workflows.Runtime.EmbeddedPostgres;

// ./dev bench [--quick] [--only decisions|http|flagship|waiting|flatness|timers|start|studio|inbox|materials|people|eligibility|batch] [--explain|--cpu] [--statements]
var quick = args.Contains("--quick");
var statements = args.Contains("--statements");
var only = args.SkipWhile(a => a != "--only").Skip(1).FirstOrDefault();
var time = TimeSpan.FromSeconds(quick ? 2 : 8);
var root = new DirectoryInfo(Environment.CurrentDirectory);
while (root is not null && !File.Exists(Path.Combine(root.FullName, "Talent.Workflows.sln")))
    root = root.Parent;
var home = root?.FullName ?? Environment.CurrentDirectory;
Environment.CurrentDirectory = home;

var folder = Path.Combine(Path.GetTempPath(), $"talent-bench-{Environment.ProcessId}");
await using var server = await EmbeddedPostgresServer.StartAsync(new EmbeddedPostgresOptions
{
    DataDirectory = Path.Combine(folder, "postgres"),
    // Counting costs the statements some of their speed: only when asked for.
    ServerSettings = statements ? new Dictionary<string, string> { ["shared_preload_libraries"] = "pg_stat_statements", ["pg_stat_statements.track_planning"] = "on" } : new Dictionary<string, string>(),
}, NullLogger.Instance, default);
var report = new Report();
Measured? limits = null;
try
{
    Console.WriteLine($"{Environment.ProcessorCount} processors, PostgreSQL {server.MajorVersion}, fsync on, .NET {Environment.Version}. Messages are written in every step and delivered afterwards.");
    Report.Head();
    if (only is null or "decisions")
        await In("decisions", async connection =>
        {
            await using var host = await BenchHost.CreateAsync(connection, ("CachedInstances", "100000"), ("CachedBytes", $"{1L << 30}"));
            var flow = new FiveStages(host);
            await flow.PrepareAsync();
            var decisions = new Decisions(host, flow, report, connection, time);
            if (args.Contains("--explain"))
                await decisions.ExplainAsync(2_000);
            else if (args.Contains("--cpu"))
                await decisions.CpuAsync(quick ? 4_000 : 20_000);
            else
                limits = await decisions.RunAsync(quick ? 2_000 : 20_000);
        });
    if (only is null or "http")
        await In("http", async connection =>
        {
            await using var running = await ServerProcess.StartAsync(connection, Path.Combine(folder, "http"));
            await using var database = NpgsqlDataSource.Create(connection);
            await new OverHttp(running, report, limits, time).RunAsync(database);
        });
    if (only is null or "flagship")
        await In("flagship", async connection =>
        {
            await using var running = await ServerProcess.StartAsync(connection, Path.Combine(folder, "flagship"));
            await new Flagship(running, report, ApprovalContent.Load(Path.Combine(home, "workflows"), TimeProvider.System)).RunAsync(quick ? 16 : 200);
        });
    if (only is null or "waiting")
        await In("waiting", connection => Waiting.BytesAsync(connection, report, quick ? 1_000 : 10_000));
    if (only is null or "flatness")
        await In("flatness", connection => Waiting.FlatnessAsync(connection, report, 1_000, quick ? 5_000 : 100_000, 500));
    if (only is null or "timers")
        await In("timers", connection => Timers.RunAsync(connection, report, quick ? 1_000 : 10_000));
    if (only is null or "start")
        await ColdStart.RunAsync(report, Path.Combine(folder, "start"), quick ? 1 : 5);
    if (only is null or "studio")
        await In("studio", async connection =>
        {
            await using var running = await ServerProcess.StartAsync(connection, Path.Combine(folder, "studio"));
            await using var database = NpgsqlDataSource.Create(connection);
            await new StudioLists(running, database, report).RunAsync(quick ? 50_000 : 1_000_000, quick ? 1_000 : 10_000);
        });
    if (only is null or "inbox")
        await In("inbox", async connection =>
        {
            await using var host = await BenchHost.CreateAsync(connection);
            await new Inbox(host, new FiveStages(host), report).RunAsync(quick ? 5_000 : 50_000, quick ? 20 : 200);
        });
    if (only is null or "materials")
        await In("materials", async connection =>
        {
            await using var host = await BenchHost.CreateAsync(connection);
            await new Libraries(host, report).RunAsync(quick ? 50_000 : 500_000, quick ? 20 : 200);
        });
    if (only is null or "people")
        await In("people", async connection =>
        {
            await using var host = await BenchHost.CreateAsync(connection);
            await new FindPeople(host, report).RunAsync(quick ? 10_000 : 100_000, quick ? 20 : 200);
        });
    if (only is null or "eligibility")
        EligibilityChecks.Run(report, Path.Combine(home, "workflows"), quick ? 20_000 : 200_000);
    if (only is null or "batch")
        await In("batch", async connection =>
        {
            await using var host = await BenchHost.CreateAsync(connection);
            await new FilingBatch(host, report).RunAsync(quick ? 100 : 1_000);
        });
    // A part of the figures is no replacement for all of them.
    await report.WriteAsync(Path.Combine(home, "artifacts", only is null ? "bench.json" : $"bench-{only}.json"));
    return 0;
}
finally
{
    NpgsqlConnection.ClearAllPools();
    await server.StopAsync(default);
    if (Directory.Exists(folder))
        Directory.Delete(folder, recursive: true);
}

// Every part has a database of its own on the same server.
async Task In(string name, Func<string, Task> run)
{
    await using (var connection = new NpgsqlConnection(server.ConnectionString))
    {
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"create database bench_{name}", connection);
        await create.ExecuteNonQueryAsync();
    }
    var own = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = $"bench_{name}" }.ConnectionString;
    if (statements)
        await Statements.CountAsync(own);
    await run(own);
    if (statements)
        await Statements.PrintAsync(own);
}
