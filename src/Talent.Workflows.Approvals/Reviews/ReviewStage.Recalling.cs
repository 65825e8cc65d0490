using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews;

public sealed partial class ReviewStage
{
    /// <summary>Who decided which stage, after a decision was taken back: its people may look at other stages with fresh eyes again, unless they have decided this one at another time. Null: it isn't kept.</summary>
    /// <param name="gone">Whose decision it was.</param>
    /// <param name="others">Who has decided the stage besides.</param>
    internal static JsonElement? DecidersWithout(WorkflowState state, string stage, IEnumerable<string?> gone, IReadOnlyCollection<string?> others)
    {
        if (!state.Output.TryGetValue(DecidersOutput, out var kept) || kept.ValueKind != JsonValueKind.Object)
            return null;
        var deciders = kept.Deserialize<SortedDictionary<string, SortedSet<string>>>()!;
        if (!deciders.TryGetValue(stage, out var users))
            return null;
        users.ExceptWith(gone.Except(others).OfType<string>());
        return JsonSerializer.SerializeToElement(deciders);
    }
}
