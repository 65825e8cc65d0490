using Talent.Workflows.Approvals;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Server.Startup;
using Talent.Workflows.Server.Tests.Startup;

namespace Talent.Workflows.Server.Tests.Commands;

public sealed class MaintenanceTests
{
    [Fact]
    public async Task Backup_WhenRestoredElsewhere_ThenInstancesAndKeysAreThereAndTheAuditIsWhole_R_AUD_1()
    {
        await using var server = await RunningServer.StartAsync();
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definitions.WaitsFor(ServerFixture.Waiting, "paid"))).Is(200);
        await server.StartAsync();
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "talent.backup");
        var settings = RunningServer.Settings(folder.Path, "Production");
        await using var target = await TestDatabase.CreateAsync(typeof(Migrator).Assembly, typeof(ApprovalRegistration).Assembly, typeof(ServerHost).Assembly);

        var backup = await ServerProcess.RunAsync(["backup", file, .. settings, $"--ConnectionStrings:Talent={server.Database.ConnectionString}"]);
        var restore = await ServerProcess.RunAsync(["restore", file, .. settings, $"--ConnectionStrings:Talent={target.ConnectionString}"]);
        var again = await ServerProcess.RunAsync(["restore", file, .. settings, $"--ConnectionStrings:Talent={target.ConnectionString}"]);
        var verify = await ServerProcess.RunAsync(["verify", .. settings, $"--ConnectionStrings:Talent={target.ConnectionString}"]);

        Assert.True(backup.Code == 0, backup.Output);
        Assert.True(restore.Code == 0, restore.Output);
        Assert.True(again.Code == 1, "A database that isn't empty was overwritten.");
        Assert.True(verify.Code == 0, verify.Output);
        const string content = "select concat_ws(' ', (select string_agg(id::text || version, ',') from engine.instances), (select string_agg(encode(hash, 'hex'), ',') from security.keys))";
        await using var command = target.DataSource.CreateCommand(content);
        Assert.Equal(await server.SqlAsync(content), await command.ExecuteScalarAsync());
    }
}
