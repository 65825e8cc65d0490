using Npgsql;
using Xunit.Abstractions;

namespace Talent.Workflows.Server.Tests.Crash;

/// <summary>The server as a newcomer runs it, with its private PostgreSQL: both are killed at random moments under load.</summary>
[Collection(CrashSettings.Name)]
public sealed class ServerKilledTests(ITestOutputHelper output)
{
    [Fact]
    public async Task ServerKilled_WhenUnderLoad_ThenNothingAcknowledgedIsLostOrDoubled()
    {
        var random = new Random(CrashSettings.Seed);
        using var folder = new TemporaryFolder();
        var postgresFolder = Path.Combine(folder.Path, "postgres");
        await TestServer.PrepareAsync(postgresFolder);
        var server = new Node(CrashSettings.For(folder.Path));
        var (kills, postgresKills) = (0, 0);
        try
        {
            await server.StartAsync();
            using var load = new Load([server], CrashSettings.Seed);
            await load.BeginAsync();
            for (; kills < CrashSettings.Rounds; kills++)
            {
                await load.MoreAsync(random.Next(30, 200));
                if (kills % 5 is 1 or 3)
                {
                    CrashSettings.KillPostgres(postgresFolder);
                    postgresKills++;
                }
                // Once both die together, once PostgreSQL alone, and the server has to find its way back.
                if (kills % 5 == 3)
                    await load.MoreAsync(random.Next(30, 100));
                await server.KillAsync();
                await server.StartAsync();
            }
            await load.MoreAsync(50);

            await using (var postgres = await TestServer.StartDurableAsync(postgresFolder))
            {
                await using (var database = NpgsqlDataSource.Create(postgres.ConnectionString))
                    await load.EndAsync(database);
                Assert.Equal(0, await server.StopAsync());
            }
            output.WriteLine($"seed {CrashSettings.Seed}: the server killed {kills} times, PostgreSQL {postgresKills} times; {load.Ledger}");
        }
        catch (Exception failure)
        {
            throw CrashSettings.Explain(failure, server);
        }
        finally
        {
            await server.DisposeAsync();
            await (await TestServer.StartDurableAsync(postgresFolder)).StopAsync();
        }
    }
}
