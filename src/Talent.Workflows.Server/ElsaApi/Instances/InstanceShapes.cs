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
    public bool IsSystem { get; }

    /// <summary>Never: what is read is what the last step committed.</summary>
    public bool IsExecuting { get; }
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
    public required WorkflowStateShape WorkflowState { get; init; }

    public static InstanceDetails Of(InstanceRecord record, ExecutableWorkflow workflow)
    {
        var state = record.State;
        return new InstanceDetails
        {
            Id = record.Id.ToString(), DefinitionId = record.DefinitionId, DefinitionVersionId = record.DefinitionVersionId, Version = workflow.Definition.Version,
            Status = state.Status, SubStatus = state.SubStatus, CorrelationId = state.CorrelationId, Name = state.Name, IncidentCount = state.Incidents.Count,
            CreatedAt = record.CreatedAt, UpdatedAt = record.UpdatedAt, FinishedAt = record.FinishedAt,
            WorkflowState = WorkflowStateShape.Of(record, workflow),
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
    public IReadOnlyList<object> ScheduledActivities { get; } = [];
    public object? Fault { get; }
    public required IReadOnlyDictionary<string, JsonElement> Input { get; init; }
    public required IReadOnlyDictionary<string, JsonElement> Output { get; init; }
    public IReadOnlyDictionary<string, object> Properties { get; } = new Dictionary<string, object>();
    public string? ParentWorkflowInstanceId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    public static WorkflowStateShape Of(InstanceRecord record, ExecutableWorkflow workflow)
    {
        var state = record.State;
        return new WorkflowStateShape
        {
            Id = record.Id.ToString(), DefinitionId = record.DefinitionId, DefinitionVersionId = record.DefinitionVersionId, DefinitionVersion = workflow.Definition.Version,
            CorrelationId = state.CorrelationId, Name = state.Name, Status = state.Status, SubStatus = state.SubStatus,
            Bookmarks = [.. state.Bookmarks.Select(b => new BookmarkShape(b.Id.ToString(), workflow.Activity(b.ActivityId).Node.Type, b.Name is null ? new Dictionary<string, string>() : new() { ["name"] = b.Name },
                b.ActivityId, workflow.Activity(b.ActivityId).Node.NodeId, ExecutionLog.IdOf(record.Id, b.ExecutionId)))],
            Incidents = [.. state.Incidents.Select(i => IncidentShape.Of(i, workflow))],
            ActivityExecutionContexts = [.. state.Executions.Select(e => new LiveExecutionShape(ExecutionLog.IdOf(record.Id, e.Id), e.ParentId is { } parent ? ExecutionLog.IdOf(record.Id, parent) : null,
                workflow.Activity(e.ActivityId).Node.NodeId, OwnerOf(e, state, workflow), e.Faulted ? "Faulted" : "Running", e.Faulted ? 1 : 0))],
            Input = state.Input, Output = state.Output,
            CreatedAt = record.CreatedAt, UpdatedAt = record.UpdatedAt, FinishedAt = record.FinishedAt,
        };
    }

    private static string? OwnerOf(ActivityExecution execution, WorkflowState state, ExecutableWorkflow workflow) =>
        execution.ParentId is { } parent && state.Execution(parent) is { } owner ? workflow.Activity(owner.ActivityId).Node.NodeId : null;
}

internal sealed record BookmarkShape(string Id, string Name, IReadOnlyDictionary<string, string> Payload, string ActivityId, string ActivityNodeId, string ActivityInstanceId)
{
    public string Hash { get; } = "";
    public bool AutoBurn { get; } = true;
    public bool AutoComplete { get; } = true;
    public string? CallbackMethodName { get; }
    public IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();
}

internal sealed record LiveExecutionShape(string Id, string? ParentContextId, string ScheduledActivityNodeId, string? OwnerActivityNodeId, string Status, int FaultCount)
{
    public bool IsExecuting { get; }
    public IReadOnlyDictionary<string, object> Properties { get; } = new Dictionary<string, object>();
    public IReadOnlyDictionary<string, object> Metadata { get; } = new Dictionary<string, object>();
    public IReadOnlyDictionary<string, object> ActivityState { get; } = new Dictionary<string, object>();
    public IReadOnlyList<object> DynamicVariables { get; } = [];
}

internal sealed record IncidentShape(string Id, string ActivityId, string ActivityNodeId, string ActivityType, string Message, ExceptionShape Exception, DateTimeOffset Timestamp)
{
    public static IncidentShape Of(Incident incident, ExecutableWorkflow workflow) => new(incident.Id.ToString(), incident.ActivityId, workflow.Activity(incident.ActivityId).Node.NodeId,
        workflow.Activity(incident.ActivityId).Node.Type, incident.Message, ExceptionShape.Of(incident), incident.At);
}

internal sealed record ExceptionShape(string Type, string Message)
{
    public string? StackTrace { get; }
    public object? InnerException { get; }

    public static ExceptionShape Of(Incident incident) => new(incident.Code, incident.Message);
}
