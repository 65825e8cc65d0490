using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Materials;

public sealed record RenameMaterial(string? Name = null);

/// <param name="Degrees">Clockwise, from how it was uploaded: 0, 90, 180 or 270.</param>
public sealed record RotateMaterial(int Degrees);

/// <summary>附件管理 over HTTP, under <c>/api/v1/materials</c> (R-CASE-4).</summary>
public static class MaterialEndpoints
{
    public static IEndpointRouteBuilder MapMaterials(this IEndpointRouteBuilder routes)
    {
        var materials = routes.MapGroup("/api/v1/materials").WithTags("materials");
        materials.MapPost("/", UploadAsync).WithName("UploadMaterial").WithSummary("上传附件 Upload a file: the body is its content, Content-Disposition its name")
            .WithMetadata(new StreamedBody(services => services.GetRequiredService<IOptions<MaterialOptions>>().Value.MaxAnyBytes));
        materials.MapGet("/", (string? person, string? employer, bool? everybody, string? name, string? kind, string? cursor, int? limit, Caller caller, MaterialReader reader, CancellationToken stop) =>
            reader.ListAsync(caller, new MaterialQuery(person, employer, everybody ?? false, name, kind, cursor, limit ?? 50), stop))
            .WithName("ListMaterials").WithSummary("附件列表 The materials of a library, searched by fragments of the name").Produces<Page<MaterialView>>();
        materials.MapGet("/proposals", (string service, string? applicant, Caller caller, MaterialProposer proposer, CancellationToken stop) => proposer.ForAsync(caller, service, applicant, stop))
            .WithName("ProposeMaterials").WithSummary("自动带入 What a new case would take over from the libraries").Produces<MaterialProposals>();
        materials.MapGet("/{id:guid}", (Guid id, Caller caller, MaterialReader reader, CancellationToken stop) => reader.ReadAsync(caller, id, stop))
            .WithName("ReadMaterial").WithSummary("附件信息 One material").Produces<MaterialView>();
        materials.MapGet("/{id:guid}/content", DownloadAsync).WithName("DownloadMaterial").WithSummary("下载附件 The file, named 单位-姓名-材料名称")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream");
        materials.MapGet("/{id:guid}/thumbnail", ThumbnailAsync).WithName("ShowMaterial").WithSummary("缩略图 A small picture of a picture, turned as it is to be shown")
            .Produces(StatusCodes.Status200OK, contentType: Thumbnails.MediaType);
        materials.MapPut("/{id:guid}/name", (Guid id, RenameMaterial request, Caller caller, MaterialLibrary library, CancellationToken stop) => library.RenameAsync(caller, id, request.Name, stop))
            .WithName("RenameMaterial").WithSummary("重命名 Give a material another name").Produces<MaterialView>();
        materials.MapPut("/{id:guid}/rotation", (Guid id, RotateMaterial request, Caller caller, MaterialLibrary library, CancellationToken stop) => library.RotateAsync(caller, id, request.Degrees, stop))
            .WithName("RotateMaterial").WithSummary("旋转图片 Say how a picture is to be shown").Produces<MaterialView>();
        materials.MapDelete("/{id:guid}", DeleteAsync).WithName("DeleteMaterial").WithSummary("删除附件 Take a material out of its library");
        return routes;
    }

    private static async Task<Results<Created<MaterialView>, Ok<MaterialView>>> UploadAsync(
        string? person, string? employer, [FromHeader(Name = "Content-Disposition")] string? disposition, Stream body, Caller caller, RequestIdempotency idempotency,
        MaterialLibrary library, HttpContext http, CancellationToken cancellationToken)
    {
        var owner = MaterialOwner.Of(person, employer, caller.RequireUser());
        var recheck = http.Features.Get<CallerRecheck>();
        var receipt = await library.UploadAsync(caller, owner, NameOf(disposition), body, http.Request.ContentLength, idempotency.Value, stop => recheck?.Ask(stop) ?? Task.CompletedTask, cancellationToken);
        return receipt.Created ? TypedResults.Created($"/api/v1/materials/{receipt.Material.Id}", receipt.Material) : TypedResults.Ok(receipt.Material);
    }

    private static async Task<FileStreamHttpResult> DownloadAsync(Guid id, Caller caller, MaterialReader reader, CancellationToken cancellationToken)
    {
        var file = await reader.DownloadAsync(caller, id, cancellationToken);
        return TypedResults.Stream(file.Content, file.MediaType, file.FileName, entityTag: new EntityTagHeaderValue($"\"{file.Sha256}\""));
    }

    private static async Task<FileContentHttpResult> ThumbnailAsync(Guid id, Caller caller, MaterialReader reader, CancellationToken cancellationToken)
    {
        var (picture, tag) = await reader.ThumbnailAsync(caller, id, cancellationToken);
        return TypedResults.File(picture, Thumbnails.MediaType, entityTag: new EntityTagHeaderValue($"\"{tag}\""));
    }

    private static async Task<NoContent> DeleteAsync(Guid id, Caller caller, MaterialLibrary library, CancellationToken cancellationToken)
    {
        await library.DeleteAsync(caller, id, cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>The file's name, as RFC 6266 has it. In a header and not in the address: addresses end up in logs.</summary>
    private static string NameOf(string? disposition) =>
        ContentDispositionHeaderValue.TryParse(disposition, out var parsed) && (parsed.FileNameStar.HasValue ? parsed.FileNameStar.Value : HeaderUtilities.RemoveQuotes(parsed.FileName).Value) is { Length: > 0 } name ? name
        : throw new WorkflowException(ErrorCodes.InvalidRequest, "Name the file: send the header Content-Disposition: attachment; filename*=UTF-8''<name in percent-encoding>.",
            "请在请求头 Content-Disposition 中给出文件名：attachment; filename*=UTF-8''<百分号编码的名称>。");
}
