using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews.Correcting;

/// <summary>The decisions that returned a case to its applicant, from the stage that returned it to the correction that comes of it, whatever lies between.</summary>
internal static class ReturnedBy
{
    /// <summary>The workflow's output that keeps them meanwhile.</summary>
    private const string Output = "returned";

    /// <param name="tasks">Whose decisions make up the return.</param>
    public static void Keep(ActivityContext context, IEnumerable<Guid> tasks)
    {
        var all = Kept(context).Union(tasks).ToArray();
        if (all.Length > 0)
            context.SetWorkflowOutput(Output, JsonSerializer.SerializeToElement(all));
    }

    /// <summary>For the correction that they led to.</summary>
    public static IReadOnlyList<Guid> Take(ActivityContext context)
    {
        var tasks = Kept(context);
        Forget(context);
        return tasks;
    }

    /// <summary>The case has come to a review instead.</summary>
    public static void Forget(ActivityContext context)
    {
        if (Kept(context).Length > 0)
            context.SetWorkflowOutput(Output, default);
    }

    private static Guid[] Kept(ActivityContext context) =>
        context.State.Output.TryGetValue(Output, out var kept) && kept.ValueKind == JsonValueKind.Array ? kept.Deserialize<Guid[]>()! : [];
}
