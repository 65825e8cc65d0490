using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Server.Security.Staff;

namespace Talent.Workflows.Server.ElsaApi.Definitions;

/// <summary>Import and export. An import is always a draft, whatever the file says of itself.</summary>
internal static class FileEndpoints
{
    public static void MapDefinitionFiles(this IEndpointRouteBuilder api)
    {
        string[] writes = ["POST", "PUT"];
        string[] reads = ["GET", "POST"];
        api.MapMethods("/workflow-definitions/import", writes, ImportAsync);
        api.MapMethods("/workflow-definitions/{definitionId}/import", writes, ImportAsync);
        api.MapPost("/workflow-definitions/import-files", ImportFilesAsync).DisableAntiforgery();
        api.MapMethods("/workflow-definitions/{definitionId}/export", reads, ExportAsync).WithMetadata(new OnlyReads());
        api.MapMethods("/bulk-actions/export/workflow-definitions", reads, ExportManyAsync).WithMetadata(new OnlyReads());
    }

    private static async Task<IResult> ImportAsync(string? definitionId, HttpContext context, Caller caller, DefinitionDesk desk, CancellationToken cancellationToken)
    {
        var model = await WriteEndpoints.BodyAsync(context);
        if (definitionId is not null)
            model["definitionId"] = definitionId;
        var saved = await desk.ImportAsync(model, caller, cancellationToken);
        return ElsaJson.Node(await desk.ViewAsync(saved.Definition, caller, cancellationToken));
    }

    /// <summary>All files are read and checked before the first is taken in.</summary>
    private static async Task<IResult> ImportFilesAsync(HttpContext context, Caller caller, DefinitionDesk desk, CancellationToken cancellationToken)
    {
        if (!context.Request.HasFormContentType)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "Send the files as multipart/form-data.", "请以 multipart/form-data 上传文件。");
        var models = new List<JsonObject>();
        var budget = new DefinitionFiles.Budget();
        foreach (var file in (await ReadFormAsync(context, cancellationToken)).Files)
        {
            using var content = new MemoryStream();
            await file.CopyToAsync(content, cancellationToken);
            models.AddRange(DefinitionFiles.Read(Path.GetFileName(file.FileName), content.ToArray(), budget));
        }
        var documents = models.ConvertAll(DefinitionDesk.Importable);
        foreach (var document in documents)
            await desk.SaveAsync(new DraftSave { Document = document, Actor = caller.Actor }, cancellationToken);
        return ElsaJson.Ok(new { count = documents.Count });
    }

    private static async Task<IResult> ExportAsync(string definitionId, string? versionOptions, bool? includeConsumingWorkflows, DefinitionStore store, CancellationToken cancellationToken)
    {
        var options = VersionOptions.Parse(versionOptions, VersionFilter.Latest);
        var record = await store.FindAsync(definitionId, options.Filter, options.Number, cancellationToken) ?? throw DefinitionDesk.NotFound(definitionId);
        if (includeConsumingWorkflows == true && await ReadEndpoints.FindConsumersAsync(definitionId, store, cancellationToken) is { Count: > 0 } consumers)
            return await ZipAsync([record, .. consumers], store, cancellationToken);
        return TypedResults.File(await FileAsync(record, store, cancellationToken), "application/json", DefinitionFiles.NameOf(record.DefinitionId));
    }

    private static async Task<IResult> ExportManyAsync(HttpContext context, string[]? ids, bool? includeConsumingWorkflows, DefinitionStore store, CancellationToken cancellationToken)
    {
        if (context.Request.HasJsonContentType() && HttpMethods.IsPost(context.Request.Method))
        {
            var body = await ElsaJson.ReadAsync<ExportList>(context);
            (ids, includeConsumingWorkflows) = ([.. body.Ids ?? []], body.IncludeConsumingWorkflows);
        }
        var records = (await store.QueryAsync(new DefinitionQuery { Ids = ids ?? [], Take = 1000 }, cancellationToken)).Items.ToList();
        if (includeConsumingWorkflows == true)
            foreach (var record in records.ToList())
                records.AddRange(await ReadEndpoints.FindConsumersAsync(record.DefinitionId, store, cancellationToken));
        return records.Count == 0 ? throw DefinitionDesk.NotFound(string.Join(", ", ids ?? [])) : await ZipAsync([.. records.DistinctBy(r => r.Id)], store, cancellationToken);
    }

    private static async Task<IResult> ZipAsync(List<DefinitionRecord> records, DefinitionStore store, CancellationToken cancellationToken)
    {
        var files = new List<(string, byte[])>();
        foreach (var record in records)
            // Several versions of one definition have its id in common.
            files.Add((DefinitionFiles.NameOf(records.Count(r => r.DefinitionId == record.DefinitionId) > 1 ? $"{record.DefinitionId}-{record.Version}" : record.DefinitionId), await FileAsync(record, store, cancellationToken)));
        return TypedResults.File(DefinitionFiles.Pack(files), "application/zip", "workflow-definitions.zip");
    }

    private static async Task<byte[]> FileAsync(DefinitionRecord record, DefinitionStore store, CancellationToken cancellationToken) =>
        DefinitionModel.File(record, await store.ReadDocumentAsync(record.Id, cancellationToken) ?? throw DefinitionDesk.NotFound(record.Id));

    internal static async Task<IFormCollection> ReadFormAsync(HttpContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await context.Request.ReadFormAsync(cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"The form can't be read: {e.Message}", "上传内容有误。", e);
        }
    }

    internal sealed record ExportList(IReadOnlyList<string>? Ids = null, bool IncludeConsumingWorkflows = false);
}
