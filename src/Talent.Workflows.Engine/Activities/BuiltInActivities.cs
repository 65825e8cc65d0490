using Talent.Workflows.Engine.Activities.Branching;
using Talent.Workflows.Engine.Activities.Composition;
using Talent.Workflows.Engine.Activities.Events;
using Talent.Workflows.Engine.Activities.Flow;
using Talent.Workflows.Engine.Activities.Http;
using Talent.Workflows.Engine.Activities.Looping;
using Talent.Workflows.Engine.Activities.Primitives;
using Talent.Workflows.Engine.Activities.Scheduling;
using Talent.Workflows.Engine.Activities.Scripting;

namespace Talent.Workflows.Engine.Activities;

/// <summary>Elsa's own activities that this engine runs: one line each.</summary>
public static class BuiltInActivities
{
    public static IReadOnlyList<Activity> All { get; } =
    [
        new BulkDispatchWorkflows(),
        new Break(),
        new Complete(),
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
        new FlowNode(),
        new FlowSwitch(),
        new Flowchart(),
        new For(),
        new ForEach(),
        new HttpEndpoint(),
        new Fork(),
        new If(),
        new Inline(),
        new NotFoundActivity(),
        new Flow.Parallel(),
        new ParallelForEach(),
        new PublishEvent(),
        new RunJavaScript(),
        new RunTask(),
        new SendHttpRequest(),
        new Sequence(),
        new SetName(),
        new SetOutput(),
        new SetVariable(),
        new Start(),
        new StartAt(),
        new Switch(),
        new Scheduling.Timer(),
        new While(),
        new WriteHttpResponse(),
        new WorkflowRoot(),
        new WriteLine(),
    ];
}
