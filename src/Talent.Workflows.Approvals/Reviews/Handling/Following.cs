using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>What can come after a stage, by the connections of the flowchart that it lies in.</summary>
public sealed class Following
{
    private readonly ExecutableWorkflow workflow;
    private readonly ActivityNode? flowchart;
    private readonly HashSet<string> reached = new(StringComparer.Ordinal);

    public Following(ExecutableWorkflow workflow, string stage)
    {
        this.workflow = workflow;
        flowchart = workflow.Activity(stage).Node.Parent;
        var ahead = new Queue<string>([stage]);
        while (ahead.TryDequeue(out var activity))
            foreach (var connection in flowchart?.Connections ?? [])
                if (connection.Source == activity && reached.Add(connection.Target))
                    ahead.Enqueue(connection.Target);
    }

    /// <summary>What isn't known to lie beside the stage counts as coming after it.</summary>
    public bool Holds(string? activity)
    {
        if (activity is null || !workflow.Definition.Activities.TryGetValue(activity, out var node))
            return true;
        for (; node is not null; node = node.Parent)
            if (node.Parent == flowchart)
                return reached.Contains(node.Id);
        return false;
    }
}
