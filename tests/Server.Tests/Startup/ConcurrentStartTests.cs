using Npgsql;
using Talent.Workflows.Approvals;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Server.Startup;

namespace Talent.Workflows.Server.Tests.Startup;

/// <summary>Two servers that start for the first time on one database.</summary>
public sealed class ConcurrentStartTests
{
    [Fact]
    public async Task Secret_WhenAnotherNodeWritesItInTheSameInstant_ThenThisNodeTakesThatOne()
    {
        using var folder = new TemporaryFolder();
        await using var database = await TestDatabase.CreateAsync(typeof(Migrator).Assembly, typeof(ApprovalRegistration).Assembly, typeof(ServerHost).Assembly);
        await using var other = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var first = new NpgsqlCommand("insert into security.secrets (name, value) values ('cursors', decode(repeat('ab', 32), 'hex'))", other))
            await first.ExecuteNonQueryAsync();
        await using var host = await ServerHost.BuildAsync(
            [.. RunningServer.Settings(folder.Path, "Development"), $"--ConnectionStrings:Talent={database.ConnectionString}", $"--Talent:BootstrapKey={RunningServer.AdminKey}"], CancellationToken.None);

        var starting = host.ListenAsync(CancellationToken.None);
        await using (var waits = database.DataSource.CreateCommand("select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%security.secrets%')"))
            while (!starting.IsCompleted && !(bool)(await waits.ExecuteScalarAsync())!)
                await Task.Yield();
        await transaction.CommitAsync();
        await starting;

        Assert.NotEmpty(host.Urls);
    }
}
