using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Server.ElsaApi.Instances;

/// <summary>A line in the list of instances.</summary>
internal record InstanceLine
{
    public required string Id { get; init; }
    public required string DefinitionId { get; init; }
    public required string DefinitionVersionId { get; init; }
    public required int Version { get; init; }
    public required WorkflowStatus Status { get; init; }
    public required WorkflowSubStatus SubStatus { get; init; }
    public string? CorrelationId { get; init; }
    public string? Name { get; init; }
    public required int IncidentCount { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    public static InstanceLine Of(FoundInstance found) => new()
    {
        Id = found.Instance.Id.ToString(), DefinitionId = found.Instance.DefinitionId, DefinitionVersionId = found.Instance.DefinitionVersionId, Version = found.DefinitionVersion,
        Status = found.Instance.Status, SubStatus = found.Instance.SubStatus, CorrelationId = found.Instance.CorrelationId, Name = found.Instance.Name, IncidentCount = found.Instance.Incidents,
        CreatedAt = found.Instance.CreatedAt, UpdatedAt = found.Instance.UpdatedAt, FinishedAt = found.Instance.FinishedAt,
    };
}

/// <summary>An instance with its state.</summary>
internal sealed record InstanceDetails : InstanceLine
{
    public bool IsSystem { get; }

    /// <summary>Never: what is read is what the last step committed.</summary>
    public bool IsExecuting { get; }
    public required WorkflowStateShape WorkflowState { get; init; }

    public static InstanceDetails Of(ExecutionLog log)
    {
        var (record, state) = (log.Instance, log.Instance.State);
        return new InstanceDetails
        {
            Id = record.Id.ToString(), DefinitionId = record.DefinitionId, DefinitionVersionId = record.DefinitionVersionId, Version = log.Workflow.Definition.Version,
            Status = state.Status, SubStatus = state.SubStatus, CorrelationId = state.CorrelationId, Name = state.Name, IncidentCount = state.Incidents.Count,
            CreatedAt = record.CreatedAt, UpdatedAt = record.UpdatedAt, FinishedAt = record.FinishedAt,
            WorkflowState = WorkflowStateShape.Of(log),
        };
    }
}

/// <summary>Elsa's WorkflowState, as far as this engine has it.</summary>
internal sealed record WorkflowStateShape
{
    public required string Id { get; init; }
    public required string DefinitionId { get; init; }
    public required string DefinitionVersionId { get; init; }
    public required int DefinitionVersion { get; init; }
    public string? CorrelationId { get; init; }
    public string? Name { get; init; }
    public required WorkflowStatus Status { get; init; }
    public required WorkflowSubStatus SubStatus { get; init; }
    public required IReadOnlyList<BookmarkShape> Bookmarks { get; init; }
    public required IReadOnlyList<IncidentShape> Incidents { get; init; }
    public bool IsSystem { get; }
    public bool IsExecuting { get; }
    public IReadOnlyList<object> CompletionCallbacks { get; } = [];
    public required IReadOnlyList<LiveExecutionShape> ActivityExecutionContexts { get; init; }
    public required int ExecutionLogSequence { get; init; }
    public IReadOnlyList<object> ScheduledActivities { get; } = [];
    public required IReadOnlyDictionary<string, JsonElement> Input { get; init; }
    public required IReadOnlyDictionary<string, JsonElement> Output { get; init; }
    public IReadOnlyDictionary<string, object> Properties { get; } = new Dictionary<string, object>();
    public string? ParentWorkflowInstanceId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    public static WorkflowStateShape Of(ExecutionLog log)
    {
        var (record, state, workflow) = (log.Instance, log.Instance.State, log.Workflow);
        return new WorkflowStateShape
        {
            Id = record.Id.ToString(), DefinitionId = record.DefinitionId, DefinitionVersionId = record.DefinitionVersionId, DefinitionVersion = workflow.Definition.Version,
            CorrelationId = state.CorrelationId, Name = state.Name, Status = state.Status, SubStatus = state.SubStatus,
            Bookmarks = [.. state.Bookmarks.Select(b => BookmarkShape.Of(b, log))],
            Incidents = [.. state.Incidents.Select(i => IncidentShape.Of(i, workflow))],
            ActivityExecutionContexts = [.. state.Executions.Select(e => LiveExecutionShape.Of(e, log))], ExecutionLogSequence = log.Count,
            Input = state.Input, Output = state.Output, ParentWorkflowInstanceId = state.Parent?.InstanceId.ToString(),
            CreatedAt = record.CreatedAt, UpdatedAt = record.UpdatedAt, FinishedAt = record.FinishedAt,
        };
    }
}

internal sealed record BookmarkShape(string Id, string Name, string Hash, IReadOnlyDictionary<string, object> Payload, string ActivityId, string ActivityNodeId, string ActivityInstanceId, DateTimeOffset CreatedAt)
{
    public bool AutoBurn { get; } = true;
    public bool AutoComplete { get; } = true;
    public IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    public static BookmarkShape Of(Bookmark bookmark, ExecutionLog log)
    {
        var node = log.Workflow.Activity(bookmark.ActivityId).Node;
        var payload = PayloadOf(bookmark, node.Type);
        return new BookmarkShape(bookmark.Id.ToString(), node.Type, HashOf(node.Type, payload), payload, bookmark.ActivityId, node.NodeId, ExecutionLog.IdOf(log.Instance.Id, bookmark.ExecutionId),
            log.WaitsSince(bookmark.ExecutionId));
    }

    /// <summary>What is waited for, by Elsa's names where Elsa has the activity.</summary>
    private static Dictionary<string, object> PayloadOf(Bookmark bookmark, string type) => (type, bookmark.Name) switch
    {
        ("Elsa.Event", { } name) => new() { ["eventName"] = name },
        ("Elsa.RunTask", { } name) => new() { ["taskId"] = bookmark.Id.ToString(), ["taskName"] = name },
        (_, { } name) => new() { ["name"] = name },
        _ => [],
    };

    /// <summary>The same for waits that the same thing resumes, of whatever instance.</summary>
    private static string HashOf(string type, Dictionary<string, object> payload) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{type}\n{JsonSerializer.Serialize(payload, ElsaJson.Options)}")));
}

internal sealed record LiveExecutionShape(string Id, string? ParentContextId, string ScheduledActivityNodeId, string? OwnerActivityNodeId, string Status, int FaultCount, DateTimeOffset StartedAt,
    IReadOnlyDictionary<string, JsonElement> ActivityState)
{
    public bool IsExecuting { get; }
    public IReadOnlyDictionary<string, object> Properties { get; } = new Dictionary<string, object>();
    public IReadOnlyDictionary<string, object> Metadata { get; } = new Dictionary<string, object>();
    public IReadOnlyList<object> DynamicVariables { get; } = [];

    public static LiveExecutionShape Of(ActivityExecution execution, ExecutionLog log)
    {
        var owner = execution.ParentId is { } parent ? log.Instance.State.Execution(parent) : null;
        return new LiveExecutionShape(ExecutionLog.IdOf(log.Instance.Id, execution.Id), owner is null ? null : ExecutionLog.IdOf(log.Instance.Id, owner.Id), log.NodeIdOf(execution.ActivityId),
            owner is null ? null : log.NodeIdOf(owner.ActivityId), execution.Faulted ? "Faulted" : "Running", execution.Faulted ? 1 : 0,
            log.Executions.GetValueOrDefault(execution.Id)?.StartedAt ?? log.Instance.CreatedAt, log.LiteralsOf(execution.ActivityId));
    }
}

internal sealed record IncidentShape(string Id, string ActivityId, string ActivityNodeId, string ActivityType, string Message, ExceptionShape Exception, DateTimeOffset Timestamp)
{
    public static IncidentShape Of(Incident incident, ExecutableWorkflow workflow) => new(incident.Id.ToString(), incident.ActivityId, workflow.Activity(incident.ActivityId).Node.NodeId,
        workflow.Activity(incident.ActivityId).Node.Type, incident.Message, ExceptionShape.Of(incident), incident.At);
}

internal sealed record ExceptionShape(string Type, string Message)
{
    public static ExceptionShape Of(Incident incident) => new(incident.Code, incident.Message);
}
