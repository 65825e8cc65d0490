using System.Text.Json;
using Talent.Workflows.Engine.Activities;

namespace Talent.Workflows.Engine.Definitions;

/// <summary>
/// Puts the workflows that a definition uses as activities into its tree, each below the activity that uses it. What an
/// activity uses is one version that was published, so that an expanded definition never changes either.
/// </summary>
/// <remarks>The ids of what is put in begin with the id of the activity that uses it (<c>host:child</c>); node ids are Elsa's.</remarks>
public static class WorkflowExpansion
{
    /// <summary>Workflows that may use each other in a chain.</summary>
    public const int MaxDepth = 8;

    /// <summary>The version that an activity stands for; null when it stands for none.</summary>
    public static string? VersionOf(ActivityNode node, ActivityCatalog catalog) =>
        catalog.Find(node.Type) is null && DefinitionReader.Text(node.Json, "workflowDefinitionVersionId") is { Length: > 0 } id ? id : null;

    /// <summary>The versions that a definition uses itself.</summary>
    public static IEnumerable<string> VersionsOf(WorkflowDefinition definition, ActivityCatalog catalog) =>
        definition.Activities.Values.Select(a => VersionOf(a, catalog)).OfType<string>().Distinct();

    /// <summary>Whether a definition is offered as an activity (<c>options.usableAsActivity</c>; in old files <c>usableAsActivity</c>, where the options don't say).</summary>
    public static bool IsUsable(WorkflowDefinition definition) =>
        definition.Document.TryGetProperty("options", out var options) && options.ValueKind == JsonValueKind.Object
        && options.TryGetProperty("usableAsActivity", out var usable) && usable.ValueKind is (JsonValueKind.True or JsonValueKind.False)
            ? usable.ValueKind == JsonValueKind.True
            : definition.Document.TryGetProperty("usableAsActivity", out var old) && old.ValueKind == JsonValueKind.True;

    /// <summary>The id that an activity of a used workflow has in the whole.</summary>
    internal static string IdIn(ActivityNode? owner, string id) => owner is null ? id : $"{owner.Id}:{id}";

    /// <param name="used">All that is used, by version id.</param>
    /// <exception cref="WorkflowException"><c>invalid_definition</c>: what is used is missing, uses what uses it, or is too much. The fact <c>activity</c> is the id of the activity that brings it in.</exception>
    public static WorkflowDefinition Expand(WorkflowDefinition definition, ActivityCatalog catalog, IReadOnlyDictionary<string, WorkflowDefinition> used)
    {
        if (definition.Activities.Values.All(a => VersionOf(a, catalog) is null))
            return definition;
        var expansion = new Expansion(catalog, used);
        var root = expansion.Copy(definition.Root, null, null, "Workflow1", [definition]);
        return new WorkflowDefinition
        {
            Id = definition.Id, DefinitionId = definition.DefinitionId, Version = definition.Version, Name = definition.Name, Variables = definition.Variables, Inputs = definition.Inputs,
            Outputs = definition.Outputs, EarlyEvents = definition.EarlyEvents, IncidentStrategy = definition.IncidentStrategy, Activation = definition.Activation, Document = definition.Document,
            Root = root, Activities = expansion.Activities,
        };
    }

    private sealed class Expansion(ActivityCatalog catalog, IReadOnlyDictionary<string, WorkflowDefinition> used)
    {
        public Dictionary<string, ActivityNode> Activities { get; } = new(StringComparer.Ordinal);

        /// <param name="node">What is copied.</param>
        /// <param name="parent">The copy that it lies in.</param>
        /// <param name="owner">The activity whose workflow it belongs to.</param>
        /// <param name="chain">The workflows around it, the outermost first.</param>
        public ActivityNode Copy(ActivityNode node, ActivityNode? parent, ActivityNode? owner, string parentPath, IReadOnlyList<WorkflowDefinition> chain)
        {
            var copy = new ActivityNode
            {
                Id = IdIn(owner, node.Id), NodeId = $"{parentPath}:{node.Id}", Type = node.Type, Version = node.Version, Name = node.Name, Json = node.Json, Parent = parent, Owner = owner,
                Variables = node.Variables,
            };
            if (!Activities.TryAdd(copy.Id, copy))
                throw Invalid(copy, $"The activity id '{copy.Id}' is used twice. Give another id to one of them.", $"活动编号“{copy.Id}”重复，请更换。");
            if (Activities.Count > DefinitionLimits.MaxActivities)
                throw Invalid(copy, $"With the workflows that it uses, the definition has more than {DefinitionLimits.MaxActivities} activities. Dispatch some of them instead.",
                    $"连同所用流程，活动超过 {DefinitionLimits.MaxActivities} 个，请改用“派发流程”。");
            if (VersionOf(node, catalog) is { } version)
            {
                var other = Find(copy, version, chain);
                copy.Uses = other;
                var root = Copy(other.Root, copy, copy, copy.NodeId, [.. chain, other]);
                root.Variables = [.. root.Variables, .. other.Variables];
                copy.Ports = new Dictionary<string, ActivityNode>(StringComparer.Ordinal) { ["root"] = root };
                return copy;
            }
            copy.Activities = [.. node.Activities.Select(a => Copy(a, copy, owner, copy.NodeId, chain))];
            copy.Ports = node.Ports.ToDictionary(p => p.Key, p => Copy(p.Value, copy, owner, copy.NodeId, chain), StringComparer.Ordinal);
            copy.Connections = [.. node.Connections.Select(c => new Connection(IdIn(owner, c.Source), c.Port, IdIn(owner, c.Target)))];
            return copy;
        }

        private WorkflowDefinition Find(ActivityNode node, string version, IReadOnlyList<WorkflowDefinition> chain)
        {
            if (!used.TryGetValue(version, out var other))
                throw Invalid(node, $"Activity '{node.Id}' uses version '{version}' of a workflow, which isn't here or was never published. Publish it, or choose another version.",
                    $"活动“{node.DisplayText}”（{node.Id}）所用的流程版本“{version}”不存在或尚未发布，请先发布或改用其他版本。");
            var names = string.Join(" → ", chain.Append(other).Select(d => $"{d.Name} ({d.DefinitionId})"));
            if (chain.Any(d => d.DefinitionId == other.DefinitionId))
                throw Invalid(node, $"A workflow can't use itself: {names}. Take one of them out of the chain.", $"流程不能直接或间接引用自身：{names}，请去掉其中一环。");
            if (chain.Count > MaxDepth)
                throw Invalid(node, $"Workflows use each other more than {MaxDepth} deep: {names}. Dispatch one of them instead.", $"流程相互引用超过 {MaxDepth} 层：{names}，请改用“派发流程”。");
            if (!IsUsable(other))
                throw Invalid(node, $"Activity '{node.Id}' uses '{other.Name}' ({version}), which isn't usable as an activity. Allow that in its options and publish it, or take another.",
                    $"活动“{node.DisplayText}”（{node.Id}）所用的流程“{other.Name}”未设为可作为活动使用，请在其设置中开启并发布。");
            return other;
        }

        private static WorkflowException Invalid(ActivityNode node, string message, string zh)
        {
            while (node.Owner is { } owner)
                node = owner;
            return new WorkflowException(ErrorCodes.InvalidDefinition, message, zh) { Facts = new Dictionary<string, object?> { ["activity"] = node.Id } };
        }
    }
}
