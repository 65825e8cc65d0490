using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Looping;

/// <summary>
/// Elsa.For: runs its body for each number from start to end. The bounds are read once, at the beginning. The body sees the
/// number as the variable <c>CurrentValue</c>.
/// </summary>
public sealed class For : Activity
{
    private static readonly Input<int> Start = new("start", "Start", "The first number.");
    private static readonly Input<int> End = new("end", "End", "The last number.");
    private static readonly Input<int> Step = new("step", "Step", "From one number to the next; negative to count down.") { Default = 1 };
    private static readonly Input<bool> Inclusive = new("outerBoundInclusive", "Outer Bound Inclusive", "Whether the last number counts.") { Default = true };
    private static readonly Output CurrentValue = new("currentValue", "Object", "Current Value");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.For", "Looping", "For", "Runs an activity once for each number.")
        { Inputs = [Start, End, Step, Inclusive], Outputs = [CurrentValue], Ports = ["body"] };

    protected internal override void Execute(ActivityContext context)
    {
        if (context.GetData("end").ValueKind == JsonValueKind.Undefined)
        {
            foreach (var (name, value) in new[] { ("next", context.Get(Start)), ("end", context.Get(End)), ("step", context.Get(Step)) })
                context.SetData(name, JsonSerializer.SerializeToElement((long)value));
            context.SetData("inclusive", JsonSerializer.SerializeToElement(context.Get(Inclusive)));
        }
        Next(context);
    }

    protected internal override void ChildCompleted(ActivityContext context, ChildCompletion child) => Next(context);

    private static void Next(ActivityContext context)
    {
        var (next, end, step) = (context.GetData("next"), context.GetData("end").GetInt64(), context.GetData("step").GetInt64());
        // A step of zero counts as one up, as in Elsa: it goes on until something else stops it.
        var ahead = step >= 0 ? end - next.GetInt64() : next.GetInt64() - end;
        var goesOn = context.GetData("inclusive").GetBoolean() ? ahead >= 0 : ahead > 0;
        if (!goesOn || !context.Node.Ports.TryGetValue("body", out var body))
        {
            context.Complete();
            return;
        }
        context.SetData("next", JsonSerializer.SerializeToElement(next.GetInt64() + step));
        context.Set(CurrentValue, next);
        context.Schedule(body, new Dictionary<string, JsonElement> { ["CurrentValue"] = next });
    }
}
