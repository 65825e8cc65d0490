using System.Text.Json;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Engine.Activities.Flow;

/// <summary>How an activity treats several inbound connections (Elsa's ADR on explicit merge modes).</summary>
public enum MergeMode
{
    /// <summary>Runs when nothing is still on its way to the activities before it; paths not taken don't count.</summary>
    Stream,

    /// <summary>Runs when a token lies on every forward connection.</summary>
    Merge,

    /// <summary>Runs when a token lies on every connection, those that close loops included.</summary>
    Converge,

    /// <summary>Runs once for each token.</summary>
    Cascade,

    /// <summary>Runs for the first token; what else leads to it is cancelled.</summary>
    Race,
}

internal static class MergeModes
{
    /// <summary>The connections that have to have a token before a node runs; none when it doesn't wait for each.</summary>
    public static IReadOnlyList<Connection> Needed(Execution.BoundActivity bound, FlowGraph graph) => Of(bound) switch
    {
        MergeMode.Merge => graph.ForwardInbound(bound.Node.Id),
        MergeMode.Converge => graph.Inbound(bound.Node.Id),
        _ => [],
    };

    /// <summary>The mode of a node: a FlowJoin's own, else <c>customProperties.mergeMode</c>, else (and for <c>None</c>) Stream.</summary>
    public static MergeMode Of(Execution.BoundActivity bound)
    {
        if (bound.Node.Type == FlowJoin.TypeName)
        {
            var mode = bound.Inputs.TryGetValue("mode", out var input) && input.Value.ValueKind == JsonValueKind.String ? input.Value.GetString() : null;
            return mode switch
            {
                "WaitAll" => MergeMode.Merge,
                "WaitAllActive" => MergeMode.Stream,
                _ => MergeMode.Race,
            };
        }
        var custom = bound.Node.CustomProperty("mergeMode");
        return custom.ValueKind == JsonValueKind.String && Enum.TryParse<MergeMode>(custom.GetString(), ignoreCase: true, out var explicitMode) ? explicitMode : MergeMode.Stream;
    }
}
