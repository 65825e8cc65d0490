using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.People.Faces;

namespace Talent.Workflows.Approvals.People.RealName;

/// <summary>实名认证、换绑和人脸识别 under <c>/api/v1/people/{id}</c>, and where the face office calls.</summary>
public static class RealNameEndpoints
{
    public const string VerificationExample = """{"name":"李示例","residentId":"110199198602140254"}""";
    public const string FaceExample = """{"purpose":"look-up"}""";
    public const string CodeExample = """{"faceCheckId":"0199a4d0-52c0-7b1e-8d0a-3f0f5a1c2b3d","challengeId":"5f0c8f0e-6a0d-4c55-9d43-0d8f2b1e7a11","answer":"K4XRE","address":"203.0.113.7"}""";
    public const string RebindExample = """{"faceCheckId":"0199a4d0-52c0-7b1e-8d0a-3f0f5a1c2b3d","codeId":"5f0c8f0e-6a0d-4c55-9d43-0d8f2b1e7a11","code":"402917"}""";

    /// <returns>Its endpoints that take a body, for the host to describe.</returns>
    public static (RouteHandlerBuilder Verify, RouteHandlerBuilder Face, RouteHandlerBuilder Code, RouteHandlerBuilder Rebind) MapRealName(this IEndpointRouteBuilder routes)
    {
        var person = routes.MapGroup("/api/v1/people/{id:guid}").WithTags("people");
        person.MapGet("/verification", async (Guid id, WaitTime wait, Caller caller, RealNameReader reader, CancellationToken stop) => TypedResults.Ok(await reader.WaitAsync(caller, id, wait.Value, stop)))
            .WithName("ReadVerification").WithSummary("实名认证状态 Where the verification of name and number stands");
        person.MapGet("/face-checks/{check:guid}", async (Guid id, Guid check, WaitTime wait, Caller caller, FaceChecks faces, CancellationToken stop) => TypedResults.Ok(await faces.WaitAsync(caller, id, check, wait.Value, stop)))
            .WithName("ReadFaceCheck").WithSummary("人脸识别状态 Where the verification of a face stands");
        return (
            person.MapPost("/verification", VerifyAsync).WithName("VerifyPerson").WithSummary("实名认证 Have name and identity number verified")
                .Produces<VerificationView>().Produces<VerificationView>(StatusCodes.Status202Accepted),
            person.MapPost("/face-checks", FaceAsync).WithName("CheckFace").WithSummary("人脸识别 Have the face verified: a QR code").Produces<FaceCheckView>(StatusCodes.Status201Created),
            person.MapPost("/rebinding/codes", CodeAsync).WithName("SendRebindingCode").WithSummary("换绑：发送短信验证码 A code to the telephone of the account that holds the identity").Produces<SentRebindingCode>(StatusCodes.Status202Accepted),
            person.MapPost("/rebinding", RebindAsync).WithName("RebindPerson").WithSummary("换绑 Take a verified identity over from another account").Produces<VerificationView>());
    }

    /// <summary>Where the face office calls: signed, with no key of ours.</summary>
    public static RouteHandlerBuilder MapFaceCallback(this IEndpointRouteBuilder routes) =>
        routes.MapPost(FaceCallback.Path, (HttpRequest request, FaceCallback callback, CancellationToken stop) => callback.ReceiveAsync(request, stop))
            .WithName("ReceiveFaceResult").WithSummary("人脸识别结果回调 The face office's word on a session").WithTags("people")
            .Produces<FaceCallbackAnswer>().AllowAnonymous();

    private static async Task<IResult> VerifyAsync(Guid id, NewVerification request, WaitTime wait, Caller caller, RequestIdempotency idempotency, RealNameCommands commands, RealNameReader reader, CancellationToken cancellationToken)
    {
        await commands.StartAsync(caller, id, request, idempotency.Value, cancellationToken);
        var view = await reader.WaitAsync(caller, id, wait.Value, cancellationToken);
        return view.State == VerificationState.Pending.Code ? Results.Accepted($"/api/v1/people/{id}/verification", view) : Results.Ok(view);
    }

    private static async Task<IResult> FaceAsync(Guid id, NewFaceCheck request, Caller caller, RequestIdempotency idempotency, FaceChecks faces, CancellationToken cancellationToken)
    {
        var check = await faces.BeginAsync(caller, id, request, idempotency.Value, cancellationToken);
        return Results.Created($"/api/v1/people/{id}/face-checks/{check}", await faces.ReadAsync(caller, id, check, cancellationToken));
    }

    private static async Task<IResult> CodeAsync(Guid id, RebindingCodeRequest request, Caller caller, Rebinding rebinding, HttpContext http, CancellationToken cancellationToken) =>
        Results.Accepted((string?)null, await rebinding.SendCodeAsync(caller, id, request, CodeEndpoints.Language(request.Language), CodeEndpoints.Address(request.Address, http), cancellationToken));

    private static async Task<VerificationView> RebindAsync(Guid id, RebindRequest request, Caller caller, RequestIdempotency idempotency, Rebinding rebinding, RealNameReader reader, CancellationToken cancellationToken)
    {
        await rebinding.RebindAsync(caller, id, request, idempotency.Value, cancellationToken);
        return await reader.ReadAsync(caller, id, cancellationToken);
    }
}
