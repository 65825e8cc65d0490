using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Events;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Signals;

namespace Talent.Workflows.Server.Api;

/// <summary>Workflow instances, whatever their service: start, signal, read, cancel, retry.</summary>
internal static class InstanceEndpoints
{
    private const string List = "instances";
    private const int MaxText = 500;

    public static IEndpointRouteBuilder MapInstances(this IEndpointRouteBuilder api)
    {
        var workflows = api.MapGroup("/workflows").WithTags("workflows");
        workflows.MapPost("/{definitionId}/start", StartAsync).WithMetadata(new IdempotencyKeyRequired()).WithSummary("启动流程 Start a workflow")
            .Produces<StepResponse>(StatusCodes.Status201Created).WithExample("""{"input":{"Region":"119900"},"correlationId":"order-17"}""");
        workflows.MapGet("/instances", ListAsync).WithSummary("流程实例列表 List instances").Produces<Page<InstanceSummary>>();
        workflows.MapGet("/instances/{id:guid}", ReadAsync).WithSummary("查看流程实例，可等待变化 Read an instance; ?wait=30s with If-None-Match waits for a change").Produces<InstanceView>();
        workflows.MapPost("/instances/{id:guid}/signals", SignalAsync).WithSummary("发送信号 Send a signal").Produces<SignalView>()
            .WithExample("""{"signalId":"payment-2026-0001","name":"paid","payload":{"amount":12}}""");
        workflows.MapGet("/instances/{id:guid}/signals/{signalId}", ReadSignalAsync).WithSummary("信号处理结果 What became of a signal").Produces<SignalView>();
        workflows.MapPost("/instances/{id:guid}/cancel", CancelAsync).WithSummary("取消流程 Cancel an instance").Produces<StepResponse>().WithExample("""{"reason":"filed twice"}""");
        workflows.MapPost("/instances/{id:guid}/retry", RetryAsync).WithSummary("重试失败活动 Retry what failed").Produces<StepResponse>().WithExample("{}");
        workflows.MapGet("/instances/{id:guid}/journal", JournalAsync).WithSummary("执行记录 The execution log").Produces<Page<JournalView>>();
        return api;
    }

    private static async Task<IResult> StartAsync(string definitionId, StartBody body, Caller caller, WorkflowRuntime runtime, DefinitionStore definitions, ServiceCatalogue services, HttpContext context, CancellationToken cancellationToken)
    {
        if (await services.FindAsync(definitionId, cancellationToken) is not null)
            throw new WorkflowException(ErrorCodes.WrongState, $"'{definitionId}' is a service: its workflows belong to cases, which are filed by POST /api/v1/cases.", "该流程属于业务事项，请通过 POST /api/v1/cases 申报。");
        Short(body.CorrelationId, "correlationId");
        Short(body.Name, "name");
        try
        {
            var answer = await runtime.StartAsync(new StartRequest
            {
                DefinitionId = definitionId,
                Input = body.Input ?? new Dictionary<string, JsonElement>(),
                CorrelationId = body.CorrelationId,
                Name = body.Name,
                Actor = caller.Actor,
                Idempotency = RequestIdempotency.From(context),
            }, cancellationToken);
            return TypedResults.Created($"/api/v1/workflows/instances/{answer.InstanceId}", StepResponse.Of(answer, context));
        }
        catch (WorkflowException refusal) when (refusal.Code == ErrorCodes.NotPublished)
        {
            throw await WhyUnpublishedAsync(definitions, definitionId, cancellationToken) ?? refusal;
        }
    }

    /// <summary>A draft that can't be published says what is wrong with it.</summary>
    private static async Task<WorkflowException?> WhyUnpublishedAsync(DefinitionStore definitions, string definitionId, CancellationToken cancellationToken)
    {
        if (await definitions.FindLatestAsync(definitionId, cancellationToken) is not { } latest || await definitions.ReadDocumentAsync(latest.Id, cancellationToken) is not { } document)
            return null;
        var errors = await definitions.ValidateAsync(DefinitionReader.Read(document), cancellationToken);
        return errors.Count == 0 ? null : new WorkflowException(ErrorCodes.InvalidDefinition,
            string.Join(" ", errors.Select(e => e.Message)), string.Concat(errors.Select(e => e.MessageZh)))
        { Facts = new Dictionary<string, object?> { ["errors"] = errors } };
    }

    private static async Task<Page<InstanceSummary>> ListAsync(string? definitionId, string? correlationId, WorkflowStatus? status, WorkflowSubStatus? subStatus, bool? hasIncidents,
        string? cursor, int? limit, WorkflowRuntime runtime, Cursors cursors, CancellationToken cancellationToken)
    {
        var list = string.Create(CultureInfo.InvariantCulture, $"{List}|{definitionId}|{correlationId}|{status}|{subStatus}|{hasIncidents}");
        var page = await runtime.ListAsync(new InstanceQuery
        {
            DefinitionId = definitionId,
            CorrelationId = correlationId,
            Status = status,
            SubStatus = subStatus,
            HasIncidents = hasIncidents,
            After = cursors.Read(list, cursor) is { } position ? Guid.Parse(position) : null,
            Limit = PageSize.Of(limit),
        }, cancellationToken);
        return new Page<InstanceSummary>(page.Items, cursors.Write(list, page.Next?.ToString()));
    }

    private static async Task<IResult> ReadAsync(Guid id, WaitTime wait, WorkflowRuntime runtime, InstanceChanges changes, HttpContext context, CancellationToken cancellationToken)
    {
        var seen = EntityTag.IfNoneMatch(context.Request);
        using var watch = changes.Begin(id);
        var record = await runtime.ReadAsync(id, cancellationToken) ?? throw NoInstance(id);
        if (record.Version == seen && wait.Value > TimeSpan.Zero && await watch.WaitAsync(record.Version, wait.Value, cancellationToken))
            record = await runtime.ReadAsync(id, cancellationToken) ?? throw NoInstance(id);
        context.Response.Headers.ETag = EntityTag.Of(record.Version);
        return record.Version == seen ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(InstanceView.Of(record));
    }

    private static async Task<SignalView> SignalAsync(Guid id, SignalBody body, Caller caller, WorkflowRuntime runtime, HttpContext context, CancellationToken cancellationToken)
    {
        Named(body.SignalId, "signalId");
        Named(body.Name, "name");
        var signal = await runtime.SignalAsync(id, body.SignalId, body.Name, body.Payload ?? default, caller.Actor, cancellationToken);
        if (signal.Replayed)
            context.Response.Headers[IdempotencyKeys.ReplayedHeader] = "true";
        return signal.Outcome switch
        {
            SignalOutcome.NotExpected => throw new WorkflowException(ErrorCodes.NotExpected,
                $"Instance {id} doesn't wait for '{signal.Name}', and its definition doesn't declare it as an event that may come early.", $"流程当前不等待“{signal.Name}”，也未声明可提前接收。")
            { Facts = new Dictionary<string, object?> { ["signal"] = View(signal) } },
            SignalOutcome.Superseded when await runtime.ReadSignalAsync(id, body.SignalId, caller.Credential, cancellationToken) is not { Outcome: SignalOutcome.Applied or SignalOutcome.Waiting } =>
                throw new WorkflowException(ErrorCodes.WrongState, $"Instance {id} has ended or moved on; the signal changed nothing.", "流程已结束或已进入下一环节，信号未生效。")
                { Facts = new Dictionary<string, object?> { ["signal"] = View(signal) } },
            _ => View(signal),
        };
    }

    private static async Task<SignalView> ReadSignalAsync(Guid id, string signalId, Caller caller, WorkflowRuntime runtime, CancellationToken cancellationToken) =>
        View(await runtime.ReadSignalAsync(id, signalId, caller.Credential, cancellationToken) ?? throw new WorkflowException(ErrorCodes.NotFound,
            $"Instance {id} has had no signal '{signalId}'. Check both ids, or send it.", "未收到该信号。"));

    private static async Task<StepResponse> CancelAsync(Guid id, CancelBody body, Caller caller, WorkflowRuntime runtime, HttpContext context, CancellationToken cancellationToken)
    {
        Named(body.Reason, "reason");
        return StepResponse.Of(await runtime.ApplyAsync(Step(id, new Stimulus.Cancel(body.Reason), caller, context), cancellationToken), context);
    }

    private static async Task<StepResponse> RetryAsync(Guid id, RetryBody body, Caller caller, WorkflowRuntime runtime, HttpContext context, CancellationToken cancellationToken) =>
        StepResponse.Of(await runtime.ApplyAsync(Step(id, new Stimulus.Retry(body.IncidentId), caller, context), cancellationToken), context);

    private static async Task<Page<JournalView>> JournalAsync(Guid id, string? cursor, int? limit, WorkflowRuntime runtime, Cursors cursors, CancellationToken cancellationToken)
    {
        var list = $"journal|{id}";
        var after = cursors.Read(list, cursor) is { } position ? long.Parse(position, CultureInfo.InvariantCulture) : 0;
        var size = PageSize.Of(limit);
        var steps = await runtime.ReadJournalAsync(id, after, size, cancellationToken);
        if (steps.Count == 0 && await runtime.ReadAsync(id, cancellationToken) is null)
            throw NoInstance(id);
        return new Page<JournalView>([.. steps.Select(s => new JournalView(s.Sequence, s.At, s.Entries))],
            cursors.Write(list, steps.Count == size ? steps[^1].Sequence.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static StepRequest Step(Guid id, Stimulus stimulus, Caller caller, HttpContext context) => new()
    {
        InstanceId = id,
        Stimulus = stimulus,
        Actor = caller.Actor,
        Idempotency = RequestIdempotency.From(context),
        IfVersion = EntityTag.IfMatch(context.Request),
    };

    private static SignalView View(SignalRecord signal) => new(signal.SignalId, signal.Name, signal.Outcome, signal.At);

    private static WorkflowException NoInstance(Guid id) => new(ErrorCodes.NotFound, $"There is no instance {id}. Check the id.", "流程实例不存在。");

    private static void Named(string text, string property)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw Wrong(property, "is empty", "不能为空");
        Short(text, property);
    }

    private static void Short(string? text, string property)
    {
        if (text?.Length > MaxText)
            throw Wrong(property, $"is longer than {MaxText} characters", $"超过 {MaxText} 个字符");
    }

    private static WorkflowException Wrong(string property, string en, string zh) => new(ErrorCodes.InvalidRequest, $"The property '{property}' {en}.", $"字段 {property} {zh}。")
    { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ProblemError($"$.{property}", "invalid_value", zh, en) } } };

    internal sealed record StartBody(IReadOnlyDictionary<string, JsonElement>? Input = null, string? CorrelationId = null, string? Name = null);

    internal sealed record SignalBody(string SignalId, string Name, JsonElement? Payload = null);

    internal sealed record CancelBody(string Reason);

    internal sealed record RetryBody(Guid? IncidentId = null);

    internal sealed record SignalView(string SignalId, string Name, SignalOutcome Outcome, DateTimeOffset At);

    internal sealed record JournalView(long Sequence, DateTimeOffset At, IReadOnlyList<JournalEntry> Entries);
}
