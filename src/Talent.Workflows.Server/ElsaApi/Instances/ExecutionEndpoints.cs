using System.Text.Json;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Server.Security.Staff;

namespace Talent.Workflows.Server.ElsaApi.Instances;

/// <summary>The journal of an instance and the executions of its activities.</summary>
internal static class ExecutionEndpoints
{
    private const int LargestPage = 500;
    private const int DeepestStack = 1000;

    public static void MapElsaExecutions(this IEndpointRouteBuilder api)
    {
        var reads = new OnlyReads();
        api.MapPost("/workflow-instances/{id}/journal", JournalAsync).WithMetadata(reads);
        api.MapGet("/workflow-instances/{id}/journal", JournalAsync);
        api.MapGet("/workflow-instances/{id}/journal/{activityId}", LastLineAsync);
        api.MapPost("/activity-executions/report", ReportAsync).WithMetadata(reads);
        api.MapGet("/activity-executions/list", (string? workflowInstanceId, string? activityNodeId, Sources sources) => ListAsync(workflowInstanceId, activityNodeId, full: true, sources));
        api.MapPost("/activity-executions/list", async (HttpContext context, Sources sources) =>
        {
            var request = await ElsaJson.ReadAsync<ListRequest>(context);
            return await ListAsync(request.WorkflowInstanceId, request.ActivityNodeId, full: true, sources);
        }).WithMetadata(reads);
        api.MapGet("/activity-execution-summaries/list", (string? workflowInstanceId, string? activityNodeId, Sources sources) => ListAsync(workflowInstanceId, activityNodeId, full: false, sources));
        api.MapGet("/activity-executions/count", CountAsync);
        api.MapGet("/activity-executions/by-id", (string id, Sources sources) => ReadAsync(id, sources));
        api.MapGet("/activity-executions/{id}", ReadAsync);
        api.MapGet("/activity-executions/{id}/call-stack", CallStackAsync);
    }

    private static async Task<IResult> JournalAsync(string id, int? skip, int? take, HttpContext context, Sources sources)
    {
        var filter = HttpMethods.IsPost(context.Request.Method) && ElsaJson.HasBody(context) ? (await ElsaJson.ReadAsync<JournalRequest>(context)).Filter : null;
        var log = await sources.LogAsync(id, context.RequestAborted);
        var (lines, total) = log.Page(e => filter?.Takes(e, log) != false, Math.Max(0, skip ?? 0), Math.Clamp(take ?? 100, 1, LargestPage));
        return ElsaJson.Ok(new ElsaPage<LogLine>([.. lines.Select(line => LogLine.Of(line, log))], total));
    }

    /// <summary>The latest line of an activity.</summary>
    private static async Task<IResult> LastLineAsync(string id, string activityId, HttpContext context, Sources sources)
    {
        var log = await sources.LogAsync(id, context.RequestAborted);
        return log.LastOf(activityId) is { } line ? ElsaJson.Ok(LogLine.Of(line, log))
            : throw new WorkflowException(ErrorCodes.NotFound, $"Activity '{activityId}' has not run in instance '{id}'.", "该活动在此流程实例中没有执行记录。");
    }

    private static async Task<IResult> ReportAsync(HttpContext context, Sources sources)
    {
        var request = await ElsaJson.ReadAsync<ReportRequest>(context);
        var log = await sources.LogAsync(request.WorkflowInstanceId, context.RequestAborted);
        var asked = (request.ActivityNodeIds ?? []).ToHashSet(StringComparer.Ordinal);
        return ElsaJson.Ok(new { stats = log.Executions.Values.Where(e => asked.Contains(e.NodeId)).GroupBy(e => e.NodeId).Select(ActivityStats.Of).ToList() });
    }

    private static async Task<IResult> ListAsync(string? instance, string? nodeId, bool full, Sources sources)
    {
        var log = await sources.LogAsync(instance ?? "", default);
        return ElsaJson.Ok(new ElsaItems<ExecutionRecord>([.. log.Executions.Values.Where(e => nodeId is null || e.NodeId == nodeId).Select(e => ExecutionRecord.Of(e, log, full))]));
    }

    private static async Task<IResult> CountAsync(string? workflowInstanceId, string? activityNodeId, Sources sources)
    {
        var log = await sources.LogAsync(workflowInstanceId ?? "", default);
        return ElsaJson.Ok(new { count = log.Executions.Values.Count(e => activityNodeId is null || e.NodeId == activityNodeId) });
    }

    private static async Task<IResult> ReadAsync(string id, Sources sources)
    {
        var (log, execution) = await FindAsync(id, sources);
        return ElsaJson.Ok(ExecutionRecord.Of(execution, log, full: true));
    }

    /// <summary>From the outermost container to the execution asked for; unless told otherwise, from that of the workflow which started this one, and so on.</summary>
    private static async Task<IResult> CallStackAsync(string id, bool? includeCrossWorkflowChain, int? skip, int? take, Sources sources)
    {
        var (log, execution) = await FindAsync(id, sources);
        var stack = new List<ExecutionRecord>();
        for (var seen = new HashSet<Guid>(); seen.Add(log.Instance.Id) && stack.Count < DeepestStack;)
        {
            var starter = await sources.StarterAsync(log.Instance);
            var part = log.StackOf(execution).ConvertAll(e => ExecutionRecord.Of(e, log, full: false));
            if (starter is var (by, at))
                part[0] = part[0] with { SchedulingActivityExecutionId = ExecutionLog.IdOf(by.Instance.Id, at.Number), SchedulingActivityId = at.ActivityId, SchedulingWorkflowInstanceId = by.Instance.Id.ToString() };
            stack.InsertRange(0, part);
            if (includeCrossWorkflowChain == false || starter is null)
                break;
            (log, execution) = starter.Value;
        }
        var numbered = stack.Select((record, depth) => record with { CallStackDepth = depth });
        return ElsaJson.Ok(new { activityExecutionId = id, items = numbered.Skip(Math.Max(0, skip ?? 0)).Take(Math.Clamp(take ?? 100, 1, DeepestStack)).ToList(), totalCount = stack.Count });
    }

    private static async Task<(ExecutionLog Log, ExecutionLog.Execution Execution)> FindAsync(string id, Sources sources)
    {
        var (instance, number) = ExecutionLog.Parse(id);
        var log = await sources.LogAsync(instance.ToString(), default);
        return log.Executions.TryGetValue(number, out var execution) ? (log, execution)
            : throw new WorkflowException(ErrorCodes.NotFound, $"There is no activity execution '{id}'.", "活动执行记录不存在。");
    }

    /// <summary>Where logs come from.</summary>
    internal sealed class Sources(WorkflowRuntime runtime, JournalCache journals, DefinitionStore definitions)
    {
        public Task<ExecutionLog> LogAsync(string instance, CancellationToken cancellationToken) =>
            ExecutionLog.LoadAsync(ExecutionLog.InstanceOf(instance), runtime, journals, definitions, cancellationToken);

        /// <summary>What has started an instance, with the log of its own; null: no workflow has, or that is there no more.</summary>
        public async Task<(ExecutionLog Log, ExecutionLog.Execution Execution)?> StarterAsync(InstanceRecord child)
        {
            if (child.State.Parent is not { } parent || await runtime.ReadAsync(parent.InstanceId, default) is null)
                return null;
            var log = await LogAsync(parent.InstanceId.ToString(), default);
            return log.StarterOf(child) is { } starter ? (log, starter) : null;
        }
    }

    internal sealed record JournalRequest(JournalFilter? Filter = null);

    internal sealed record JournalFilter(IReadOnlyList<string>? ActivityIds = null, IReadOnlyList<string>? ActivityNodeIds = null, IReadOnlyList<string>? ExcludedActivityTypes = null, IReadOnlyList<string>? EventNames = null)
    {
        public bool Takes(JournalEntry entry, ExecutionLog log) =>
            (ActivityIds is null or { Count: 0 } || ActivityIds.Contains(entry.ActivityId))
            && (ActivityNodeIds is null or { Count: 0 } || ActivityNodeIds.Contains(log.NodeIdOf(entry.ActivityId)))
            && (ExcludedActivityTypes is null || !ExcludedActivityTypes.Contains(entry.Type))
            && (EventNames is null or { Count: 0 } || EventNames.Contains(entry.Event));
    }

    internal sealed record ReportRequest(string WorkflowInstanceId, IReadOnlyList<string>? ActivityNodeIds = null);

    internal sealed record ListRequest(string? WorkflowInstanceId = null, string? ActivityNodeId = null);
}

/// <summary>A line of the journal.</summary>
internal sealed record LogLine(string Id, string ActivityInstanceId, string? ParentActivityInstanceId, string ActivityId, string ActivityType, int ActivityTypeVersion, string? ActivityName, string NodeId,
    DateTimeOffset Timestamp, int Sequence, string EventName, string? Message, object? Payload)
{
    public IReadOnlyDictionary<string, JsonElement> ActivityState { get; } = new Dictionary<string, JsonElement>();

    public static LogLine Of(ExecutionLog.Line line, ExecutionLog log)
    {
        var entry = line.Entry;
        var node = log.Workflow.Definition.Activities.GetValueOrDefault(entry.ActivityId);
        return new LogLine(line.Id, ExecutionLog.IdOf(log.Instance.Id, entry.ExecutionId), entry.ParentId is { } parent ? ExecutionLog.IdOf(log.Instance.Id, parent) : null,
            entry.ActivityId, entry.Type, node?.Version ?? 1, node?.Name is { Length: > 0 } name ? name : null, line.NodeId, line.At, line.Sequence, entry.Event, entry.Message,
            entry.Event == "Completed" ? new Dictionary<string, object?> { ["Outcomes"] = entry.Outcomes ?? ["Done"] } : entry.Payload);
    }
}

/// <summary>What the badge on a node shows.</summary>
internal sealed record ActivityStats(string ActivityId, string ActivityNodeId, int StartedCount, int CompletedCount, int UncompletedCount, bool IsBlocked, bool IsFaulted, int AggregateFaultCount)
{
    public IReadOnlyDictionary<string, object> Metadata { get; } = new Dictionary<string, object>();

    public static ActivityStats Of(IGrouping<string, ExecutionLog.Execution> node)
    {
        var all = node.ToList();
        var completed = all.Count(e => e.Status == "Completed");
        return new ActivityStats(all[0].ActivityId, node.Key, all.Count, completed, all.Count(e => e.EndedAt is null), all.Exists(e => e.HasBookmarks), all.Exists(e => e.Status == "Faulted"), all.Sum(e => e.Status == "Faulted" ? e.Faults : 0));
    }
}

/// <summary>One run of an activity.</summary>
internal sealed record ExecutionRecord
{
    public required string Id { get; init; }
    public required string WorkflowInstanceId { get; init; }
    public required string ActivityId { get; init; }
    public required string ActivityNodeId { get; init; }
    public required string ActivityType { get; init; }
    public required int ActivityTypeVersion { get; init; }
    public string? ActivityName { get; init; }
    public IReadOnlyDictionary<string, JsonElement>? ActivityState { get; init; }
    public IReadOnlyDictionary<string, object?>? Payload { get; init; }
    public IReadOnlyDictionary<string, JsonElement>? Outputs { get; init; }
    public IReadOnlyDictionary<string, object>? Properties { get; init; }
    public IReadOnlyDictionary<string, object> Metadata { get; } = new Dictionary<string, object>();
    public ExceptionShape? Exception { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required bool HasBookmarks { get; init; }
    public required string Status { get; init; }
    public required int AggregateFaultCount { get; init; }
    public DateTimeOffset? CompletedAt { get; init; }
    public string? SchedulingActivityExecutionId { get; init; }
    public string? SchedulingActivityId { get; init; }
    public string? SchedulingWorkflowInstanceId { get; init; }
    public int? CallStackDepth { get; init; }

    public static ExecutionRecord Of(ExecutionLog.Execution execution, ExecutionLog log, bool full)
    {
        var node = log.Workflow.Definition.Activities.GetValueOrDefault(execution.ActivityId);
        var parent = execution.Parent is { } number ? log.Executions.GetValueOrDefault(number) : null;
        return new ExecutionRecord
        {
            Id = ExecutionLog.IdOf(log.Instance.Id, execution.Number), WorkflowInstanceId = log.Instance.Id.ToString(),
            ActivityId = execution.ActivityId, ActivityNodeId = execution.NodeId, ActivityType = execution.Type, ActivityTypeVersion = node?.Version ?? 1, ActivityName = node?.Name is { Length: > 0 } name ? name : null,
            ActivityState = full ? log.LiteralsOf(execution.ActivityId) : null,
            Payload = full && execution.Outcomes is { } outcomes ? new Dictionary<string, object?> { ["Outcomes"] = outcomes } : null,
            Outputs = full && log.Instance.State.Results.TryGetValue(execution.ActivityId, out var results) ? results : null,
            Properties = full ? new Dictionary<string, object>() : null,
            Exception = execution.Incident is { } incident ? ExceptionShape.Of(incident) : null,
            StartedAt = execution.StartedAt, HasBookmarks = execution.HasBookmarks, Status = execution.Status, AggregateFaultCount = execution.Status == "Faulted" ? execution.Faults : 0, CompletedAt = execution.EndedAt,
            SchedulingActivityExecutionId = parent is null ? null : ExecutionLog.IdOf(log.Instance.Id, parent.Number), SchedulingActivityId = parent?.ActivityId, CallStackDepth = log.StackOf(execution).Count - 1,
        };
    }
}
