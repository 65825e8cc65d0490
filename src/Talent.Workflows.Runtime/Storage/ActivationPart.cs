using NpgsqlTypes;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>
/// Activation strategies. What runs closes the gate; of several starts at the same instant, which don't see each other, one
/// writes the key first. Definitions that may always be started write and check nothing.
/// </summary>
internal sealed class ActivationPart : StepPart
{
    /// <summary>Both gates: what they mean is the same.</summary>
    public const string Gate = "activation";

    /// <summary>Violated by the start that came second.</summary>
    public const string Key = "activations_key";

    // As in the migration that has filled the table.
    internal const string Singleton = "singleton";
    internal const string Correlated = "correlated";

    // Rows of instances that a version without a strategy has ended stay until the next maintenance, and count for nothing.
    internal const string KeyIsFree = """
        select not exists (select from engine.activations a join engine.instances i on i.id = a.instance_id
            where a.key = engine.activation_key(@kind, @definition, @asked) and i.finished_at is null)
        """;

    // Whether it runs is told by finished_at, so that the index of what runs, which may be long, is no choice here.
    internal const string CorrelationIsFree = "select not exists (select from engine.instances i where i.correlation_id = @asked and i.finished_at is null)";

    public override string Name => "activation";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("kind", NpgsqlDbType.Text), new("definition", NpgsqlDbType.Text), new("asked", NpgsqlDbType.Text),
        new("correlation", NpgsqlDbType.Text), new("beside", NpgsqlDbType.Uuid),
    ];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new(new StepGate(Gate, KeyIsFree)),
        new(new StepGate(Gate, CorrelationIsFree)),
        new("""
            activation_new as (
                insert into engine.activations (instance_id, key, beside) select id, engine.activation_key(@kind, @definition, @correlation), @beside from step)
            """),
        // Not where a later version's publishing has given it another kind of place.
        new("""
            activation_moved as (
                insert into engine.activations as held (instance_id, key, beside) select id, engine.activation_key(@kind, @definition, @correlation), id from step
                on conflict (instance_id) do update set key = excluded.key, beside = excluded.beside where held.key = engine.activation_key(@kind, @definition, @asked))
            """),
        new("activation_gone as (delete from engine.activations a using step where a.instance_id = step.id)"),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        var strategy = step.Workflow.Definition.Activation;
        // The id that a start was asked with decides; the one that its activities have set counts from then on.
        var (asked, correlation) = (step.Before.CorrelationId, step.State.CorrelationId);
        var limited = strategy != ActivationStrategy.Always && !(strategy == ActivationStrategy.Correlation && asked is null);
        var moves = asked != correlation;
        var runs = step.FinishedAt is null;
        values.SkipUnless(limited && step.IsStart && strategy != ActivationStrategy.Correlation, 0);
        values.SkipUnless(limited && step.IsStart && strategy == ActivationStrategy.Correlation, 1);
        // Under Correlation everything that runs is found by its correlation id: the row is there for starts at the same instant.
        values.SkipUnless(limited && step.IsStart && runs && !(moves && strategy == ActivationStrategy.Correlation), 2);
        values.SkipUnless(limited && !step.IsStart && runs && moves && strategy == ActivationStrategy.CorrelatedSingleton, 3);
        values.SkipUnless(limited && !step.IsStart && (!runs || moves && strategy == ActivationStrategy.Correlation), 4);
        if (!limited)
            return;
        values["kind"] = strategy switch
        {
            ActivationStrategy.Singleton => Singleton,
            ActivationStrategy.CorrelatedSingleton => Correlated,
            _ => "correlation",
        };
        values["definition"] = strategy == ActivationStrategy.Correlation ? null : step.Workflow.Definition.DefinitionId;
        values["asked"] = strategy == ActivationStrategy.Singleton ? null : asked;
        values["correlation"] = strategy == ActivationStrategy.Singleton ? null : correlation;
        values["beside"] = moves && strategy == ActivationStrategy.CorrelatedSingleton ? step.InstanceId : Guid.Empty;
    }
}
