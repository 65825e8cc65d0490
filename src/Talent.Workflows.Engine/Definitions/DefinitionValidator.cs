using System.Text.Json;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Activities.Primitives;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Definitions;

/// <summary>
/// Checks what a definition must satisfy to be published and started. What not even a draft may get wrong is refused by
/// <see cref="DefinitionReader"/>.
/// </summary>
public static class DefinitionValidator
{
    /// <param name="used">The workflows that it uses as activities, and those that these use, by version id.</param>
    public static IReadOnlyList<ValidationMessage> Validate(WorkflowDefinition definition, ActivityCatalog catalog, IReadOnlyDictionary<string, WorkflowDefinition>? used = null)
    {
        var messages = new List<ValidationMessage>();
        if (definition.DefinitionId.Length == 0)
            messages.Add(new(null, ErrorCodes.InvalidDefinition, "The definition has no definitionId. Give it a stable id.", "流程定义缺少 definitionId。"));
        if (!IncidentStrategies.TryRead(definition.Document, out _))
            messages.Add(new(null, ErrorCodes.InvalidDefinition, "The definition names an incident strategy that this server doesn't have. Choose Fault or Continue with incidents, or none.", "流程定义的故障处理策略不存在，请选择“故障即停”或“带故障继续”，或不选。"));
        if (!ActivationStrategies.TryRead(definition.Document, out _))
            messages.Add(new(null, ErrorCodes.InvalidDefinition, "The definition names an activation strategy that this server doesn't have. Choose one of the list, or none.", "流程定义的启动策略不存在，请从列表中选择，或不选。"));
        ExecutableWorkflow workflow;
        try
        {
            workflow = ExecutableWorkflow.Compile(definition, catalog, used ?? new Dictionary<string, WorkflowDefinition>());
        }
        catch (WorkflowException e) when (e.Code == ErrorCodes.InvalidDefinition)
        {
            messages.Add(new(e.Facts.TryGetValue("activity", out var id) ? (string?)id : null, e.Code, e.Message, e.MessageZh ?? e.Message));
            workflow = ExecutableWorkflow.Compile(definition, catalog);
        }
        CheckDefaults(null, definition.Variables, messages);
        // What a workflow that is used holds was checked when it was published.
        foreach (var activity in workflow.Activities.Where(a => a.Node.Owner is null).TakeWhile(_ => messages.Count < DefinitionLimits.MaxMessages))
            if (activity.Implementation is null && WorkflowExpansion.VersionOf(activity.Node, catalog) is not null)
                continue;
            else if (activity.Implementation is null)
                messages.Add(Unknown(activity.Node, activity.Node.Type));
            else if (activity.Implementation is NotFoundActivity)
                messages.Add(Unknown(activity.Node, NotFoundActivity.MissingType(activity.Node)));
            else
                Check(activity, workflow, messages);
        return messages.Count <= DefinitionLimits.MaxMessages ? messages : messages[..DefinitionLimits.MaxMessages];
    }

    private static ValidationMessage Unknown(ActivityNode node, string type) => new(node.Id, ErrorCodes.UnknownActivity,
        $"Activity '{node.Id}' has the type '{type}', which this server doesn't have. Replace the activity or install its type.",
        $"活动“{node.DisplayText}”（{node.Id}）的类型“{type}”在本服务器上不存在，请替换该活动或安装其类型。");

    private static void Check(BoundActivity activity, ExecutableWorkflow workflow, List<ValidationMessage> messages)
    {
        var node = activity.Node;
        var descriptor = activity.Implementation!.Descriptor;
        foreach (var input in descriptor.Inputs)
        {
            if (!activity.Inputs.TryGetValue(input.Name, out var expression) || expression is { Type: "Literal", Value.ValueKind: JsonValueKind.Undefined or JsonValueKind.Null })
            {
                if (input.Required)
                    messages.Add(new(node.Id, ErrorCodes.InvalidInput,
                        $"Activity '{node.Id}' needs input '{input.Name}'. Set it.", $"活动“{node.DisplayText}”（{node.Id}）缺少输入“{input.DisplayName}”，请填写。"));
                continue;
            }
            if (expression.Problem is { } problem)
                messages.Add(new(node.Id, problem.Code, $"Input '{input.Name}' of activity '{node.Id}': {problem.Message}",
                    $"活动“{node.DisplayText}”（{node.Id}）的输入“{input.DisplayName}”：{problem.MessageZh}"));
            else if (expression.Type == "Literal" && input.CheckLiteral(expression.Value) is { } wrong)
                messages.Add(new(node.Id, ErrorCodes.InvalidInput, $"Input '{input.Name}' of activity '{node.Id}' {wrong}.",
                    $"活动“{node.DisplayText}”（{node.Id}）的输入“{input.DisplayName}”的值不正确（应为 {input.TypeName}）。"));
            else if (expression.Type == "Variable" && !Declares(node, workflow.Definition, expression.ReferenceName()))
                messages.Add(new(node.Id, ErrorCodes.InvalidInput,
                    $"Input '{input.Name}' of activity '{node.Id}' reads variable '{expression.ReferenceName()}', which is not declared. Declare it or choose another.",
                    $"活动“{node.DisplayText}”（{node.Id}）的输入“{input.DisplayName}”引用了未声明的变量“{expression.ReferenceName()}”。"));
        }
        foreach (var (output, target) in activity.OutputVariables)
            if (!Declares(node, workflow.Definition, target) && workflow.Definition.Outputs.All(o => o.Name != target))
                messages.Add(new(node.Id, ErrorCodes.InvalidInput,
                    $"Output '{output}' of activity '{node.Id}' is bound to '{target}', which is neither a variable in its scope nor an output of the workflow. Bind it to another, or to none.",
                    $"活动“{node.DisplayText}”（{node.Id}）的输出“{output}”绑定了不存在的变量或流程输出“{target}”，请重新绑定。"));
        foreach (var (label, condition) in activity.Conditions)
            CheckCondition(node, label, condition, workflow, messages);
        if (ActivityTreeReader.HasConnectionsOfItsOwn(node))
            messages.Add(new(node.Id, ErrorCodes.InvalidDefinition, $"'{node.Id}' ({node.Type}) has connections, which only a flowchart follows. Remove them, or make it an Elsa.Flowchart.",
                $"“{node.DisplayText}”（{node.Type}）不是流程图，不能有连线，请删除连线或改用流程图。"));
        foreach (var problem in activity.Implementation.Validate(node))
            messages.Add(new(node.Id, ErrorCodes.InvalidInput, $"Activity '{node.Id}' {problem.Message}",
                $"活动“{node.DisplayText}”（{node.Id}）{problem.MessageZh ?? "配置有误，请检查并更正。"}"));
        if (descriptor.IsTrigger && node.CanStartWorkflow)
            CheckTrigger(activity, messages);
        CheckDefaults(node.Id, node.Variables, messages);
        CheckPorts(node, workflow, messages);
    }

    private static void CheckDefaults(string? activityId, IReadOnlyList<VariableDefinition> variables, List<ValidationMessage> messages)
    {
        foreach (var problem in variables.Select(VariableValues.ProblemOfDefault).OfType<WorkflowException>())
            messages.Add(new(activityId, problem.Code, problem.Message, problem.MessageZh ?? problem.Message));
    }

    private static void CheckCondition(ActivityNode node, string label, InputExpression condition, ExecutableWorkflow workflow, List<ValidationMessage> messages)
    {
        var (english, chinese) = ($"The condition of case '{label}' of activity '{node.Id}'", $"活动“{node.DisplayText}”（{node.Id}）的分支“{label}”的条件");
        if (condition.Problem is { } problem)
            messages.Add(new(node.Id, problem.Code, $"{english}: {problem.Message}", $"{chinese}：{problem.MessageZh}"));
        else if (condition.Type == "Literal" && !InputTypes.TryRead<bool>(condition.Value, out _))
            messages.Add(new(node.Id, ErrorCodes.InvalidInput, $"{english} is not true or false. Correct it.", $"{chinese}不是布尔值，请修改。"));
        else if (condition.Type == "Variable" && !Declares(node, workflow.Definition, condition.ReferenceName()))
            messages.Add(new(node.Id, ErrorCodes.InvalidInput,
                $"{english} reads variable '{condition.ReferenceName()}', which is not declared. Declare it or choose another.", $"{chinese}引用了未声明的变量“{condition.ReferenceName()}”。"));
    }

    private static void CheckTrigger(BoundActivity activity, List<ValidationMessage> messages)
    {
        var node = activity.Node;
        if (!ExecutableWorkflow.MayStart(node))
            messages.Add(new(node.Id, ErrorCodes.InvalidDefinition,
                $"Activity '{node.Id}' can't start the workflow where it lies. Put it directly into the root flowchart, make it the first of the root sequence, or clear canStartWorkflow.",
                $"活动“{node.DisplayText}”（{node.Id}）所在位置不能启动流程，请移至根流程图中，或取消“可启动流程”。"));
        else if (activity.Implementation!.Trigger(activity) is null)
            messages.Add(new(node.Id, ErrorCodes.InvalidInput,
                $"Activity '{node.Id}' may start the workflow, so what it waits for must be a valid literal: nothing is evaluated before there is an instance. Write it as one, or clear canStartWorkflow.",
                $"活动“{node.DisplayText}”（{node.Id}）可启动流程，其触发条件须为有效的字面值。"));
    }

    private static void CheckPorts(ActivityNode flowchart, ExecutableWorkflow workflow, List<ValidationMessage> messages)
    {
        foreach (var connections in flowchart.Connections.GroupBy(c => c.Source, StringComparer.Ordinal))
        {
            var source = workflow.Activity(connections.Key);
            if (source.Implementation?.Descriptor.OutcomesOf(source.Node) is not { } outcomes)
                continue;
            var known = outcomes.ToHashSet(StringComparer.Ordinal);
            var some = known.Take(20).ToList();
            foreach (var port in connections.Select(c => c.Port).Where(p => !known.Contains(p)).Distinct().Take(DefinitionLimits.MaxMessages))
                messages.Add(new(source.Node.Id, ErrorCodes.InvalidDefinition,
                    $"A connection leaves activity '{source.Node.Id}' by '{port}', which it doesn't have. Use one of: {string.Join(", ", some)}.",
                    $"活动“{source.Node.DisplayText}”（{source.Node.Id}）没有出口“{port}”，可用出口：{string.Join("、", some)}。"));
        }
    }

    private static bool Declares(ActivityNode? node, WorkflowDefinition definition, string idOrName)
    {
        for (; node is not null; node = node.Parent)
            if (node.Variables.Any(v => v.Id == idOrName || v.Name == idOrName)
                || (node.Parent is { Type: "Elsa.For" or "Elsa.ForEach" or "Elsa.ParallelForEach" } && idOrName is ("CurrentValue" or "CurrentIndex")))
                return true;
        return definition.Variables.Any(v => v.Id == idOrName || v.Name == idOrName);
    }
}
