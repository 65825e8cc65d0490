using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Engine.Activities.Flow;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Engine.Execution;

/// <summary>Goes on by another version: all that is under way has to be there as it is here, or nothing changes.</summary>
internal sealed partial class StepRun
{
    private void Migrate(ExecutableWorkflow target)
    {
        if (target.Definition.Id == workflow.Definition.Id)
            throw Refused($"Instance {state.InstanceId} is one of version {target.Definition.Version} already.", $"流程实例已是版本 {target.Definition.Version}。");
        var differences = new List<MigrationDifference>();
        foreach (var execution in state.Executions)
            Compare(execution, target, differences);
        foreach (var incident in state.Incidents)
            if (incident.Call?.Child is { } child)
                CompareActivity(child.ActivityId, target, differences);
        CompareVariables(state.Variables.Keys, workflow.Definition.Variables, target.Definition.Variables, null, differences);
        if (differences.Count > 0)
            throw Refused(target, [.. differences.DistinctBy(d => (d.ActivityId, d.Message))]);

        var from = workflow.Definition;
        workflow = target;
        state.DefinitionVersionId = target.Definition.Id;
        AddDefaults(state.Variables, target.Definition.Variables);
        foreach (var execution in state.Executions)
            if (workflow.Activity(execution.ActivityId).Node.Variables is { Count: > 0 } declared)
                AddDefaults(execution.Variables ??= new(StringComparer.Ordinal), declared);
        Log("Migrated", state.Executions[0], message: string.Create(CultureInfo.InvariantCulture, $"{from.Version} → {target.Definition.Version}"));
    }

    private void Compare(ActivityExecution execution, ExecutableWorkflow target, List<MigrationDifference> differences)
    {
        var before = workflow.Activity(execution.ActivityId).Node;
        if (CompareActivity(execution.ActivityId, target, differences) is not { } after)
            return;
        CompareVariables(execution.Variables?.Keys ?? Enumerable.Empty<string>(), before.Variables, after.Variables, before.Id, differences);
        if (execution.Entry is { } entry)
            CompareActivity(entry, target, differences);
        // A sequence knows by number where it is.
        if (before.Type == "Elsa.Sequence" && execution.Data?.GetValueOrDefault("index") is { ValueKind: JsonValueKind.Number } index
            && !before.Activities.Take(index.GetInt32()).Select(a => a.Id).SequenceEqual(after.Activities.Take(index.GetInt32()).Select(a => a.Id)))
            differences.Add(new MigrationDifference(before.Id, before.Type, $"'{before.Id}' has other activities before the one it is at", $"“{before.Id}”中当前活动之前的活动不同"));
        foreach (var token in execution.Tokens ?? [])
            CompareToken(token, execution, target, differences);
    }

    /// <summary>The activity in the other version; null when it isn't there, or as another.</summary>
    private ActivityNode? CompareActivity(string activityId, ExecutableWorkflow target, List<MigrationDifference> differences)
    {
        var before = workflow.Activity(activityId).Node;
        var (message, messageZh) = target.Definition.Activities.TryGetValue(activityId, out var after)
            ? after.Type != before.Type ? ($"'{activityId}' is {after.Type} there, not {before.Type}", $"“{activityId}”的类型是 {after.Type}，而不是 {before.Type}")
            : after.Parent?.Id != before.Parent?.Id ? ($"'{activityId}' lies in '{after.Parent?.Id}' there, not in '{before.Parent?.Id}'", $"“{activityId}”位于“{after.Parent?.Id}”，而不是“{before.Parent?.Id}”")
            : (null, "")
            : ($"'{activityId}' ({before.Type}) is missing", $"缺少“{activityId}”（{before.Type}）");
        if (message is null)
            return after;
        differences.Add(new MigrationDifference(activityId, before.Type, message, messageZh));
        return null;
    }

    private void CompareToken(FlowToken token, ActivityExecution flowchart, ExecutableWorkflow target, List<MigrationDifference> differences)
    {
        var there = CompareActivity(token.To, target, differences) is not null;
        if (token.From != MoveRegion.Moved)
            there &= CompareActivity(token.From, target, differences) is not null;
        // What a token has led to runs already. One that still waits for others needs the same others there.
        if (!there || state.Executions.Exists(e => e.ParentId == flowchart.Id && e.ActivityId == token.To))
            return;
        var before = Inbound(workflow.Activity(flowchart.ActivityId).Node, token.To);
        if (!before.SetEquals(Inbound(target.Activity(flowchart.ActivityId).Node, token.To)) || MergeModes.Of(workflow.Activity(token.To)) != MergeModes.Of(target.Activity(token.To)))
            differences.Add(new MigrationDifference(token.To, workflow.Activity(token.To).Node.Type, $"'{token.To}' is joined by other branches there, and some have come already", $"汇合到“{token.To}”的分支不同，而部分分支已经到达"));
    }

    /// <summary>Joins on the way of what is under way that could never be passed, because nothing leads to a branch that they need.</summary>
    /// <param name="within">A flowchart in which <paramref name="completed"/>, which is still to be followed, counts as under way.</param>
    private IEnumerable<(string Join, string Missing)> HeldUp(ActivityExecution? within = null, string? completed = null)
    {
        foreach (var flowchart in state.Executions.Where(e => e.Tokens is not null))
        {
            var bound = workflow.Activity(flowchart.ActivityId);
            var graph = bound.GraphFrom(flowchart.Entry);
            var reached = graph.ReachedFrom(flowchart == within ? PendingChildren(flowchart).Append(completed!) : PendingChildren(flowchart), onwards: true);
            foreach (var join in bound.Node.Activities)
            {
                var needed = MergeModes.Needed(workflow.Activity(join.Id), graph);
                if (needed.Count > 1 && needed.Any(Comes) && needed.FirstOrDefault(c => !Comes(c)) is { } missing)
                    yield return (join.Id, missing.Source);
            }

            bool Comes(Connection connection) =>
                reached.Contains(connection.Source) || flowchart.Tokens!.Contains(new FlowToken(connection.Source, connection.Port, connection.Target));
        }
    }

    // Such a join isn't waited for: its flowchart would end without what comes after it.
    private void RefuseWhenHeldUp(HashSet<string> before)
    {
        var differences = HeldUp().Where(h => !before.Contains(h.Join)).Select(h => new MigrationDifference(h.Join, workflow.Activity(h.Join).Node.Type,
            $"'{h.Join}' needs '{h.Missing}' there, to which nothing under way leads (begin it in the same list, by ScheduleActivity after Migrate)",
            $"“{h.Join}”还需等待“{h.Missing}”，而当前进行的环节都不会到达它（可在同一列表中于 Migrate 之后用 ScheduleActivity 启动它）")).ToList();
        if (differences.Count > 0)
            throw Refused(workflow, differences);
    }

    private static HashSet<Connection> Inbound(ActivityNode flowchart, string activityId) => [.. flowchart.Connections.Where(c => c.Target == activityId)];

    private static void CompareVariables(IEnumerable<string> held, IReadOnlyList<VariableDefinition> before, IReadOnlyList<VariableDefinition> after, string? activityId, List<MigrationDifference> differences)
    {
        // What a loop hands in is declared in neither.
        foreach (var variable in held.Select(id => before.FirstOrDefault(v => v.Id == id)).OfType<VariableDefinition>())
            if (after.FirstOrDefault(v => v.Id == variable.Id) is not { } other)
                differences.Add(new MigrationDifference(activityId, null, $"the variable '{variable.Name}' ({variable.Id}) is missing", $"缺少变量“{variable.Name}”（{variable.Id}）"));
            else if ((other.TypeName, other.IsArray) != (variable.TypeName, variable.IsArray))
                differences.Add(new MigrationDifference(activityId, null, $"the variable '{variable.Name}' ({variable.Id}) is of another type", $"变量“{variable.Name}”（{variable.Id}）的类型不同"));
    }

    private static void AddDefaults(Dictionary<string, JsonElement> values, IReadOnlyList<VariableDefinition> declared)
    {
        foreach (var (id, value) in VariableValues.Defaults(declared))
            values.TryAdd(id, value);
    }

    private StimulusRejected Refused(ExecutableWorkflow target, IReadOnlyList<MigrationDifference> differences) => new(new WorkflowException(ErrorCodes.WrongState,
        $"Instance {state.InstanceId} can't go on by version {target.Definition.Version}, because of what is under way in it: {string.Join("; ", differences.Select(d => d.Message))}. Choose a version that has all of it, or cancel these activities first.",
        $"流程实例不能迁移到版本 {target.Definition.Version}：{string.Join("；", differences.Select(d => d.MessageZh))}。请选择包含这些内容的版本，或先取消相应活动。")
    { Facts = new Dictionary<string, object?> { ["differences"] = differences } });
}

/// <summary>Why an instance can't go on by another version.</summary>
/// <param name="ActivityId">What is under way and isn't there as it is here; null: a variable of the workflow isn't.</param>
/// <param name="ActivityType">Its type here; null for a variable.</param>
public sealed record MigrationDifference(string? ActivityId, string? ActivityType, string Message, string MessageZh);
