using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Events;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime.Tests;

/// <summary>One server node on a test database, registered as the host does it. Its background services run only after <see cref="StartAsync"/>.</summary>
internal sealed class RuntimeNode : IAsyncDisposable
{
    public static readonly Actor Tester = new("test-key", "u1");

    private readonly IHost host;
    private bool started;

    public RuntimeNode(TestDatabase db, TimeProvider? time = null, Action<IServiceCollection>? more = null, Dictionary<string, string?>? settings = null)
        : this(db.ConnectionString, time, more, settings)
    {
    }

    public RuntimeNode(string connectionString, TimeProvider? time = null, Action<IServiceCollection>? more = null, Dictionary<string, string?>? settings = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(settings ?? []) { ["Runtime:UseQuartz"] = settings?.GetValueOrDefault("Runtime:UseQuartz") ?? "false" });
        builder.Services.AddLogging(logging => logging.AddProvider(Log));
        // A data source of its own: what one node does with its connections is none of the other's business.
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(connectionString));
        builder.Services.AddSingleton(new ActivityCatalog([.. BuiltInActivities.All, new FailingTimer(), new SteadyTimer()]));
        if (time is not null)
            builder.Services.AddSingleton(time);
        more?.Invoke(builder.Services);
        builder.AddWorkflowRuntime();
        host = builder.Build();
    }

    public TestLog Log { get; } = new();
    public IServiceProvider Services => host.Services;
    public WorkflowRuntime Runtime => host.Services.GetRequiredService<WorkflowRuntime>();
    public DefinitionStore Definitions => host.Services.GetRequiredService<DefinitionStore>();
    public BusinessClock Clock => host.Services.GetRequiredService<BusinessClock>();
    public ClockControl ClockControl => host.Services.GetRequiredService<ClockControl>();
    public TimerService Timers => host.Services.GetRequiredService<TimerService>();
    public OutboxWorker Outbox => host.Services.GetRequiredService<OutboxWorker>();
    public InstanceChanges Changes => host.Services.GetRequiredService<InstanceChanges>();
    public NodeService Node => host.Services.GetRequiredService<NodeService>();

    public async Task<RuntimeNode> StartAsync()
    {
        started = true;
        await host.StartAsync();
        return this;
    }

    public Task PublishAsync(string definition) => Definitions.ImportAsync(System.Text.Encoding.UTF8.GetBytes(definition), publish: true, Tester, default);

    public async Task<Guid> StartInstanceAsync(string definitionId, string? correlationId = null) =>
        (await Runtime.StartAsync(new StartRequest { DefinitionId = definitionId, CorrelationId = correlationId, Actor = Tester }, default)).InstanceId;

    public Task<Talent.Workflows.Runtime.Signals.SignalRecord> SignalAsync(Guid instance, string name, string? signalId = null) =>
        Runtime.SignalAsync(instance, signalId ?? Guid.NewGuid().ToString(), name, JsonSerializer.SerializeToElement(1), Tester, default);

    public async Task<InstanceRecord> ReadAsync(Guid instance) => (await Runtime.ReadAsync(instance, default))!;

    public async ValueTask DisposeAsync()
    {
        if (started)
            await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
    }
}
