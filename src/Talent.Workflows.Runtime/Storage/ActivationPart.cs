using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>
/// Activation strategies. What runs already closes a gate; of two starts at the same instant, which don't see each other,
/// the second meets the first one's key. Definitions that may always be started write and check nothing.
/// </summary>
internal sealed class ActivationPart : StepPart
{
    private const string Gate = "activation";

    // Status 0 is Running.
    private static readonly string Free = $"select not exists (select from engine.instances i where i.status = {(int)WorkflowStatus.Running} and i.id <> @instance and ";

    public override string Name => "activation";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
        [new("key", NpgsqlDbType.Text), new("definition", NpgsqlDbType.Text), new("correlation", NpgsqlDbType.Text)];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new("activation_new as (insert into engine.activations (key, instance_id) select @key, id from step)"),
        new("activation_gone as (delete from engine.activations a using step where a.instance_id = step.id)"),
        new(new StepGate(Gate, $"{Free} i.definition_id = @definition)")),
        new(new StepGate(Gate, $"{Free} i.definition_id = @definition and i.correlation_id is not distinct from @correlation)")),
        new(new StepGate(Gate, $"{Free} i.correlation_id = @correlation)")),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        var (definition, correlation) = (step.Workflow.Definition.DefinitionId, step.State.CorrelationId);
        var strategy = step.Workflow.Definition.Activation;
        if (strategy == ActivationStrategy.Correlation && correlation is null && step.IsStart)
            strategy = ActivationStrategy.Always;
        var starts = step.IsStart && strategy != ActivationStrategy.Always;
        var running = step.State.Status == WorkflowStatus.Running;
        values.SkipUnless(starts && running, 0);
        values.SkipUnless(!step.IsStart && !running && strategy != ActivationStrategy.Always, 1);
        values.SkipUnless(starts && strategy == ActivationStrategy.Singleton, 2);
        values.SkipUnless(starts && strategy == ActivationStrategy.CorrelatedSingleton, 3);
        values.SkipUnless(starts && strategy == ActivationStrategy.Correlation, 4);
        values[0] = strategy switch
        {
            ActivationStrategy.Singleton => $"definition\n{definition}",
            ActivationStrategy.CorrelatedSingleton => $"both\n{definition}\n{correlation}",
            _ => $"correlation\n{correlation}",
        };
        values[1] = definition;
        values[2] = correlation;
    }

    public override WorkflowException? Explain(PostgresException violation) => violation.ConstraintName == "activations_pkey" ? Refusal(Gate) : null;

    /// <summary>What a closed gate of this part means; null when it is another's.</summary>
    public static WorkflowException? Refusal(string? gate) => gate != Gate ? null : new WorkflowException(ErrorCodes.WrongState,
        "The workflow's activation strategy allows no second instance while one runs. Wait until that one has finished, or choose another strategy.",
        "已有运行中的实例，按启动策略不能再启动，请等其结束，或更改启动策略。")
        { Facts = new Dictionary<string, object?> { ["activation"] = true } };
}
