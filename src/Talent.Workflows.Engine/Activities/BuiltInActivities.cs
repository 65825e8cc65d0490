using Talent.Workflows.Engine.Activities.Branching;
using Talent.Workflows.Engine.Activities.Composition;
using Talent.Workflows.Engine.Activities.Events;
using Talent.Workflows.Engine.Activities.Flow;
using Talent.Workflows.Engine.Activities.Http;
using Talent.Workflows.Engine.Activities.Looping;
using Talent.Workflows.Engine.Activities.Primitives;
using Talent.Workflows.Engine.Activities.Scheduling;

namespace Talent.Workflows.Engine.Activities;

/// <summary>Elsa's own activities that this engine runs: one line each.</summary>
public static class BuiltInActivities
{
    public static IReadOnlyList<Activity> All { get; } =
    [
        new BulkDispatchWorkflows(),
        new Correlate(),
        new Cron(),
        new Delay(),
        new DispatchWorkflow(),
        new End(),
        new Event(),
        new ExecuteWorkflow(),
        new Fault(),
        new Finish(),
        new FlowDecision(),
        new FlowFork(),
        new FlowJoin(),
        new FlowSendHttpRequest(),
        new FlowSwitch(),
        new Flowchart(),
        new ForEach(),
        new HttpEndpoint(),
        new If(),
        new PublishEvent(),
        new Sequence(),
        new SetVariable(),
        new Start(),
        new Scheduling.Timer(),
        new While(),
        new WriteHttpResponse(),
        new WriteLine(),
    ];
}
