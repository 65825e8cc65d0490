using System.Text.Json;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Server.ElsaApi.Operations;

/// <summary>
/// What an export has beside Elsa's shapes, so that the instance can go on elsewhere: the engine's own state, whole. Elsa's
/// shapes have neither tokens nor timers nor variables of this engine.
/// </summary>
internal sealed record InstanceSnapshot(DefinitionContent Content, DateTimeOffset CreatedAt, WorkflowState State)
{
    /// <summary>Its name in the file.</summary>
    public const string Member = "TalentState";

    public static JsonElement Write(InstanceRecord record, DefinitionContent content) => JsonSerializer.SerializeToElement(new
    {
        definitionId = content.DefinitionId, contentHash = content.Hash, fingerprint = content.Fingerprint, createdAt = record.CreatedAt, state = JsonElement.Parse(StateSerializer.Write(record.State)),
    }, ElsaJson.Options);

    /// <exception cref="WorkflowException"><c>invalid_request</c>: not such a file, or something in the state isn't known here and would be lost.</exception>
    public static InstanceSnapshot Read(string name, byte[] json)
    {
        try
        {
            using var file = JsonDocument.Parse(json is [0xEF, 0xBB, 0xBF, ..] ? json.AsMemory(3) : json, ElsaJson.DocumentOptions);
            if (file.RootElement.ValueKind != JsonValueKind.Object || !file.RootElement.TryGetProperty(Member, out var snapshot))
                throw Invalid(name, $"it has no '{Member}'. Elsa's own exports, and those of earlier releases, don't hold what an instance here needs to go on", $"文件中没有 {Member}，无法继续运行");
            var state = StateSerializer.Read(JsonSerializer.SerializeToUtf8Bytes(snapshot.GetProperty("state")));
            // Whatever is read and not written again wasn't understood.
            if (!JsonElement.DeepEquals(snapshot.GetProperty("state"), JsonElement.Parse(StateSerializer.Write(state))))
                throw Invalid(name, "something in its state isn't known to this release", "状态中有本版本无法识别的内容");
            // Files of earlier releases have no fingerprint.
            var content = new DefinitionContent(snapshot.GetProperty("definitionId").GetString() ?? "", Optional("contentHash"), Optional("fingerprint"));
            return new InstanceSnapshot(content, snapshot.GetProperty("createdAt").GetDateTimeOffset().ToUniversalTime(), state);

            string? Optional(string member) => snapshot.TryGetProperty(member, out var text) ? text.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw Invalid(name, e.Message.TrimEnd('.'), "内容无法读取", e);
        }
    }

    private static WorkflowException Invalid(string name, string why, string whyZh, Exception? inner = null) => new(ErrorCodes.InvalidRequest, $"{name} is no instance that can be imported: {why}.", $"{name} 不能作为流程实例导入：{whyZh}。", inner);
}
