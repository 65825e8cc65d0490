using System.Text.Json.Nodes;
using Npgsql;
using Talent.Workflows.Runtime.EmbeddedPostgres;
using Xunit.Abstractions;

namespace Talent.Workflows.Server.Tests.Crash;

/// <summary>Two servers on one PostgreSQL that keeps every promise of durability.</summary>
[Collection(CrashSettings.Name)]
public sealed class TwoServersTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder folder = new();
    private EmbeddedPostgresServer postgres = null!;
    private Node[] nodes = [];

    public async Task InitializeAsync()
    {
        var postgresFolder = Path.Combine(folder.Path, "postgres");
        await TestServer.PrepareAsync(postgresFolder);
        postgres = await TestServer.StartDurableAsync(postgresFolder);
        nodes = [.. ((string[])["one", "two"]).Select(name => new Node(new Dictionary<string, string>(CrashSettings.For(Path.Combine(folder.Path, name), postgres.ConnectionString))
        {
            ["Talent__AuditKeyFile"] = Path.Combine(folder.Path, "audit-key.pem"),
        }))];
        await Task.WhenAll(nodes.Select(node => node.StartAsync()));
    }

    public async Task DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
        await postgres.DisposeAsync();
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task TwoServers_WhenOneIsKilledUnderLoad_ThenTheOtherGoesOnAndNothingIsLostOrDoubled()
    {
        var random = new Random(CrashSettings.Seed);
        using var load = new Load(nodes, CrashSettings.Seed);
        try
        {
            await load.BeginAsync();
            for (var round = 0; round < CrashSettings.Rounds / 5; round++)
            {
                // The one that was killed before comes back first.
                if (round > 0)
                    await nodes[(round - 1) % 2].StartAsync();
                await load.MoreAsync(random.Next(100, 300));
                await nodes[round % 2].KillAsync();
                await load.MoreAsync(100);
            }

            await using var database = NpgsqlDataSource.Create(postgres.ConnectionString);
            await load.EndAsync(database);
            output.WriteLine($"seed {CrashSettings.Seed}: {CrashSettings.Rounds / 5} servers of two killed; {load.Ledger}");
        }
        catch (Exception failure)
        {
            throw CrashSettings.Explain(failure, nodes);
        }
    }

    [Fact]
    public async Task TwoDecisionsAtOnce_WhenSentToTwoServers_ThenOneSucceedsAndTheOtherHearsWhoDecidedWhen()
    {
        const int count = 20;
        var ledger = new Ledger();
        var callers = nodes.Select((node, i) => new PatientCaller([node], ledger, CrashSettings.Seed + i)).ToArray();
        var wins = new int[2];
        for (var i = 0; i < count; i++)
        {
            var book = await new CaseLoad(callers[i % 2], ledger).FileAsync();
            var task = $"/api/v1/tasks/{book.NextTask}/decide";

            var answers = await Task.WhenAll(callers.Select((caller, node) =>
                caller.ChangeAsync(task, new JsonObject { ["outcome"] = node == 0 ? "approve" : "return", ["opinion"] = "已核对。" }.ToJsonString(), $"{book.NextUser}-{node + 1}")));

            var winner = Array.FindIndex(answers, answer => answer.Status == 200);
            Assert.True(winner >= 0, answers[0].Text);
            wins[winner]++;
            var decided = answers[winner].Json;
            var refused = answers[1 - winner].IsProblem(409, "task_closed").Json;
            Assert.Equal(decided.GetProperty("decidedBy").GetString(), refused.GetProperty("decidedBy").GetString());
            Assert.Equal(decided.GetProperty("outcome").GetString(), refused.GetProperty("outcome").GetString());
            Assert.Equal(decided.GetProperty("decidedAt").GetDateTimeOffset(), refused.GetProperty("decidedAt").GetDateTimeOffset(), TimeSpan.FromMicroseconds(1));
            Assert.Equal($"{book.NextUser}-{winner + 1}", decided.GetProperty("decidedBy").GetString());
        }
        output.WriteLine($"{count} tasks: the first server won {wins[0]}, the second {wins[1]}");
    }
}
