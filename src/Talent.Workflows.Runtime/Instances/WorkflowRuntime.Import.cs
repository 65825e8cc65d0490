using Npgsql;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>Instances that come from another server, or back to this one.</summary>
public sealed partial class WorkflowRuntime
{
    /// <summary>
    /// Takes in a running instance under its own id, as one step: its waits can be resumed and its timers fire when this
    /// returns. False: it is there already, exactly so.
    /// </summary>
    /// <param name="content">What the definition says that it was running by.</param>
    /// <param name="createdAt">When it was created, business clock.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>not_published</c>: neither its version nor one with the same content is here; <c>conflict</c>: another content has the id, or the version;
    /// <c>invalid_request</c>: the state isn't whole.</exception>
    public async Task<bool> ImportAsync(WorkflowState state, DefinitionContent content, DateTimeOffset createdAt, Actor actor, CancellationToken cancellationToken)
    {
        var workflow = await CheckImportAsync(state, content, cancellationToken);
        if (await IsThereAsync(state, cancellationToken))
            return false;
        var now = clock.Now;
        var write = new StepWrite
        {
            Request = new StepRequest { InstanceId = state.InstanceId, Actor = actor }, Workflow = workflow, Before = Interpreter.Create(state.InstanceId, state.DefinitionVersionId), State = state,
            Result = new StepResult(StepOutcome.Applied, state, [], ImportedState.Journal(state, workflow), state.Bookmarks, [], []),
            VersionBefore = 0, Now = now, MachineNow = clock.Machine.GetUtcNow(), PreviousChainHash = null, ImportedFrom = createdAt,
        };
        try
        {
            var bytes = StateSerializer.Write(state);
            var written = await connections.WriteAsync(write, bytes, cancellationToken);
            if (!written.Committed)
                throw new WorkflowException(ErrorCodes.WrongState, $"Instance {state.InstanceId} was not imported: '{written.GateFailed}' didn't hold when it was to be written.", "权限或数据已变化，流程实例未导入。");
            Committed(write, bytes.Length, createdAt);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Somebody else has just imported it; or one of its waits has the id of another instance's.
            if (!await IsThereAsync(state, cancellationToken))
                throw Taken(state.InstanceId, e);
            return false;
        }
    }

    /// <summary>Whether an import would be refused. Nothing is written; the state names the version that it goes on by.</summary>
    /// <exception cref="WorkflowException">As <see cref="ImportAsync"/>.</exception>
    public async Task<ExecutableWorkflow> CheckImportAsync(WorkflowState state, DefinitionContent content, CancellationToken cancellationToken)
    {
        state.DefinitionVersionId = await VersionAsync(state, content, cancellationToken);
        var workflow = await definitions.ExecutableAsync(state.DefinitionVersionId, cancellationToken);
        ImportedState.Check(state, workflow);
        await IsThereAsync(state, cancellationToken);
        return workflow;
    }

    /// <summary>The version by which it goes on: its own, or one with the same content that came here under another id.</summary>
    private async Task<string> VersionAsync(WorkflowState state, DefinitionContent content, CancellationToken cancellationToken)
    {
        var named = await definitions.FindAsync(state.DefinitionVersionId, cancellationToken);
        var definitionId = content.DefinitionId;
        if (named?.DefinitionId == definitionId && (!content.IsKnown || await definitions.SaysAsync(named, content, cancellationToken)))
            return named.Id;
        if (content.IsKnown && await definitions.FindByContentAsync(content, cancellationToken) is { } same)
            return same.Id;
        throw named?.DefinitionId == definitionId
            ? new WorkflowException(ErrorCodes.Conflict, $"Instance {state.InstanceId} runs by version '{named.Id}' of '{definitionId}', which has another content here, and no published version has the content that it runs by. Import the definition from where the instance comes from and publish it, then import the instance again.", $"流程定义版本“{named.Id}”的内容与导出时不同，且没有内容相同的已发布版本。请先从原系统导入该流程定义并发布，再导入流程实例。")
            : new WorkflowException(ErrorCodes.NotFound, $"Instance {state.InstanceId} runs by version '{state.DefinitionVersionId}' of '{definitionId}', which isn't here, and no published version has the content that it runs by. Import the definition from where the instance comes from and publish it, then import the instance again.", $"缺少流程定义“{definitionId}”的版本“{state.DefinitionVersionId}”，且没有内容相同的已发布版本。请先从原系统导入该流程定义并发布，再导入流程实例。");
    }

    /// <exception cref="WorkflowException"><c>conflict</c>: the id is there with another content.</exception>
    private async Task<bool> IsThereAsync(WorkflowState state, CancellationToken cancellationToken)
    {
        if (await ReadAsync(state.InstanceId, cancellationToken) is not { } record)
            return false;
        return StateSerializer.Write(record.State).AsSpan().SequenceEqual(StateSerializer.Write(state)) ? true : throw Taken(state.InstanceId, null);
    }

    private static WorkflowException Taken(Guid id, Exception? inner) =>
        new(ErrorCodes.Conflict, $"There is an instance {id} already that is or was in another state, or one of its waits belongs to another instance. Nothing of it was imported.", $"流程实例 {id} 已存在且内容不同，未导入。", inner);
}
