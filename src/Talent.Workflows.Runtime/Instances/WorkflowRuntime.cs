using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Events;
using Talent.Workflows.Runtime.Signals;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>
/// Moves instances. Every call that changes something is one step: the engine decides, one statement writes all of it,
/// and the answer means that it is committed. A refused request has changed nothing.
/// </summary>
public sealed partial class WorkflowRuntime
{
    private readonly NpgsqlDataSource database;
    private readonly StepConnections connections;
    private readonly InstanceCache cache;
    private readonly InstanceQueue queue;
    private readonly DefinitionStore definitions;
    private readonly BusinessClock clock;
    private readonly IntakePause intake;
    private readonly Wakeups wakeups;
    private readonly InstanceChanges changes;
    private readonly SetAsideTimers setAside;
    private readonly PayloadHash payloads;
    private readonly RuntimeOptions options;
    private readonly ILogger<WorkflowRuntime> logger;

    internal WorkflowRuntime(
        NpgsqlDataSource database, StepConnections connections, InstanceCache cache, InstanceQueue queue, DefinitionStore definitions,
        BusinessClock clock, IntakePause intake, Wakeups wakeups, InstanceChanges changes, SetAsideTimers setAside, PayloadHash payloads, IOptions<RuntimeOptions> options, ILogger<WorkflowRuntime> logger)
    {
        this.database = database;
        this.connections = connections;
        this.cache = cache;
        this.queue = queue;
        this.definitions = definitions;
        this.clock = clock;
        this.intake = intake;
        this.wakeups = wakeups;
        this.changes = changes;
        this.setAside = setAside;
        this.payloads = payloads;
        this.options = options.Value;
        this.logger = logger;
    }

    /// <summary>Statements that steps have sent to the database: one for a hot instance, two for a cold one.</summary>
    public long RoundTrips => connections.RoundTrips;

    /// <summary>Creates an instance and, unless it is to stay pending, runs it to its first wait.</summary>
    /// <returns><see cref="StepAnswer.Replayed"/> when the key or the given instance id was used before.</returns>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>not_published</c>, <c>invalid_definition</c>, <c>intake_paused</c>, <c>idempotency_key_reused</c>, <c>unavailable</c>;
    /// <c>wrong_state</c>: the definition's activation strategy doesn't allow it now (<see cref="ActivationRefusal"/>).</exception>
    public async Task<StepAnswer> StartAsync(StartRequest request, CancellationToken cancellationToken)
    {
        intake.ThrowIfClosedTo(request.Actor);
        var step = new StepRequest
        {
            InstanceId = request.InstanceId ?? Guid.CreateVersion7(clock.Machine.GetUtcNow()),
            Stimulus = request.Pending ? null : new Stimulus.Start(request.Input, request.CorrelationId, request.Trigger, request.Parent),
            Actor = request.Actor,
            Idempotency = request.Idempotency,
            Domain = request.Domain,
        };
        for (var fresh = false; ; fresh = true)
        {
            var versionId = request.DefinitionVersionId
                ?? await definitions.PublishedVersionAsync(request.DefinitionId ?? throw new WorkflowException(ErrorCodes.InvalidRequest,
                    "A start names a definitionId or a definitionVersionId. Add one of them.", "启动流程时须指定流程定义。"), fresh, cancellationToken);
            var workflow = await definitions.ExecutableAsync(versionId, cancellationToken);
            var state = Interpreter.Create(step.InstanceId, versionId);
            state.CorrelationId = request.CorrelationId;
            state.Name = request.Name;
            var now = clock.Now;
            var result = step.Stimulus is null ? null : Interpreter.Advance(workflow, state, step.Stimulus, now);
            var write = new StepWrite
            {
                Request = step, Workflow = workflow, Before = state, State = result?.State ?? state, Result = result,
                VersionBefore = 0, Now = now, MachineNow = clock.Machine.GetUtcNow(), PreviousChainHash = null,
            };
            try
            {
                var bytes = StateSerializer.Write(write.State);
                var written = await connections.WriteAsync(write, bytes, cancellationToken);
                if (written.Committed)
                    return Committed(write, bytes.Length, now);
                if (written.GateFailed == StepStatement.PublishedGate && await ReplayAsync(step, cancellationToken) is null)
                {
                    if (request.DefinitionVersionId is null && !fresh)
                        continue;
                    throw DefinitionStore.NotPublished(versionId);
                }
                if (await ReplayAsync(step, cancellationToken) is { } earlier)
                    return earlier;
                if (written.GateFailed == ActivationPart.Gate)
                    return await StartedAlreadyAsync(request, workflow.Definition, cancellationToken);
                return new StepAnswer { InstanceId = step.InstanceId, Outcome = StepOutcome.Superseded, Version = 0, GateFailed = written.GateFailed };
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                return await ReplayAsync(step, cancellationToken) ?? e.ConstraintName switch
                {
                    "instances_pkey" => await StartedBeforeAsync(step.InstanceId, cancellationToken),
                    ActivationPart.Key => await StartedAlreadyAsync(request, workflow.Definition, cancellationToken),
                    _ => throw Explain(e) ?? (Exception)e,
                };
            }
            catch (PostgresException e) when (Explain(e) is { } explained)
            {
                throw explained;
            }
        }
    }

    /// <summary>Moves an instance by one step.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>precondition_failed</c>, <c>busy</c>, <c>intake_paused</c>,
    /// <c>idempotency_key_reused</c>, <c>too_many_signals</c>, <c>unavailable</c>, and what activities and parts refuse.</exception>
    public async Task<StepAnswer> ApplyAsync(StepRequest request, CancellationToken cancellationToken)
    {
        if (request.Stimulus is Stimulus.Start or Stimulus.Resume or Stimulus.Signal)
            intake.ThrowIfClosedTo(request.Actor);
        InstanceRecord? found = null;
        if (request.InstanceId == default)
        {
            (request, found) = await LocateAsync(request, cancellationToken);
        }
        using var turn = await queue.EnterAsync(request.InstanceId, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            var cached = found is null ? cache.Find(request.InstanceId) : null;
            var record = found ?? cached ?? await LoadAsync(request.InstanceId, cancellationToken);
            found = null;
            var answer = await TryAsync(request, record, cached is not null, cancellationToken);
            if (answer is not null)
            {
                // Also where no incident is left to retry: a step that couldn't be written has left none.
                if (request.Stimulus is Stimulus.Retry)
                    await setAside.ReleaseAsync(request.InstanceId, cancellationToken);
                return answer;
            }
            cache.Remove(request.InstanceId);
            if (attempt >= options.StepAttempts)
                throw InstanceQueue.Busy(request.InstanceId);
            if (cached is null)
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * 4 * (1 << Math.Min(attempt, 5))), cancellationToken);
        }
    }

    /// <summary>One attempt; null when the record was stale.</summary>
    private async Task<StepAnswer?> TryAsync(StepRequest request, InstanceRecord record, bool cached, CancellationToken cancellationToken)
    {
        var now = clock.Now;
        if (request.IfVersion is { } expected && expected != record.Version)
            return cached ? null : await ReplayAsync(request, cancellationToken) ?? throw new WorkflowException(ErrorCodes.PreconditionFailed,
                $"Instance {record.Id} has version {record.Version}, not {expected}. Read it again and decide on what it is now.", "数据已被他人更新，请刷新后重试。")
            { Facts = new Dictionary<string, object?> { ["version"] = record.Version } };
        var workflow = await definitions.ExecutableAsync(record.DefinitionVersionId, cancellationToken);
        StepResult? result = null;
        if (request.Stimulus is not null)
        {
            try
            {
                result = Interpreter.Advance(workflow, record.State, request.Stimulus, now);
            }
            catch (WorkflowException)
            {
                // What the cache knows refuses nothing: another node may have moved the instance.
                if (cached)
                    return null;
                if (await ReplayAsync(request, cancellationToken) is { } earlier)
                    return earlier;
                throw;
            }
            if (result.Outcome is not (StepOutcome.Applied or StepOutcome.Waiting))
                return cached ? null : await RefuseAsync(request, record, result.Outcome, now, cancellationToken);
        }
        var write = new StepWrite
        {
            Request = request, Workflow = workflow, Before = record.State, State = result?.State ?? record.State, Result = result,
            VersionBefore = record.Version, Now = now, MachineNow = clock.Machine.GetUtcNow(), PreviousChainHash = record.ChainHash, FinishedBefore = record.FinishedAt,
        };
        try
        {
            var bytes = result is null ? null : StateSerializer.Write(write.State);
            var written = await connections.WriteAsync(write, bytes, cancellationToken);
            if (written.Committed)
                return Committed(write, bytes?.Length ?? record.Size, record.CreatedAt);
            if (written.GateFailed is null)
                return request.IfVersion is null ? null : await TryAsync(request, await LoadAsync(request.InstanceId, cancellationToken), false, cancellationToken);
            cache.Remove(request.InstanceId);
            return await ReplayAsync(request, cancellationToken)
                ?? new StepAnswer { InstanceId = record.Id, Outcome = StepOutcome.Superseded, Version = record.Version, State = record.State, GateFailed = written.GateFailed };
        }
        catch (PostgresException e)
        {
            cache.Remove(request.InstanceId);
            if (e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure)
                return null;
            if (e.SqlState == PostgresErrorCodes.UniqueViolation && await ReplayAsync(request, cancellationToken) is { } earlier)
                return earlier;
            if (e.ConstraintName == SignalPart.Key && request.Stimulus is Stimulus.Signal signal)
                return await MeetAgainAsync(request, signal, record, cancellationToken);
            throw Explain(e) ?? (Exception)e;
        }
        catch
        {
            cache.Remove(request.InstanceId);
            throw;
        }
    }

    private StepAnswer Committed(StepWrite write, int size, DateTimeOffset createdAt)
    {
        cache.Put(new InstanceRecord
        {
            Id = write.InstanceId,
            DefinitionId = write.Workflow.Definition.DefinitionId,
            DefinitionVersionId = write.State.DefinitionVersionId,
            Version = write.VersionAfter,
            State = write.State,
            ChainHash = write.NextChainHash ?? write.PreviousChainHash,
            CreatedAt = createdAt,
            UpdatedAt = write.UpdatedAt,
            FinishedAt = write.FinishedAt,
            Size = size,
        });
        var publishes = false;
        foreach (var effect in write.Effects)
        {
            publishes |= effect is PublishEffect;
            if (effect is WriteLineEffect line)
                LogLine(write.InstanceId, line.Text);
        }
        wakeups.Committed(publishes || write.Outbox.Count > 0, write.State.NextDueAt());
        changes.Announce(write.InstanceId, write.VersionAfter);
        return new StepAnswer
        {
            InstanceId = write.InstanceId,
            Outcome = write.Result?.Outcome ?? StepOutcome.Applied,
            Version = write.VersionAfter,
            State = write.State,
            ReceiptAnswer = write.ReceiptAnswer,
            Effects = write.Effects,
        };
    }

    /// <summary>Reads instances into the cache in one go, for a batch of steps that follows.</summary>
    public async Task WarmAsync(IEnumerable<Guid> instanceIds, CancellationToken cancellationToken)
    {
        Guid[] cold = [.. instanceIds.Where(id => cache.Find(id) is null)];
        if (cold.Length == 0)
            return;
        await using var command = database.CreateCommand($"{InstanceReader.Select} where id = any($1)");
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = cold });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            cache.Put(InstanceReader.Read(reader));
    }

    private async Task<InstanceRecord> LoadAsync(Guid id, CancellationToken cancellationToken) =>
        await connections.LoadAsync(id, cancellationToken) ?? throw new WorkflowException(ErrorCodes.NotFound,
            $"There is no instance {id}. Check the id.", "流程实例不存在。");

    /// <summary>Finds the instance of the bookmark that the request resumes.</summary>
    private async Task<(StepRequest, InstanceRecord?)> LocateAsync(StepRequest request, CancellationToken cancellationToken)
    {
        var bookmark = request.Stimulus is Stimulus.Resume resume ? resume.BookmarkId : throw new WorkflowException(ErrorCodes.InvalidRequest, "The request names no instance. Add its id.");
        if (cache.FindByBookmark(bookmark) is { } id)
            return (request with { InstanceId = id }, null);
        if (await connections.LoadByBookmarkAsync(bookmark, cancellationToken) is { } record)
            return (request with { InstanceId = record.Id }, record);
        throw new WorkflowException(ErrorCodes.BookmarkGone, $"Nothing waits under {bookmark}. It was resumed or cancelled; read its instance.", "该事项已处理或已取消。");
    }

    private WorkflowException? Explain(PostgresException violation)
    {
        foreach (var part in connections.Statement.Parts)
            if (part.Explain(violation) is { } explained)
                return explained;
        return null;
    }

    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message = "Instance {InstanceId} writes: {Text}")]
    private partial void LogLine(Guid instanceId, string text);
}
