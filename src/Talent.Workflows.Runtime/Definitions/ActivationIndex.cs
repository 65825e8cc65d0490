using Npgsql;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Runtime.Definitions;

/// <summary>The rows of engine.activations for what runs already when a strategy is published. Written in the transaction that publishes it.</summary>
internal static class ActivationIndex
{
    /// <summary>Instances of other versions hold the place too; of <c>Correlation</c> they are found without rows.</summary>
    public static async Task WriteAsync(NpgsqlConnection connection, WorkflowDefinition definition, CancellationToken cancellationToken)
    {
        if (definition.Activation is not (ActivationStrategy.Singleton or ActivationStrategy.CorrelatedSingleton))
            return;
        var perCorrelation = definition.Activation == ActivationStrategy.CorrelatedSingleton;
        // status, unlike finished_at, lets PostgreSQL choose the index of what runs.
        await using var command = new NpgsqlCommand("""
            insert into engine.activations as known (instance_id, key, beside)
            select i.id, engine.activation_key($2, i.definition_id, case when $3 then i.correlation_id end), i.id from engine.instances i where i.definition_id = $1 and i.status = 0
            on conflict (instance_id) do update set key = excluded.key, beside = excluded.beside where known.key <> excluded.key
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = definition.DefinitionId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = perCorrelation ? ActivationPart.Correlated : ActivationPart.Singleton });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = perCorrelation });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
