using Npgsql;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Signals;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>What a request is answered with when it changes nothing: repetitions and refusals.</summary>
public sealed partial class WorkflowRuntime
{
    /// <summary>The answer that a request with this key got before; null when it is new.</summary>
    private Task<StepAnswer?> ReplayAsync(StepRequest request, CancellationToken cancellationToken) => FindAnswerAsync(request.Idempotency, cancellationToken);

    /// <summary>How an earlier request with this key was answered; null when there was none. For commands that check more than the step does before they send it.</summary>
    /// <exception cref="WorkflowException"><c>idempotency_key_reused</c>.</exception>
    public async Task<StepAnswer?> FindAnswerAsync(Idempotency? idempotency, CancellationToken cancellationToken)
    {
        if (idempotency is null)
            return null;
        await using var command = database.CreateCommand("select request_hash, instance_id, version, outcome, answer from engine.receipts where credential = $1 and key = $2");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = idempotency.Credential });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = idempotency.Key });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        if (!reader.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(idempotency.RequestHash))
            throw new WorkflowException(ErrorCodes.IdempotencyKeyReused,
                $"The idempotency key '{idempotency.Key}' was used for another request. Use a new key for a new request.", "该幂等键已用于其他请求。");
        return new StepAnswer
        {
            InstanceId = reader.GetGuid(1),
            Version = reader.GetInt64(2),
            Outcome = (StepOutcome)reader.GetInt16(3),
            ReceiptAnswer = reader.IsDBNull(4) ? null : reader.GetFieldValue<byte[]>(4),
            Replayed = true,
        };
    }

    /// <summary>What became of the signal when it came before; null when the request is no signal or a new one.</summary>
    private async Task<StepAnswer?> ReplaySignalAsync(StepRequest request, InstanceRecord record, CancellationToken cancellationToken) =>
        request.Stimulus is Stimulus.Signal signal && await KnownAsync(request, signal, cancellationToken) is { } known ? Replayed(known.Record, record) : null;

    /// <summary>A signal that could have been applied, but whose id is noted already. Null: a further attempt can apply it.</summary>
    private async Task<StepAnswer?> MeetAgainAsync(StepRequest request, Stimulus.Signal signal, InstanceRecord record, CancellationToken cancellationToken)
    {
        if (await KnownAsync(request, signal, cancellationToken) is not { } known)
        {
            // Two credentials may have chosen the same id; neither may lose its signal for it.
            return await TryAsync(request with { Stimulus = signal with { SignalId = IdOf(signal.SignalId, request.Sender) } },
                await LoadAsync(request.InstanceId, cancellationToken), false, cancellationToken);
        }
        if (known.Record.Outcome != SignalOutcome.NotExpected)
            return Replayed(known.Record, record);
        // Nothing expected it then; now something does.
        await using var command = database.CreateCommand($"delete from engine.signals where instance_id = $1 and signal_id = $2 and outcome = {(int)SignalOutcome.NotExpected}");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = request.InstanceId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = known.StoredId });
        await command.ExecuteNonQueryAsync(cancellationToken);
        return null;
    }

    private static StepAnswer Replayed(SignalRecord known, InstanceRecord record) =>
        new() { InstanceId = record.Id, Outcome = OutcomeOf(known.Outcome), Version = record.Version, Replayed = true };

    /// <summary>The sender's signal that came before under this id.</summary>
    /// <exception cref="WorkflowException"><c>idempotency_key_reused</c>: it was another signal, so this one was never applied.</exception>
    private async Task<KnownSignal?> KnownAsync(StepRequest request, Stimulus.Signal signal, CancellationToken cancellationToken)
    {
        if (await FindSignalAsync(request.InstanceId, signal.SignalId, request.Sender, cancellationToken) is not { IsOwn: true } known)
            return null;
        if (known.Record.Name != signal.Name)
            throw new WorkflowException(ErrorCodes.IdempotencyKeyReused,
                $"The signal id '{signal.SignalId}' was used for '{known.Record.Name}'. Use a new one for '{signal.Name}'.", "该信号编号已用于其他事件。");
        if (known.PayloadHash is { } hash && !hash.AsSpan().SequenceEqual(payloads.Of(signal.Payload)))
            throw new WorkflowException(ErrorCodes.IdempotencyKeyReused,
                $"The signal id '{signal.SignalId}' was used for '{signal.Name}' with another payload. Use a new one for another payload.", "该信号编号已用于内容不同的信号。");
        return known;
    }

    /// <summary>What a signal is kept under when its id was another credential's first.</summary>
    private static string IdOf(string signalId, string sender) => $"{signalId}@{sender}";

    private async Task<StepAnswer> StartedBeforeAsync(Guid instanceId, CancellationToken cancellationToken)
    {
        var record = await LoadAsync(instanceId, cancellationToken);
        return new StepAnswer { InstanceId = instanceId, Outcome = StepOutcome.Applied, Version = record.Version, Replayed = true };
    }

    /// <summary>A start that its strategy doesn't allow, unless it is the repetition of one that it did allow.</summary>
    private async Task<StepAnswer> StartedAlreadyAsync(StartRequest request, WorkflowDefinition definition, CancellationToken cancellationToken) =>
        request.InstanceId is { } given && await connections.LoadAsync(given, cancellationToken) is not null
            ? await StartedBeforeAsync(given, cancellationToken) : throw ActivationRefusal.Of(definition);

    /// <summary>The engine, on what the database has, found nothing to do.</summary>
    private async Task<StepAnswer> RefuseAsync(StepRequest request, InstanceRecord record, StepOutcome outcome, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await ReplayAsync(request, cancellationToken) is { } earlier)
            return earlier;
        if (request.Stimulus is Stimulus.Signal signal)
        {
            if (outcome == StepOutcome.TooMany)
                return await ReplaySignalAsync(request, record, cancellationToken) ?? throw new WorkflowException(ErrorCodes.TooManySignals,
                    $"Instance {record.Id} keeps {Interpreter.MaxEarlySignals} early signals already. Send the signal again when the instance has moved on.", "流程暂存的信号过多，请稍后重试。")
                { Facts = new Dictionary<string, object?> { ["retryAfterSeconds"] = 60 } };
            var recorded = await RecordAsync(request, signal, outcome, now, cancellationToken);
            return new StepAnswer { InstanceId = record.Id, Outcome = OutcomeOf(recorded.Outcome), Version = record.Version, State = record.State, Replayed = recorded.Replayed };
        }
        return new StepAnswer { InstanceId = record.Id, Outcome = outcome, Version = record.Version, State = record.State };
    }

    /// <summary>Notes what became of a signal that moved nothing, unless it was noted before.</summary>
    /// <exception cref="WorkflowException"><c>too_many_signals</c>: as many are noted of the instance as may be.</exception>
    private async Task<SignalRecord> RecordAsync(StepRequest request, Stimulus.Signal signal, StepOutcome outcome, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var instanceId = request.InstanceId;
        var record = new SignalRecord(instanceId, signal.SignalId, signal.Name, outcome == StepOutcome.NotExpected ? SignalOutcome.NotExpected : SignalOutcome.Superseded, now);
        await using var command = database.CreateCommand("""
            insert into engine.signals (instance_id, signal_id, name, outcome, at, sender, payload_hash)
            select $1, case when exists (select from engine.signals where instance_id = $1 and signal_id = $2 and sender <> $7) then $9 else $2 end, $3, $4, $5, $7, $8
            where (select count(*) from (select from engine.signals where instance_id = $1 and outcome >= 2 limit $6) s) < $6
            on conflict do nothing
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = instanceId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = signal.SignalId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = signal.Name });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)record.Outcome });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = options.RefusedSignalsPerInstance });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.Sender });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = payloads.Of(signal.Payload) });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = IdOf(signal.SignalId, request.Sender) });
        if (await command.ExecuteNonQueryAsync(cancellationToken) > 0)
            return record;
        return await KnownAsync(request, signal, cancellationToken) is { } known ? known.Record with { Replayed = true } : throw new WorkflowException(ErrorCodes.TooManySignals,
            $"Instance {instanceId} was sent {options.RefusedSignalsPerInstance} signals already that nothing in it waited for. Read what it waits for (GET /api/v1/workflows/instances/{instanceId}) before sending more.", "该流程收到的无效信号过多，请先查询流程在等待什么。")
        { Facts = new Dictionary<string, object?> { ["retryAfterSeconds"] = 3600 } };
    }

    private static StepOutcome OutcomeOf(SignalOutcome outcome) => outcome switch
    {
        SignalOutcome.Applied => StepOutcome.Applied,
        SignalOutcome.Waiting => StepOutcome.Waiting,
        SignalOutcome.NotExpected => StepOutcome.NotExpected,
        _ => StepOutcome.Superseded,
    };
}
