using Npgsql;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>Removes instances for good, with all that the engine keeps of them. What an audit vouches for stays.</summary>
public sealed class InstanceRemoval(NpgsqlDataSource database, WorkflowRuntime runtime)
{
    /// <summary>Removes one; a running one is cancelled first. False when there is none.</summary>
    /// <exception cref="WorkflowException"><c>wrong_state</c>: it is under audit, which may not be cut short.</exception>
    public async Task<bool> RemoveAsync(Guid instanceId, Actor actor, CancellationToken cancellationToken)
    {
        if (await runtime.ReadAsync(instanceId, cancellationToken) is not { } record)
            return false;
        Check(record.Id, record.ChainHash is not null);
        if (record.State.Status == WorkflowStatus.Running)
            await runtime.CancelAsync(instanceId, "删除前取消 Cancelled before removal", actor, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await InstanceMarks.HoldAsync(connection, cancellationToken);
        await using (var locked = new NpgsqlCommand("select chain_hash is not null from engine.instances where id = $1 for update", connection, transaction))
        {
            locked.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = instanceId });
            if (await locked.ExecuteScalarAsync(cancellationToken) is not bool audited)
                return false;
            Check(instanceId, audited);
        }
        await using var remove = new NpgsqlBatch(connection, transaction);
        foreach (var sql in (IEnumerable<string>)[.. InstanceMarks.Removal,
            "delete from engine.journal where instance_id = $1", "delete from engine.signals where instance_id = $1", "delete from engine.bookmarks where instance_id = $1",
            "delete from engine.timers where instance_id = $1", "delete from engine.activations where instance_id = $1", "delete from engine.instances where id = $1"])
            remove.BatchCommands.Add(new NpgsqlBatchCommand(sql) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = instanceId } } });
        await remove.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static void Check(Guid id, bool audited)
    {
        if (audited)
            throw new WorkflowException(ErrorCodes.WrongState, $"Instance {id} is under audit; its record has to stay. Cancel it instead.", "该流程实例的记录受审计保护，不能删除；可以取消。");
    }
}
