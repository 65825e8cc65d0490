using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.People.Codes;

/// <summary>Asks for an image challenge.</summary>
/// <param name="Address">The IP address of the person, as the backend service sees it; without it, that of the connection counts.</param>
public sealed record ChallengeRequest(string? Address = null);

/// <summary>A challenge to show to the person, with the words for those who can't see it.</summary>
/// <param name="Image">PNG, in base64.</param>
/// <param name="Alt">For the image's <c>alt</c>.</param>
/// <param name="Help">What whoever can't read the image can do instead.</param>
public sealed record ChallengeView(Guid Id, string MediaType, byte[] Image, int Length, DateTimeOffset ExpiresAt, string Alt, string AltEn, string Help, string HelpEn);

/// <summary>Has a code sent.</summary>
/// <param name="Answer">What the person read in the image.</param>
/// <param name="Purpose"><c>register</c>, <c>login</c> or <c>phone-change</c>.</param>
/// <param name="Language"><c>zh-CN</c> (default) or <c>en</c>.</param>
/// <param name="Address">As in <see cref="ChallengeRequest"/>.</param>
public sealed record CodeRequest(Guid ChallengeId, string? Answer, string? Phone, string? Purpose, string? Language = null, string? Address = null)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => nameof(CodeRequest);
}

/// <summary>Checks a code.</summary>
/// <param name="Id">Of the answer to <see cref="CodeRequest"/>.</param>
public sealed record CheckRequest(Guid Id, string? Phone, string? Purpose, string? Code)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => nameof(CheckRequest);
}

/// <summary>
/// Verification codes under <c>/api/v1/verification</c>, for backend services (R-ACC-1). A check that isn't passed is a problem
/// document, so that who looks at the status alone lets nobody in.
/// </summary>
public static class CodeEndpoints
{
    public const string ChallengeExample = """{"address":"203.0.113.7"}""";
    public const string CodeExample = """{"challengeId":"5f0c8f0e-6a0d-4c55-9d43-0d8f2b1e7a11","answer":"K4XRE","phone":"19900000054","purpose":"login","address":"203.0.113.7"}""";
    public const string CheckExample = """{"id":"5f0c8f0e-6a0d-4c55-9d43-0d8f2b1e7a11","phone":"19900000054","purpose":"login","code":"402917"}""";

    /// <returns>Its endpoints, for the host to describe.</returns>
    public static (RouteHandlerBuilder Challenges, RouteHandlerBuilder Codes, RouteHandlerBuilder Checks) MapVerificationCodes(this IEndpointRouteBuilder routes)
    {
        var codes = routes.MapGroup("/api/v1/verification").WithTags("verification");
        return (
            codes.MapPost("/challenges", ChallengeAsync).WithName("MakeChallenge").WithSummary("获取图形验证码 An image challenge"),
            codes.MapPost("/codes", IssueAsync).WithName("SendCode").WithSummary("发送短信验证码 Send a code by SMS against a solved challenge"),
            codes.MapPost("/checks", CheckAsync).WithName("CheckCode").WithSummary("校验短信验证码 Check a code"));
    }

    private static async Task<Created<ChallengeView>> ChallengeAsync(ChallengeRequest request, HttpContext http, VerificationCodes codes, CancellationToken cancellationToken)
    {
        var made = await codes.ChallengeAsync(Address(request.Address, http), cancellationToken);
        return TypedResults.Created((string?)null, new ChallengeView(made.Id, "image/png", made.Image, ChallengeImage.Length, made.ExpiresAt,
            $"图形验证码：图中有{ChallengeImage.Length}个字母或数字，不区分大小写", $"Image challenge: {ChallengeImage.Length} letters or digits, in any case",
            "看不清可换一张。无法辨认图片的，请通过统一身份认证平台登录，或拨打咨询电话由工作人员协助办理。",
            "Ask for another image if this one is hard to read. Who can't read images signs in by the city's unified identity platform, or is helped by the hotline."));
    }

    private static async Task<Accepted<IssuedCode>> IssueAsync(CodeRequest request, HttpContext http, VerificationCodes codes, CancellationToken cancellationToken) =>
        TypedResults.Accepted((string?)null, await codes.IssueAsync(request.ChallengeId, request.Answer, Phone(request.Phone), CodePurpose.Of(request.Purpose), Language(request.Language), Address(request.Address, http), cancellationToken));

    private static Task<PassedCheck> CheckAsync(CheckRequest request, RequestIdempotency idempotency, VerificationCodes codes, CancellationToken cancellationToken) =>
        codes.CheckAsync(request.Id, Phone(request.Phone), CodePurpose.Of(request.Purpose), request.Code, idempotency.Value, cancellationToken);

    private static PhoneNumber Phone(string? text) => PhoneNumber.TryParse(text, out var phone, out var fault) ? phone : throw new WorkflowException(
        ErrorCodes.InvalidForm, fault.En, fault.Zh) { Facts = new Dictionary<string, object?> { ["fault"] = fault.Code } };

    internal static string Language(string? language) => language is null || MessageLanguages.All.Contains(language) ? language ?? MessageLanguages.Chinese
        : throw Wrong("$.language", $"The language is one of {string.Join(", ", MessageLanguages.All)}.", $"语言须为 {string.Join("、", MessageLanguages.All)} 之一。");

    internal static IPAddress? Address(string? given, HttpContext http) => given is not { Length: > 0 } ? http.Connection.RemoteIpAddress
        : given.Length <= 45 && IPAddress.TryParse(given, out var address) ? address : throw Wrong("$.address", "The address isn't an IP address.", "address 须为 IP 地址。");

    private static WorkflowException Wrong(string path, string en, string zh) => new(ErrorCodes.InvalidRequest, en, zh)
    { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ProblemError(path, "invalid_value", zh, en) } } };
}
