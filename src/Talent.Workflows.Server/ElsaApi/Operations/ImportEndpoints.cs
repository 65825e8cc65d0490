using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Server.ElsaApi.Definitions;
using Talent.Workflows.Server.Security;

namespace Talent.Workflows.Server.ElsaApi.Operations;

/// <summary>Running instances out of files that an export here has written: JSON, or ZIP archives of it.</summary>
internal static class ImportEndpoints
{
    private const int Most = 100;

    public static void MapElsaInstanceImport(this IEndpointRouteBuilder api)
    {
        var administrators = new RequiredScope(Scopes.Admin);
        api.MapPost("/workflow-instances/import", ImportAsync).WithMetadata(administrators).DisableAntiforgery();
        api.MapPost("/bulk-actions/import/workflow-instances", ImportAsync).WithMetadata(administrators).DisableAntiforgery();
    }

    /// <summary>All files are read and checked before the first instance is taken in.</summary>
    private static async Task<IResult> ImportAsync(HttpContext context, Caller caller, WorkflowRuntime runtime, ServiceCatalogue services)
    {
        var files = new List<InstanceSnapshot>();
        foreach (var (name, json) in await FilesAsync(context))
            files.Add(InstanceSnapshot.Read(name, json));
        if (files.Count is 0 or > Most)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Send 1 to {Most} instances at once, as multipart/form-data or JSON.", $"请一次导入 1 至 {Most} 个流程实例。");
        foreach (var file in files)
        {
            if (await services.FindAsync(file.Content.DefinitionId, context.RequestAborted) is not null)
                throw new WorkflowException(ErrorCodes.WrongState, $"Instance {file.State.InstanceId} belongs to a case of service '{file.Content.DefinitionId}', and the file has no case in it. Move cases by backup and restore.", "该流程实例属于业务事项，文件中不含事项数据；请通过备份与恢复迁移。");
            await runtime.CheckImportAsync(file.State, file.Content, context.RequestAborted);
        }
        foreach (var file in files)
            await runtime.ImportAsync(file.State, file.Content, file.CreatedAt, caller.Actor, context.RequestAborted);
        return ElsaJson.Ok(new { imported = files.Count });
    }

    private static async Task<List<(string Name, byte[] Json)>> FilesAsync(HttpContext context)
    {
        var files = new List<(string, byte[])>();
        if (!context.Request.HasFormContentType)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            files.Add(("body", body.ToArray()));
            return files;
        }
        var budget = new DefinitionFiles.Budget();
        foreach (var file in (await FileEndpoints.ReadFormAsync(context, context.RequestAborted)).Files)
        {
            using var content = new MemoryStream();
            await file.CopyToAsync(content, context.RequestAborted);
            files.AddRange(DefinitionFiles.Unpack(Path.GetFileName(file.FileName), content.ToArray(), ErrorCodes.InvalidRequest, budget));
        }
        return files;
    }
}
