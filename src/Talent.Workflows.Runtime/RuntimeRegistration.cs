using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Quartz;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Runtime.Alterations;
using Talent.Workflows.Runtime.Children;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Events;
using Talent.Workflows.Runtime.Http;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Signals;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime;

/// <summary>Registers the durable runtime.</summary>
public static class RuntimeRegistration
{
    /// <summary>
    /// Adds the runtime. The host adds a migrated <see cref="NpgsqlDataSource"/> and the <see cref="ActivityCatalog"/>;
    /// features add their <see cref="StepPart"/>s and <see cref="IOutboxHandler"/>s. Settings: section <c>Runtime</c>.
    /// </summary>
    public static IHostApplicationBuilder AddWorkflowRuntime(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<RuntimeOptions>().BindConfiguration(RuntimeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<BusinessClock>();
        services.AddSingleton<Wakeups>();
        services.AddSingleton<InstanceChanges>();
        services.AddSingleton<EventTail>();
        services.AddSingleton<DatabaseOutage>();
        services.AddSingleton<IntakePause>();
        services.AddSingleton<DefinitionStore>();
        services.AddSingleton<DeadLetters>();
        services.AddSingleton<PayloadHash>();
        services.AddSingleton<Broadcasts>();
        services.AddSingleton(s => new StepStatement(s.GetServices<StepPart>(), s.GetRequiredService<PayloadHash>()));
        services.AddSingleton<StepConnections>();
        services.AddSingleton<InstanceCache>();
        services.AddSingleton<InstanceQueue>();
        services.AddSingleton<OutboxStore>();
        services.AddSingleton<TimerStore>();
        services.AddSingleton(s => new SetAsideTimers(s.GetRequiredService<TimerStore>(), s.GetRequiredService<Wakeups>()));
        services.AddSingleton(s => new WorkflowRuntime(
            s.GetRequiredService<NpgsqlDataSource>(), s.GetRequiredService<StepConnections>(), s.GetRequiredService<InstanceCache>(),
            s.GetRequiredService<InstanceQueue>(), s.GetRequiredService<DefinitionStore>(), s.GetRequiredService<BusinessClock>(),
            s.GetRequiredService<IntakePause>(), s.GetRequiredService<Wakeups>(), s.GetRequiredService<InstanceChanges>(),
            s.GetRequiredService<SetAsideTimers>(), s.GetRequiredService<PayloadHash>(), s.GetRequiredService<IOptions<RuntimeOptions>>(), s.GetRequiredService<ILogger<WorkflowRuntime>>()));
        services.AddSingleton<IOutboxHandler>(s => new PublishedEvents(s.GetRequiredService<WorkflowRuntime>()));
        services.AddSingleton<IOutboxHandler>(s => new BroadcastSignals(s.GetRequiredService<WorkflowRuntime>(), s.GetRequiredService<Broadcasts>()));
        services.AddSingleton<IOutboxHandler>(s => new TriggeredStarts(s.GetRequiredService<WorkflowRuntime>(), s.GetRequiredService<Broadcasts>(), s.GetRequiredService<ILogger<TriggeredStarts>>()));
        services.AddSingleton(s => new ChildEnds(s.GetRequiredService<WorkflowRuntime>(), s.GetRequiredService<NpgsqlDataSource>()));
        services.AddSingleton<IOutboxHandler>(s => s.GetRequiredService<ChildEnds>());
        services.AddSingleton<IOutboxHandler>(s => new ChildStarts(s.GetRequiredService<WorkflowRuntime>(), s.GetRequiredService<ChildEnds>(), s.GetRequiredService<ILogger<ChildStarts>>()));
        services.AddSingleton<IOutboxHandler>(s => new HttpCalls(s.GetRequiredService<WorkflowRuntime>(), s.GetRequiredService<IOptions<RuntimeOptions>>()));
        services.AddSingleton<AlterationPlans>();
        services.AddSingleton<CommandRecords>();
        services.AddSingleton<IOutboxHandler>(s => new AlterationDelivery(s.GetRequiredService<WorkflowRuntime>(), s.GetRequiredService<AlterationPlans>()));
        services.AddSingleton(s => new HttpArrivals(s.GetRequiredService<NpgsqlDataSource>(), s.GetRequiredService<WorkflowRuntime>(), s.GetRequiredService<DefinitionStore>()));
        services.AddSingleton<InstanceSearch>();
        services.AddSingleton<InstanceMarks>();
        services.AddSingleton<InstanceRemoval>();
        services.AddSingleton<TimedStarts>();
        services.AddSingleton(s => new OutboxWorker(
            s.GetRequiredService<OutboxStore>(), s.GetServices<IOutboxHandler>(), s.GetRequiredService<Wakeups>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<DatabaseOutage>(),
            s.GetRequiredService<IOptions<RuntimeOptions>>(), s.GetRequiredService<ILogger<OutboxWorker>>()));
        services.AddSingleton(s => new TimerService(
            s.GetRequiredService<TimerStore>(), s.GetRequiredService<TimedStarts>(), s.GetRequiredService<WorkflowRuntime>(), s.GetRequiredService<BusinessClock>(), s.GetRequiredService<Wakeups>(),
            s.GetRequiredService<DatabaseOutage>(), s.GetRequiredService<IOptions<RuntimeOptions>>(), s.GetRequiredService<ILogger<TimerService>>()));
        services.AddSingleton(s => new ClockControl(
            s.GetRequiredService<NpgsqlDataSource>(), s.GetRequiredService<BusinessClock>(), s.GetRequiredService<TimerStore>(),
            s.GetRequiredService<TimerService>(), s.GetRequiredService<OutboxWorker>()));
        services.AddSingleton(s => new NodeService(
            s.GetRequiredService<NpgsqlDataSource>(), s.GetRequiredService<EventTail>(), s.GetRequiredService<InstanceChanges>(), s.GetRequiredService<InstanceCache>(), s.GetRequiredService<BusinessClock>(),
            s.GetRequiredService<IntakePause>(), s.GetRequiredService<Wakeups>(), s.GetRequiredService<DatabaseOutage>(), s.GetRequiredService<ILogger<NodeService>>()));
        services.AddSingleton(s => new RuntimeHealth(
            s.GetRequiredService<NpgsqlDataSource>(), s.GetRequiredService<BusinessClock>(), s.GetRequiredService<IOptions<RuntimeOptions>>().Value.UseQuartz));
        services.AddSingleton<MaintenanceJob>();
        // The node follows clock and intake before anything fires; stopping goes the other way round.
        services.AddHostedService(s => s.GetRequiredService<NodeService>());
        services.AddHostedService(s => s.GetRequiredService<OutboxWorker>());
        services.AddHostedService(s => s.GetRequiredService<TimerService>());
        var settings = new RuntimeOptions();
        if (builder.Configuration.GetSection(RuntimeOptions.Section)[nameof(RuntimeOptions.UseQuartz)] is not { } text || !bool.TryParse(text, out var useQuartz))
            useQuartz = settings.UseQuartz;
        if (useQuartz)
            AddQuartz(services);
        return builder;
    }

    private static void AddQuartz(IServiceCollection services)
    {
        services.AddQuartz(quartz =>
        {
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(source => source.DataSourceFactory = s => s.GetRequiredService<NpgsqlDataSource>());
                store.UseSystemTextJsonSerializer();
                store.UseClustering();
                store.ProvisionSchema();
                store.ConfigureStore(options => options.TablePrefix = "quartz.qrtz_");
            });
            quartz.ScheduleJob<SweepJob>(trigger => trigger.WithIdentity("sweep").StartNow()
                .WithSimpleSchedule(schedule => schedule.WithInterval(SweepJob.Interval).RepeatForever()));
            quartz.ScheduleJob<MaintenanceJob>(trigger => trigger.WithIdentity("maintenance").WithCronSchedule("0 40 3 * * ?"));
        });
        services.Configure<QuartzHostedServiceOptions>(options => options.WaitForJobsToComplete = true);
        services.AddSingleton<QuartzHostedService>();
        services.AddHostedService<SchedulerService>();
    }
}
