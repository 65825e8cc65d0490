using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Talent.Workflows.Engine.Execution;

/// <summary>Snapshots as compact JSON: names shortened by nothing, defaults and empty collections left out.</summary>
public static class StateSerializer
{
    private static readonly JsonTypeInfo<WorkflowState> Snapshot = (JsonTypeInfo<WorkflowState>)new JsonSerializerOptions(EngineJson.Default.Options)
    {
        TypeInfoResolver = EngineJson.Default.WithAddedModifier(LeaveOutEmpty),
    }.GetTypeInfo(typeof(WorkflowState));

    /// <summary>UTF-8 JSON of the state.</summary>
    public static byte[] Write(WorkflowState state) => JsonSerializer.SerializeToUtf8Bytes(state, Snapshot);

    /// <summary>Reads a snapshot of this or an earlier format.</summary>
    /// <exception cref="InvalidOperationException">The snapshot was written by a newer release.</exception>
    public static WorkflowState Read(ReadOnlySpan<byte> utf8Json)
    {
        var state = JsonSerializer.Deserialize(utf8Json, Snapshot)
            ?? throw new InvalidOperationException("The snapshot is empty.");
        return state.Format <= WorkflowState.CurrentFormat ? state
            : throw new InvalidOperationException($"Instance {state.InstanceId} has snapshot format {state.Format}; this release reads up to {WorkflowState.CurrentFormat}. Run the newer release.");
    }

    // Most are empty in most instances, and what one step writes of a row has to find room in the page of the last version.
    private static void LeaveOutEmpty(JsonTypeInfo type)
    {
        if (type.Type != typeof(WorkflowState))
            return;
        foreach (var property in type.Properties)
            if (property.PropertyType.IsAssignableTo(typeof(ICollection)) && !property.PropertyType.IsArray)
                property.ShouldSerialize = static (_, value) => value is ICollection { Count: > 0 };
    }

    /// <summary>UTF-8 JSON array of a step's journal.</summary>
    public static byte[] WriteJournal(IReadOnlyList<JournalEntry> journal)
    {
        // Every wait is such a pair of lines; one word for the second saves a third of the row of an ordinary step.
        var stored = new List<JournalEntry>(journal.Count);
        foreach (var entry in journal)
            if (stored is [.., var last] && IsSuspensionOf(entry, last))
                stored[^1] = last with { Waits = true };
            else
                stored.Add(entry);
        return JsonSerializer.SerializeToUtf8Bytes(stored, EngineJson.Default.IReadOnlyListJournalEntry);
    }

    /// <summary>The journal of a single step; of many, a <see cref="JournalReader"/> takes less.</summary>
    public static IReadOnlyList<JournalEntry> ReadJournal(ReadOnlySpan<byte> utf8Json) => new JournalReader().Read(utf8Json);

    private const string Suspended = "Suspended";

    private static bool IsSuspensionOf(JournalEntry entry, JournalEntry last) =>
        !last.Waits && entry is { Event: Suspended, Outcomes: null, Message: null, Payload: null }
        && (entry.ExecutionId, entry.ActivityId, entry.Type, entry.Visit, entry.ParentId) == (last.ExecutionId, last.ActivityId, last.Type, last.Visit, last.ParentId);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(WorkflowState))]
[JsonSerializable(typeof(IReadOnlyList<JournalEntry>))]
[JsonSerializable(typeof(IReadOnlyList<ChildResult>))]
[JsonSerializable(typeof(HttpCallResult))]
[JsonSerializable(typeof(HttpArrival))]
[JsonSerializable(typeof(IReadOnlyList<HttpFile>))]
[JsonSerializable(typeof(Activities.Http.HttpTerms))]
internal sealed partial class EngineJson : JsonSerializerContext;
