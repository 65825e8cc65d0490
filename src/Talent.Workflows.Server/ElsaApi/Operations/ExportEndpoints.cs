using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Server.ElsaApi.Instances;
using Talent.Workflows.Server.Security.Staff;

namespace Talent.Workflows.Server.ElsaApi.Operations;

/// <summary>Instances as files: one as JSON, many as a ZIP of such files.</summary>
internal static class ExportEndpoints
{
    private const int MostInOneFile = 100;

    public static void MapElsaInstanceExport(this IEndpointRouteBuilder api)
    {
        var reads = new OnlyReads();
        api.MapGet("/workflow-instances/{id}/export", ExportAsync);
        api.MapPost("/workflow-instances/{id}/export", ExportAsync).WithMetadata(reads);
        api.MapGet("/bulk-actions/export/workflow-instances", (string[]? ids, bool? includeBookmarks, bool? includeActivityExecutionLog, bool? includeWorkflowExecutionLog, ExecutionEndpoints.Sources sources, DefinitionStore definitions, CancellationToken cancellationToken) =>
            ExportManyAsync(new ManyRequest(ids, includeBookmarks, includeActivityExecutionLog, includeWorkflowExecutionLog), sources, definitions, cancellationToken));
        api.MapPost("/bulk-actions/export/workflow-instances", async (HttpContext context, ExecutionEndpoints.Sources sources, DefinitionStore definitions) =>
            await ExportManyAsync(await ElsaJson.ReadAsync<ManyRequest>(context), sources, definitions, context.RequestAborted)).WithMetadata(reads);
    }

    private static async Task<IResult> ExportAsync(string id, bool? includeBookmarks, bool? includeActivityExecutionLog, bool? includeWorkflowExecutionLog, ExecutionEndpoints.Sources sources, DefinitionStore definitions, CancellationToken cancellationToken) =>
        TypedResults.File(await WriteAsync(await sources.LogAsync(id, cancellationToken), definitions, new Parts(includeBookmarks, includeActivityExecutionLog, includeWorkflowExecutionLog), cancellationToken), "application/json", Name(id));

    private static async Task<IResult> ExportManyAsync(ManyRequest request, ExecutionEndpoints.Sources sources, DefinitionStore definitions, CancellationToken cancellationToken)
    {
        var ids = InstanceByInstance.Bounded(request.Ids).Distinct(StringComparer.Ordinal).ToList();
        if (ids.Count > MostInOneFile)
            throw new WorkflowException(ErrorCodes.TooLarge, $"One file takes up to {MostInOneFile} instances. Export fewer at once.", $"一次最多导出 {MostInOneFile} 个流程实例。");
        var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var id in ids)
            {
                var content = await WriteAsync(await sources.LogAsync(id, cancellationToken), definitions, new Parts(request.IncludeBookmarks, request.IncludeActivityExecutionLog, request.IncludeWorkflowExecutionLog), cancellationToken);
                await using var entry = await zip.CreateEntry(Name(id), CompressionLevel.Fastest).OpenAsync(cancellationToken);
                await entry.WriteAsync(content, cancellationToken);
            }
        return TypedResults.File(file.ToArray(), "application/zip", "workflow-instances.zip");
    }

    private static string Name(string id) => $"workflow-instance-{ExecutionLog.InstanceOf(id)}.json";

    private static async Task<byte[]> WriteAsync(ExecutionLog log, DefinitionStore definitions, Parts parts, CancellationToken cancellationToken)
    {
        var state = WorkflowStateShape.Of(log);
        return JsonSerializer.SerializeToUtf8Bytes(new InstanceFile
        {
            WorkflowState = state,
            Bookmarks = parts.Bookmarks ?? false ? state.Bookmarks : null,
            ActivityExecutionRecords = parts.Executions ?? false ? [.. log.Executions.Values.Select(e => ExecutionRecord.Of(e, log, full: true))] : null,
            WorkflowExecutionLogRecords = parts.Journal ?? false ? [.. log.Page(_ => true, 0, int.MaxValue).Lines.Select(line => LogLine.Of(line, log))] : null,
            Snapshot = InstanceSnapshot.Write(log.Instance, await definitions.ContentAsync(log.Instance.DefinitionVersionId, cancellationToken)),
        }, ElsaJson.Options);
    }

    private sealed record Parts(bool? Bookmarks, bool? Executions, bool? Journal);

    private sealed record ManyRequest(IReadOnlyList<string>? Ids = null, bool? IncludeBookmarks = null, bool? IncludeActivityExecutionLog = null, bool? IncludeWorkflowExecutionLog = null);

    /// <summary>The names at the top are Elsa's, which writes null for a part that isn't asked for.</summary>
    private sealed record InstanceFile
    {
        [JsonPropertyName("WorkflowState")]
        public required WorkflowStateShape WorkflowState { get; init; }

        [JsonPropertyName("Bookmarks"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
        public IReadOnlyList<BookmarkShape>? Bookmarks { get; init; }

        [JsonPropertyName("ActivityExecutionRecords"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
        public IReadOnlyList<ExecutionRecord>? ActivityExecutionRecords { get; init; }

        [JsonPropertyName("WorkflowExecutionLogRecords"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
        public IReadOnlyList<LogLine>? WorkflowExecutionLogRecords { get; init; }

        [JsonPropertyName(InstanceSnapshot.Member)]
        public required JsonElement Snapshot { get; init; }
    }
}
