using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>一键测试, 问答测试 and 一键申报 under <c>/api/v1/eligibility</c>, and what was evaluated for a case.</summary>
public static class EligibilityEndpoints
{
    public const string SessionExample = """{"service":"in-service-settlement"}""";
    public const string NoticeExample = """{"textSha256":"b1946ac92492d2347c6235b4d2611184a1f0c2e6d7a9b8c3d4e5f60718293a4b"}""";
    public const string FaceExample = """{"faceCheckId":"0199a4d0-52c0-7b1e-8d0a-3f0f5a1c2b3d"}""";
    public const string LookUpExample = """{"diplomaNumber":"119901200805000123","degreeNumber":"1199042008000123"}""";
    public const string RecogniseExample = """{"slot":"title-certificate","material":"0199a4d0-52c0-7b1e-8d0a-3f0f5a1c2b3d","rotate":90}""";
    public const string FactsExample = """{"facts":{"occupation":"6-31-01-03","skillQualification":"technician","qualifiedOn":"2024-05-20","worksInCity":true}}""";
    public const string AnswerExample = """{"option":"yes"}""";
    public const string FileExample = """{"condition":"B2"}""";

    /// <returns>Its endpoints that take a body, for the host to describe; the last makes a case.</returns>
    public static (RouteHandlerBuilder Begin, RouteHandlerBuilder Notice, RouteHandlerBuilder Face, RouteHandlerBuilder LookUp, RouteHandlerBuilder Recognise, RouteHandlerBuilder Facts, RouteHandlerBuilder Answer, RouteHandlerBuilder File) MapEligibility(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/eligibility").WithTags("eligibility");
        group.MapGet("/services", (CaseEligibility reader) => new Page<EligibilitySummary>(reader.Services(), null)).WithName("ListEligibilityServices").WithSummary("可测试申报条件的事项 Services with conditions");
        group.MapGet("/services/{service}", (string service, EligibilityDesk desk, CancellationToken stop) => desk.ServiceAsync(service, stop)).WithName("ReadEligibilityService").WithSummary("全部申报条件 The conditions of a service by category");
        routes.MapGet("/api/v1/cases/{id:guid}/eligibility", (Guid id, Caller caller, CaseEligibility reader, CancellationToken stop) => reader.ReadAsync(caller, id, stop))
            .WithTags("cases").WithName("ReadCaseEligibility").WithSummary("申报条件评估 What the rules said of a case: a hint");
        var sessions = group.MapGroup("/sessions");
        var one = sessions.MapGroup("/{id:guid}");
        one.MapGet("/", async (Guid id, Caller caller, EligibilityDesk desk, HttpContext http, CancellationToken stop) => Tagged(http, await desk.ReadAsync(caller, id, stop)))
            .WithName("ReadEligibilitySession").WithSummary("测试 A test as it stands").Produces<EligibilitySessionView>();
        one.MapDelete("/answers/{question}", async (Guid id, string question, Caller caller, EligibilityDesk desk, HttpContext http, CancellationToken stop) =>
                Tagged(http, await desk.BackAsync(caller, id, question, EntityTag.IfMatch(http.Request), stop)))
            .WithName("TakeBackEligibilityAnswer").WithSummary("上一步 Take back an answer and those after it").Produces<EligibilitySessionView>();
        one.MapDelete("/answers", async (Guid id, Caller caller, EligibilityDesk desk, HttpContext http, CancellationToken stop) => Tagged(http, await desk.ResetAsync(caller, id, EntityTag.IfMatch(http.Request), stop)))
            .WithName("ResetEligibilityAnswers").WithSummary("重置 Take back all answers").Produces<EligibilitySessionView>();
        return (
            sessions.MapPost("/", BeginAsync).WithName("BeginEligibilitySession").WithSummary("一键测试、问答测试 Begin a test").Produces<EligibilitySessionView>(StatusCodes.Status201Created),
            one.MapPost("/notice", async (Guid id, ConfirmNotice? request, Caller caller, EligibilityDesk desk, HttpContext http, CancellationToken stop) =>
                    Tagged(http, await desk.ConfirmNoticeAsync(caller, id, request?.TextSha256, EntityTag.IfMatch(http.Request), stop)))
                .WithName("ConfirmEligibilityNotice").WithSummary("确认办理须知 Confirm the notice").Produces<EligibilitySessionView>(),
            one.MapPost("/face", async (Guid id, UseFace request, Caller caller, EligibilityDesk desk, HttpContext http, CancellationToken stop) =>
                    Tagged(http, await desk.UseFaceAsync(caller, id, request.FaceCheckId, EntityTag.IfMatch(http.Request), stop)))
                .WithName("UseEligibilityFace").WithSummary("人脸识别 Use a face check that has passed").Produces<EligibilitySessionView>(),
            one.MapPost("/look-up", async (Guid id, CertificateNumbers request, Caller caller, EligibilityDesk desk, HttpContext http, CancellationToken stop) =>
                    Tagged(http, await desk.LookUpAsync(caller, id, request, EntityTag.IfMatch(http.Request), stop)))
                .WithName("LookUpEligibility").WithSummary("智能分析 Look up degrees, titles and insurance; or skip the numbers").Produces<EligibilitySessionView>(),
            one.MapPost("/recognitions", async (Guid id, AskRecognition request, Caller caller, EligibilityDesk desk, HttpContext http, CancellationToken stop) =>
                    Tagged(http, await desk.RecogniseAsync(caller, id, request, EntityTag.IfMatch(http.Request), stop)))
                .WithName("RecogniseForEligibility").WithSummary("证照识别 Read a certificate of one's library: suggestions").Produces<EligibilitySessionView>(),
            one.MapPut("/facts", async (Guid id, SayFacts request, Caller caller, EligibilityDesk desk, HttpContext http, CancellationToken stop) =>
                    Tagged(http, await desk.SayAsync(caller, id, request, EntityTag.IfMatch(http.Request), stop)))
                .WithName("SayEligibilityFacts").WithSummary("补充信息 Say what isn't known").Produces<EligibilitySessionView>(),
            one.MapPut("/answers/{question}", async (Guid id, string question, ChooseOption request, Caller caller, EligibilityDesk desk, HttpContext http, CancellationToken stop) =>
                    Tagged(http, await desk.AnswerAsync(caller, id, question, request.Option, EntityTag.IfMatch(http.Request), stop)))
                .WithName("AnswerEligibilityQuestion").WithSummary("作答 Answer a question").Produces<EligibilitySessionView>(),
            one.MapPost("/file", FileAsync).WithName("FileByEligibility").WithSummary("一键申报 Open a draft by a condition").Produces<CaseView>(StatusCodes.Status201Created));
    }

    private static async Task<IResult> BeginAsync(NewEligibilitySession request, Caller caller, RequestIdempotency idempotency, EligibilityDesk desk, HttpContext http, CancellationToken cancellationToken)
    {
        var id = await desk.BeginAsync(caller, request, idempotency.Value, cancellationToken);
        return Results.Created($"/api/v1/eligibility/sessions/{id}", Tagged(http, await desk.ReadAsync(caller, id, cancellationToken)));
    }

    private static async Task<IResult> FileAsync(Guid id, FileByCondition? request, Caller caller, RequestIdempotency idempotency, EligibilityDesk desk, CaseReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        var filed = await desk.FileAsync(caller, id, request?.Condition, idempotency.Value, cancellationToken);
        var view = await reader.ReadAsync(caller, filed, cancellationToken, http.Request.Headers[ReadReason.Header]);
        http.Response.Headers.ETag = EntityTag.Of(view.Version);
        return Results.Created($"/api/v1/cases/{filed}", view);
    }

    private static EligibilitySessionView Tagged(HttpContext http, EligibilitySessionView view)
    {
        http.Response.Headers.ETag = EntityTag.Of(view.Version);
        return view;
    }
}
