using System.Text.Json;

namespace Talent.Workflows.Engine.Execution;

/// <summary>What the journal's line <c>Completed</c> says, as its payload, of a return that no connection shows.</summary>
public static class ReturnWay
{
    internal static JsonElement To(string activityId) => JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["returnedTo"] = activityId });

    internal static JsonElement Back(IEnumerable<string> activityIds) => JsonSerializer.SerializeToElement(new Dictionary<string, string[]> { ["backTo"] = [.. activityIds] });

    /// <summary>The earlier activity that it went back to; null: by a connection, or not at all.</summary>
    public static string? ReturnedTo(JournalEntry completed) =>
        completed.Payload is { ValueKind: JsonValueKind.Object } way && way.TryGetProperty("returnedTo", out var to) ? to.GetString() : null;

    /// <summary>The activities that had asked it and began anew.</summary>
    public static string[] BackTo(JournalEntry completed) =>
        completed.Payload is { ValueKind: JsonValueKind.Object } way && way.TryGetProperty("backTo", out var to) ? to.Deserialize<string[]>()! : [];
}
