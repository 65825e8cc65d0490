using System.Text.Json;

namespace Talent.Workflows.Engine.Execution;

/// <summary>How one child ended, as the bookmark that waits for it is told.</summary>
/// <param name="Instance">Id of the child; of none when it was refused.</param>
/// <param name="End"><c>Finished</c> or <c>Cancelled</c>; <c>Faulted</c>: its activation strategy didn't let it start.</param>
/// <param name="Output">Its outputs by name; undefined when nobody reads them. Of a child that wasn't let start: <c>refused</c> (true), <c>message</c> and <c>messageZh</c>.</param>
public sealed record ChildResult(Guid Instance, WorkflowSubStatus End, JsonElement Output = default);

/// <summary>The payload that the bookmark is resumed with.</summary>
public static class ChildResults
{
    public static JsonElement Write(IReadOnlyList<ChildResult> children) => JsonSerializer.SerializeToElement(
        new Dictionary<string, JsonElement> { ["children"] = JsonSerializer.SerializeToElement(children, EngineJson.Default.IReadOnlyListChildResult) });

    public static IReadOnlyList<ChildResult> Read(JsonElement payload) =>
        payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty("children", out var children) && children.ValueKind == JsonValueKind.Array
            ? children.Deserialize(EngineJson.Default.IReadOnlyListChildResult) ?? [] : [];
}
