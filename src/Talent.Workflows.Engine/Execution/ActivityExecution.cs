using System.Text.Json;

namespace Talent.Workflows.Engine.Execution;

/// <summary>One live run of an activity. Containers keep their bookkeeping here.</summary>
public sealed class ActivityExecution
{
    public required int Id { get; init; }
    public required string ActivityId { get; init; }

    /// <summary>1 for the first time this activity runs in the instance, then 2, …</summary>
    public required int Visit { get; init; }

    public int? ParentId { get; init; }

    /// <summary>True while an incident of this execution is open.</summary>
    public bool Faulted { get; set; }

    /// <summary>Values of the variables that this container declares, by variable id.</summary>
    public Dictionary<string, JsonElement>? Variables { get; set; }

    /// <summary>The activity's own bookkeeping, by a name it chooses.</summary>
    public Dictionary<string, JsonElement>? Data { get; set; }

    /// <summary>Tokens of a flowchart.</summary>
    public List<FlowToken>? Tokens { get; set; }

    /// <summary>Where a flowchart began, when it wasn't at its start: the activity whose trigger it was.</summary>
    public string? Entry { get; set; }

    /// <summary>The execution of an earlier activity that it has asked and waits for: it begins when that one comes back. Null: it has begun.</summary>
    public int? Awaits { get; set; }

    public ActivityExecution Clone() => new()
    {
        Id = Id,
        ActivityId = ActivityId,
        Visit = Visit,
        ParentId = ParentId,
        Faulted = Faulted,
        Variables = Variables is null ? null : new(Variables, StringComparer.Ordinal),
        Data = Data is null ? null : new(Data, StringComparer.Ordinal),
        Tokens = Tokens is null ? null : [.. Tokens],
        Entry = Entry,
        Awaits = Awaits,
    };
}

/// <summary>A token on an edge of a flowchart: something is on its way to <see cref="To"/>, or waits there for others.</summary>
public sealed record FlowToken(string From, string Port, string To);
