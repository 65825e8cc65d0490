using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>The HTTP face of what a case carries: <c>materials</c>, <c>profile</c> and <c>confirmations</c> under <c>/api/v1/cases/{id}</c> (R-PER-2, R-CASE-4).</summary>
public static class FilingEndpoints
{
    public static IEndpointRouteBuilder MapFilings(this IEndpointRouteBuilder routes)
    {
        var cases = routes.MapGroup("/api/v1/cases/{id:guid}").WithTags("cases");
        cases.MapGet("/materials", MaterialsAsync).WithName("ListCaseMaterials").WithSummary("材料清单 What is asked for, and what the case has of it");
        cases.MapPut("/materials/{slot}/{material:guid}", PutAsync).WithName("PutCaseMaterial").WithSummary("选用附件 Take a material of the library into the case, or replace one by it");
        cases.MapDelete("/materials/{slot}/{material:guid}", RemoveAsync).WithName("RemoveCaseMaterial").WithSummary("移除材料 Take a material out of the case");
        cases.MapGet("/materials/{slot}/{material:guid}/content", DownloadAsync).WithName("DownloadCaseMaterial").WithSummary("下载材料 The file, named 单位-姓名-材料名称")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream");
        cases.MapGet("/profile", ProfileAsync).WithName("ReadCaseProfile").WithSummary("基础信息快照 The applicant's profile as the case has it");
        cases.MapGet("/profile/changes", ChangesAsync).WithName("ReadCaseProfileChanges").WithSummary("确认基础信息 What has changed in the profile since");
        cases.MapPost("/profile/confirm", ConfirmProfileAsync).WithName("ConfirmCaseProfile").WithSummary("确认基础信息 Take the profile as it is now");
        cases.MapGet("/confirmations", ConfirmationsAsync).WithName("ListCaseConfirmations").WithSummary("确认事项 What has to be confirmed before the case is handed in");
        cases.MapPost("/confirmations/{key}", ConfirmAsync).WithName("ConfirmForCase").WithSummary("确认 Confirm a text for this case, such as the warning of classified material 涉密提示");
        cases.MapGet("/recognitions", RecognitionsAsync).WithName("ListCaseRecognitions").WithSummary("识别结果 What was recognised on materials, and what went into the form");
        cases.MapPost("/recognitions", RecogniseAsync).WithName("RecogniseCaseMaterial").WithSummary("材料识别 Have a picture read; empty fields are filled in when the answer comes");
        cases.MapDelete("/recognitions/{recognition:guid}", CancelRecognitionAsync).WithName("CancelCaseRecognition").WithSummary("取消识别 Type instead: what it filled in goes out again");
        cases.MapPost("/recognitions/{recognition:guid}/reacquire", ReacquireAsync).WithName("ReacquireCaseRecognition").WithSummary("重新获取 Read it once more, in the place of what was typed or recognised");
        cases.MapPost("/shared-data", LookUpAsync).WithName("LookUpSharedDataForCase").WithSummary("重新获取 Ask other offices for degrees and titles, in the place of what was typed or recognised; takes a passed face check");
        cases.MapGet("/sources", SourcesAsync).WithName("ReadCaseSources").WithSummary("填报来源 Where the values of the form came from");
        return routes;
    }

    private static async Task<CaseRecognitionsView> RecognitionsAsync(Guid id, Caller caller, FilingReader reader, HttpContext http, CancellationToken cancellationToken) =>
        Tagged(http, await reader.RecognitionsAsync(caller, id, cancellationToken));

    private static async Task<CaseRecognitionsView> RecogniseAsync(Guid id, AskRecognition request, Caller caller, RequestIdempotency idempotency, FilingCommands commands, FilingReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.RecogniseAsync(caller, id, request, idempotency.Value, EntityTag.IfMatch(http.Request), cancellationToken);
        return Tagged(http, await reader.RecognitionsAsync(caller, id, cancellationToken));
    }

    private static async Task<CaseRecognitionsView> CancelRecognitionAsync(Guid id, Guid recognition, Caller caller, FilingCommands commands, FilingReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.CancelRecognitionAsync(caller, id, recognition, EntityTag.IfMatch(http.Request), cancellationToken);
        return Tagged(http, await reader.RecognitionsAsync(caller, id, cancellationToken));
    }

    private static async Task<CaseRecognitionsView> ReacquireAsync(Guid id, Guid recognition, Caller caller, RequestIdempotency idempotency, FilingCommands commands, FilingReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.ReacquireAsync(caller, id, recognition, idempotency.Value, EntityTag.IfMatch(http.Request), cancellationToken);
        return Tagged(http, await reader.RecognitionsAsync(caller, id, cancellationToken));
    }

    private static async Task<CaseRecognitionsView> LookUpAsync(Guid id, AskSharedData request, Caller caller, RequestIdempotency idempotency, FilingCommands commands, FilingReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.LookUpAsync(caller, id, request, idempotency.Value, EntityTag.IfMatch(http.Request), cancellationToken);
        return Tagged(http, await reader.RecognitionsAsync(caller, id, cancellationToken));
    }

    private static async Task<CaseSourcesView> SourcesAsync(Guid id, int? handIn, Caller caller, FilingReader reader, HttpContext http, CancellationToken cancellationToken) =>
        Tagged(http, await reader.SourcesAsync(caller, id, handIn, cancellationToken));

    private static async Task<CaseMaterialsView> MaterialsAsync(Guid id, int? handIn, Caller caller, FilingReader reader, HttpContext http, CancellationToken cancellationToken) =>
        Tagged(http, await reader.MaterialsAsync(caller, id, handIn, cancellationToken));

    private static async Task<CaseMaterialsView> PutAsync(Guid id, string slot, Guid material, PutMaterial? request, Caller caller, FilingCommands commands, FilingReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.PutAsync(caller, id, slot, material, request?.Replaces, EntityTag.IfMatch(http.Request), cancellationToken);
        return Tagged(http, await reader.MaterialsAsync(caller, id, null, cancellationToken));
    }

    private static async Task<CaseMaterialsView> RemoveAsync(Guid id, string slot, Guid material, Caller caller, FilingCommands commands, FilingReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.RemoveAsync(caller, id, slot, material, EntityTag.IfMatch(http.Request), cancellationToken);
        return Tagged(http, await reader.MaterialsAsync(caller, id, null, cancellationToken));
    }

    private static async Task<FileStreamHttpResult> DownloadAsync(Guid id, string slot, Guid material, int? handIn, Caller caller, FilingReader reader, CancellationToken cancellationToken)
    {
        var file = await reader.DownloadAsync(caller, id, slot, material, handIn, cancellationToken);
        return TypedResults.Stream(file.Content, file.MediaType, file.FileName, entityTag: new EntityTagHeaderValue($"\"{file.Sha256}\""));
    }

    /// <param name="full">Numbers in full: takes the header Talent-Reason, and is recorded.</param>
    private static async Task<CaseProfileView> ProfileAsync(Guid id, bool? full, Caller caller, FilingReader reader, HttpContext http, CancellationToken cancellationToken) =>
        Tagged(http, await reader.ProfileAsync(caller, id, full ?? false, http.Request.Headers[ReadReason.Header], cancellationToken));

    private static async Task<ProfileChangesView> ChangesAsync(Guid id, Caller caller, FilingReader reader, HttpContext http, CancellationToken cancellationToken) =>
        Tagged(http, await reader.ChangesAsync(caller, id, cancellationToken));

    private static async Task<CaseProfileView> ConfirmProfileAsync(Guid id, ConfirmProfile? request, Caller caller, RequestIdempotency idempotency, FilingCommands commands, FilingReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.ConfirmProfileAsync(caller, id, request?.Sha256, idempotency.Value, EntityTag.IfMatch(http.Request), cancellationToken);
        return Tagged(http, await reader.ProfileAsync(caller, id, full: false, null, cancellationToken));
    }

    private static async Task<Page<ConfirmationView>> ConfirmationsAsync(Guid id, Caller caller, FilingReader reader, HttpContext http, CancellationToken cancellationToken) =>
        new(Tagged(http, await reader.ConfirmationsAsync(caller, id, cancellationToken)), null);

    private static async Task<Page<ConfirmationView>> ConfirmAsync(Guid id, string key, GiveConfirmation? request, Caller caller, RequestIdempotency idempotency, FilingCommands commands, FilingReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.ConfirmAsync(caller, id, key, request?.TextSha256, idempotency.Value, EntityTag.IfMatch(http.Request), cancellationToken);
        return new(Tagged(http, await reader.ConfirmationsAsync(caller, id, cancellationToken)), null);
    }

    private static T Tagged<T>(HttpContext http, (long Version, T View) answer)
    {
        http.Response.Headers.ETag = EntityTag.Of(answer.Version);
        return answer.View;
    }
}
