using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>Changes by hand.</summary>
public sealed partial class WorkflowRuntime
{
    /// <summary>Changes a running instance by hand: all of the alterations in one step, or none.</summary>
    /// <param name="idempotency">Makes a repetition safe; null: none is expected.</param>
    /// <exception cref="WorkflowException"><c>wrong_state</c>: it has ended, or the engine refuses one, with the reason; <c>unknown_activity</c>,
    /// <c>invalid_input</c>, <c>not_found</c>, <c>not_published</c>, <c>busy</c>, <c>unavailable</c>.</exception>
    public async Task<StepAnswer> AlterAsync(Guid instanceId, IReadOnlyList<Alteration> alterations, Actor actor, CancellationToken cancellationToken, Idempotency? idempotency = null)
    {
        var stimulus = await StimulusAsync(alterations, async () => (await LoadAsync(instanceId, cancellationToken)).DefinitionId, cancellationToken);
        var answer = await ApplyAsync(new StepRequest { InstanceId = instanceId, Stimulus = stimulus, Actor = actor, Idempotency = idempotency }, cancellationToken);
        if (answer.GateFailed is { } gate)
            throw new WorkflowException(ErrorCodes.WrongState, $"Instance {instanceId} was not changed: '{gate}' didn't hold any more when it was to be written. Read it again.", "数据或权限已变化，流程实例未修改，请刷新后重试。");
        return answer.Applied ? answer : throw Ended(instanceId);
    }

    /// <summary>What the alterations would do to an instance as it is now. Nothing is written.</summary>
    /// <exception cref="WorkflowException">As <see cref="AlterAsync"/> would refuse.</exception>
    public async Task<StepResult> TryAlterAsync(Guid instanceId, IReadOnlyList<Alteration> alterations, CancellationToken cancellationToken)
    {
        var record = await LoadAsync(instanceId, cancellationToken);
        var stimulus = await StimulusAsync(alterations, () => Task.FromResult(record.DefinitionId), cancellationToken);
        var result = Interpreter.Advance(await definitions.ExecutableAsync(record.DefinitionVersionId, cancellationToken), record.State, stimulus, clock.Now);
        return result.Outcome == StepOutcome.Applied ? result : throw Ended(instanceId);
    }

    private async Task<Stimulus.Alter> StimulusAsync(IReadOnlyList<Alteration> alterations, Func<Task<string>> definitionOf, CancellationToken cancellationToken)
    {
        var versions = alterations.OfType<Alteration.Migrate>().Select(m => m.TargetVersion).Distinct().ToList();
        if (versions.Count == 0)
            return new Stimulus.Alter(alterations);
        // An instance never changes its definition, only the version.
        var definitionId = await definitionOf();
        var targets = new Dictionary<int, ExecutableWorkflow>();
        foreach (var version in versions)
            targets.Add(version, await TargetAsync(definitionId, version, cancellationToken));
        return new Stimulus.Alter(alterations) { Targets = targets };
    }

    private async Task<ExecutableWorkflow> TargetAsync(string definitionId, int version, CancellationToken cancellationToken)
    {
        var found = await definitions.FindAsync(definitionId, VersionFilter.Number, version, cancellationToken)
            ?? throw new WorkflowException(ErrorCodes.NotFound, $"Definition '{definitionId}' has no version {version}. Choose one that it has.", $"流程定义“{definitionId}”没有版本 {version}。");
        try
        {
            return await definitions.ExecutableAsync(found.Id, cancellationToken);
        }
        catch (WorkflowException draft) when (draft.Code == ErrorCodes.NotPublished)
        {
            throw new WorkflowException(ErrorCodes.NotPublished, $"Version {version} of definition '{definitionId}' is a draft. Publish it first.", $"流程定义“{definitionId}”的版本 {version} 是草稿，请先发布。", draft);
        }
    }

    private static WorkflowException Ended(Guid instanceId) => new(ErrorCodes.WrongState, $"Instance {instanceId} has ended; nothing in it can be changed.", "流程实例已结束，不能修改。");
}
