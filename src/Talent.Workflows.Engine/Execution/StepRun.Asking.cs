using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Engine.Execution;

/// <summary>
/// Returns that come straight back: an activity asks an earlier one again and waits for it where it stands. Its next run is
/// there at once and holds its place in the flow, so joins wait for it as before; the one that was asked holds none.
/// </summary>
internal sealed partial class StepRun
{
    public bool IsAsked(ActivityExecution execution)
    {
        foreach (var other in state.Executions)
            if (other.Awaits == execution.Id)
                return true;
        return false;
    }

    public void Ask(ActivityExecution asker, ActivityNode target, string outcome)
    {
        var flowchart = Parent(asker)!;
        var waiting = Waiting(asker, flowchart);
        Forget(asker);
        Log("Completed", asker, [outcome], payload: ReturnWay.To(target.Id));
        Await(flowchart, target, [waiting]);
    }

    /// <summary>Who was asked is done: whoever waits for it begins.</summary>
    public void ComeBack(ActivityExecution asked, string outcome)
    {
        var waiting = state.Executions.Where(e => e.Awaits == asked.Id).ToList();
        Forget(asked);
        Log("Completed", asked, [outcome], payload: ReturnWay.Back(waiting.Select(w => w.ActivityId)));
        Begin(waiting);
    }

    /// <summary>Activities under way wait for an earlier one again, as they did before it came back.</summary>
    private void AskAgain(ActivityExecution flowchart, ActivityNode target, Stimulus.MoveTo move)
    {
        var waiting = new List<ActivityExecution>();
        foreach (var activityId in move.For.Order(StringComparer.Ordinal))
        {
            var running = state.Executions.Find(e => e.ParentId == flowchart.Id && e.ActivityId == activityId)
                ?? throw Refused($"Instance {state.InstanceId} cannot ask '{target.Id}' for '{activityId}' again: '{activityId}' isn't under way any more.", $"“{workflow.Activity(activityId).Node.DisplayText}”已不在进行中，不能再退回。");
            waiting.Add(Waiting(running, flowchart));
            Cancel(running, move.Reason);
        }
        Await(flowchart, target, waiting);
    }

    /// <summary>The next run of an activity, which is there and doesn't begin. Whoever waits for the present one waits for it from now on.</summary>
    private ActivityExecution Waiting(ActivityExecution running, ActivityExecution flowchart)
    {
        var waiting = Create(workflow.Activity(running.ActivityId).Node, flowchart);
        foreach (var other in state.Executions)
            if (other.Awaits == running.Id)
                other.Awaits = waiting.Id;
        return waiting;
    }

    /// <summary>Asks an activity, once: if somebody waits for it already, these wait for the same.</summary>
    private void Await(ActivityExecution flowchart, ActivityNode target, IReadOnlyList<ActivityExecution> waiting)
    {
        var asked = state.Executions.Find(e => e.ParentId == flowchart.Id && e.ActivityId == target.Id) ?? Schedule(target, flowchart);
        foreach (var execution in waiting)
            execution.Awaits = asked.Id;
    }

    /// <summary>Who was asked doesn't come back: it goes on as any run of its activity, and all that came after it is taken back, those that wait for it included.</summary>
    private void GiveUpAskers(ActivityExecution asked)
    {
        var reason = $"'{asked.ActivityId}' was asked again and didn't come back.";
        var chain = new List<ActivityExecution>();
        for (List<ActivityExecution> next = [asked]; next.Count > 0;)
        {
            next = [.. state.Executions.Where(e => next.Exists(n => e.Awaits == n.Id))];
            chain.AddRange(next);
        }
        TakeBack(Parent(asked)!, workflow.Activity(asked.ActivityId).Node, asked.ActivityId, rejoins: false, reason);
        foreach (var waiting in chain)
            Cancel(waiting, reason);
    }

    /// <summary>Of a cancelled activity: whom it had asked is asked no more, and who waits for it has the case again.</summary>
    private void Part(ActivityExecution cancelled, string reason)
    {
        if (cancelled.Awaits is { } id && state.Execution(id) is { } asked && !IsAsked(asked))
            Cancel(asked, reason);
        Begin([.. state.Executions.Where(e => e.Awaits == cancelled.Id)]);
    }

    private void Begin(IReadOnlyList<ActivityExecution> waiting)
    {
        foreach (var execution in waiting)
        {
            execution.Awaits = null;
            queue.Enqueue(new Work.Execute(execution));
        }
    }

    public IReadOnlyList<(BoundActivity Activity, bool Direct)> Earlier(ActivityExecution execution, Func<Activity, bool> isKind)
    {
        if (Parent(execution) is not { Tokens: not null } flowchart)
            return [];
        var graph = workflow.Activity(flowchart.ActivityId).GraphFrom(flowchart.Entry);
        return [.. graph.Before(execution.ActivityId, Counts).Select(found => (workflow.Activity(found.Id), found.Direct))];

        bool Counts(string id) => state.Visits.ContainsKey(id) && workflow.Activity(id).Implementation is { } activity && isKind(activity);
    }
}
