using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Talent.Workflows.Approvals;
using Talent.Workflows.Runtime;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.EmbeddedPostgres;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Bench;

/// <summary>The product's own services over a private PostgreSQL of its own, with the settings it ships with.</summary>
internal sealed class BenchHost : IAsyncDisposable
{
    private readonly IHost host;

    private BenchHost(IHost host, NpgsqlDataSource database, StepSample sample) => (this.host, Database, Sample) = (host, database, sample);

    public NpgsqlDataSource Database { get; }
    public StepSample Sample { get; }
    public WorkflowRuntime Runtime => Get<WorkflowRuntime>();

    public T Get<T>() where T : notnull => host.Services.GetRequiredService<T>();

    /// <param name="settings">Settings of section <c>Runtime</c> that differ from the defaults.</param>
    public static async Task<BenchHost> CreateAsync(string connectionString, params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create($"Runtime:{s.Name}", (string?)s.Value)).Append(new("Runtime:UseQuartz", "false"))
            .Append(new("Talent:MasterKey", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")));
        builder.Configuration.AddEnvironmentVariables();
        builder.Logging.ClearProviders();
        var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 64, MaxAutoPrepare = 100, AutoPrepareMinUsages = 2 });
        var sample = new StepSample();
        builder.Services.AddSingleton(database);
        builder.AddWorkflowRuntime();
        builder.AddApprovals();
        builder.Services.AddSingleton<StepPart>(sample);
        var host = builder.Build();
        await new Migrator(database, NullLogger<Migrator>.Instance, typeof(WorkflowRuntime).Assembly, typeof(ApprovalRegistration).Assembly).MigrateAsync(default);
        return new BenchHost(host, database, sample);
    }

    /// <summary>Starts timers, outbox and tail, as a server does.</summary>
    public Task RunAsync() => host.StartAsync();

    public Task StopAsync() => host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        host.Dispose();
        await Database.DisposeAsync();
    }
}

/// <summary>Keeps the last step that was written, for the pgbench script.</summary>
internal sealed class StepSample : StepPart
{
    public override string Name => "sample";
    public override IReadOnlyList<StepParameter> Parameters => [];
    public StepWrite? Last { get; private set; }
    public override void Bind(StepWrite step, StepParameters values) => Last = step;
}
