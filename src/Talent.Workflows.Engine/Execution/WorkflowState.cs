using System.Text.Json;

namespace Talent.Workflows.Engine.Execution;

/// <summary>Elsa's WorkflowStatus.</summary>
public enum WorkflowStatus { Running, Finished }

/// <summary>Elsa's WorkflowSubStatus. <c>Pending</c>: created, not started. <c>Faulted</c>: an incident is open; the instance can be retried.</summary>
public enum WorkflowSubStatus { Pending, Executing, Suspended, Finished, Cancelled, Faulted }

/// <summary>
/// Everything the engine knows of one instance. It holds ids and routing facts, never personal data. The interpreter
/// works on a <see cref="Clone"/>, so a state that was handed in never changes and may be cached and shared.
/// </summary>
public sealed class WorkflowState
{
    /// <summary>Version of this format, in every snapshot; readers keep reading all earlier ones.</summary>
    public int Format { get; set; } = CurrentFormat;

    public const int CurrentFormat = 1;

    public required Guid InstanceId { get; init; }
    public required string DefinitionVersionId { get; set; }
    public WorkflowStatus Status { get; set; } = WorkflowStatus.Running;
    public WorkflowSubStatus SubStatus { get; set; } = WorkflowSubStatus.Pending;
    public string? CorrelationId { get; set; }
    public string? Name { get; set; }

    /// <summary>The workflow that started this one; null when none did.</summary>
    public ParentWait? Parent { get; set; }

    /// <summary>Highest execution id given so far.</summary>
    public int LastExecutionId { get; set; }

    /// <summary>How often each activity was executed, by activity id.</summary>
    public Dictionary<string, int> Visits { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Live executions only; what is completed is in the journal.</summary>
    public List<ActivityExecution> Executions { get; set; } = [];

    public List<Bookmark> Bookmarks { get; set; } = [];
    public List<TimerWait> Timers { get; set; } = [];
    public List<Incident> Incidents { get; set; } = [];
    public List<EarlySignal> EarlySignals { get; set; } = [];
    public Dictionary<string, JsonElement> Variables { get; set; } = new(StringComparer.Ordinal);
    public Dictionary<string, JsonElement> Input { get; set; } = new(StringComparer.Ordinal);
    public Dictionary<string, JsonElement> Output { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Last outputs of completed activities that something later reads, by activity id.</summary>
    public Dictionary<string, Dictionary<string, JsonElement>> Results { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The output set last, for scripts that ask for it; undefined when none was.</summary>
    public JsonElement LastResult { get; set; }

    /// <summary>How many ids and random numbers scripts have asked for.</summary>
    public long Randoms { get; set; }

    /// <summary>The outcomes that the workflow as a whole ended by; null: <c>Done</c>.</summary>
    public string[]? Outcomes { get; set; }

    /// <summary>An incident has stopped the whole instance (Elsa's FaultStrategy): signals are refused and timers held until it is retried.</summary>
    public bool Halted { get; set; }

    /// <summary>When the earliest timer is due (UTC); null when none waits, or all are held.</summary>
    public DateTimeOffset? NextDueAt()
    {
        if (Halted)
            return null;
        DateTimeOffset? next = null;
        foreach (var timer in Timers)
            if (next is null || timer.DueAt < next)
                next = timer.DueAt;
        return next;
    }

    public ActivityExecution? Execution(int id)
    {
        foreach (var execution in Executions)
            if (execution.Id == id)
                return execution;
        return null;
    }

    /// <summary>A deep copy; JSON values are shared because they never change.</summary>
    public WorkflowState Clone() => new()
    {
        Format = Format,
        InstanceId = InstanceId,
        DefinitionVersionId = DefinitionVersionId,
        Status = Status,
        SubStatus = SubStatus,
        CorrelationId = CorrelationId,
        Name = Name,
        Parent = Parent,
        LastExecutionId = LastExecutionId,
        Visits = new(Visits, StringComparer.Ordinal),
        Executions = Executions.ConvertAll(e => e.Clone()),
        Bookmarks = [.. Bookmarks],
        Timers = [.. Timers],
        Incidents = [.. Incidents],
        EarlySignals = [.. EarlySignals],
        Variables = new(Variables, StringComparer.Ordinal),
        Input = Input,
        Output = new(Output, StringComparer.Ordinal),
        Results = new(Results, StringComparer.Ordinal),
        LastResult = LastResult,
        Randoms = Randoms,
        Outcomes = Outcomes,
        Halted = Halted,
    };
}
