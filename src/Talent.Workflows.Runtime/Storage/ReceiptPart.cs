using NpgsqlTypes;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>
/// The idempotency row, inserted without ON CONFLICT: a key that was used before rolls the step back. Bound last, so that
/// the answer of every part is in it.
/// </summary>
internal sealed class ReceiptPart : StepPart
{
    public const string Key = "receipts_pkey";

    public override string Name => "receipt";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("credential", NpgsqlDbType.Text),
        new("key", NpgsqlDbType.Text),
        new("hash", NpgsqlDbType.Bytea),
        new("outcome", NpgsqlDbType.Smallint),
        new("answer", NpgsqlDbType.Bytea),
    ];

    public override string Sql => """
        receipt as (
            insert into engine.receipts (credential, key, request_hash, instance_id, version, outcome, answer, at)
            select @credential, @key, @hash, id, version, @outcome, @answer, @machine_now from step)
        """;

    public override void Bind(StepWrite step, StepParameters values)
    {
        if (step.Request.Idempotency is not { } idempotency)
        {
            values.Skip(0);
            return;
        }
        values["credential"] = idempotency.Credential;
        values["key"] = idempotency.Key;
        values["hash"] = idempotency.RequestHash;
        values["outcome"] = (short)(step.Result?.Outcome ?? StepOutcome.Applied);
        values["answer"] = step.ReceiptAnswer;
    }
}
