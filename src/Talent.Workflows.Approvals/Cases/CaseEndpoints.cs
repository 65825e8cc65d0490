using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Events;

namespace Talent.Workflows.Approvals.Cases;

/// <param name="FormVersion">Version of the form that it was filled in for; null: whichever counts.</param>
public sealed record SaveData(short Phase, JsonElement Data, string? FormVersion = null);

/// <summary>One step of the form, in place of what the step had.</summary>
/// <param name="FormVersion">Version of the form that it was filled in for; null: whichever counts.</param>
public sealed record SaveStep(JsonElement Data, string? FormVersion = null);

public sealed record WithdrawCase(string? Reason);

public sealed record GiveSupplement(JsonElement Data, string? Note);

/// <summary>The HTTP face of cases, under <c>/api/v1/cases</c>.</summary>
public static class CaseEndpoints
{
    public static IEndpointRouteBuilder MapCases(this IEndpointRouteBuilder routes)
    {
        var cases = routes.MapGroup("/api/v1/cases").WithTags("cases");
        cases.MapPost("/", CreateAsync).WithName("CreateCase").WithSummary("新建申报 Open a case");
        cases.MapPost("/batch", BatchAsync).WithName("FileCases").WithSummary("批量申报 Cases for many people of one employer; sent again with the same key, the rest is done").WithMetadata(new BodyLimit(CaseBatches.LargestRequest));
        cases.MapGet("/", ListAsync).WithName("ListCases").WithSummary("申报列表 The cases that the acting user may see");
        cases.MapGet("/{id:guid}", ReadAsync).WithName("ReadCase").WithSummary("申报件 One case");
        cases.MapPut("/{id:guid}/data", SaveAsync).WithName("SaveCaseData").WithSummary("保存填报内容 Save the form of a case");
        cases.MapPut("/{id:guid}/data/steps/{step}", SaveStepAsync).WithName("SaveCaseStep").WithSummary("逐步保存 Save one step of the form: the answer says what it still lacks");
        cases.MapGet("/{id:guid}/preview", PreviewAsync).WithName("PreviewCase").WithSummary("预览 The form as filled in, in words, with what is missing");
        cases.MapPost("/{id:guid}/submit", SubmitAsync).WithName("SubmitCase").WithSummary("提交 Submit a case");
        cases.MapPost("/{id:guid}/withdraw", WithdrawAsync).WithName("WithdrawCase").WithSummary("撤回 Withdraw a case");
        cases.MapPost("/{id:guid}/refile", RefileAsync).WithName("RefileCase").WithSummary("重新申报 File an ended case again: a draft of its next round, with what the earlier one had");
        cases.MapGet("/{id:guid}/rounds", RoundsAsync).WithName("ListCaseRounds").WithSummary("历次申报 The rounds of a case and how each was judged");
        cases.MapGet("/{id:guid}/changes", ChangesAsync).WithName("ReadCaseChanges").WithSummary("补正变更 What a correction changed between the return and its hand-in, masked; task: of which correction, by its task or that of the return");
        cases.MapPost("/{id:guid}/supplement", SupplementAsync).WithName("SupplementCase").WithSummary("补正 Hand in what was asked for");
        cases.MapGet("/{id:guid}/history", HistoryAsync).WithName("ReadCaseHistory").WithSummary("办理过程 What happened to a case");
        cases.MapGet("/{id:guid}/messages", MessagesAsync).WithName("ListCaseMessages").WithSummary("消息记录 The messages about a case");
        return routes;
    }

    private static async Task<IResult> CreateAsync(NewCase request, Caller caller, RequestIdempotency idempotency, CaseCommands commands, CaseReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        var answer = await commands.CreateAsync(caller, request, idempotency.Value, cancellationToken);
        var view = await reader.ReadAsync(caller, answer.InstanceId, cancellationToken, http.Request.Headers[ReadReason.Header]);
        Tag(http, view);
        return Results.Created($"/api/v1/cases/{view.Id}", view);
    }

    private static Task<FiledCases> BatchAsync(FileCases request, Caller caller, RequestIdempotency idempotency, CaseBatches batches, CancellationToken cancellationToken) =>
        batches.FileAsync(caller, request, idempotency.Value, cancellationToken);

    private static async Task<CaseView> SaveAsync(Guid id, SaveData request, Caller caller, CaseCommands commands, CaseReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.SaveAsync(caller, id, request.Phase, request.Data, EntityTag.IfMatch(http.Request), cancellationToken, request.FormVersion);
        return await ViewAsync(reader, caller, id, http, cancellationToken);
    }

    private static async Task<StepSaved> SaveStepAsync(Guid id, string step, SaveStep request, Caller caller, CaseCommands commands, HttpContext http, CancellationToken cancellationToken)
    {
        var saved = await commands.SaveStepAsync(caller, id, step, request.Data, request.FormVersion, EntityTag.IfMatch(http.Request), cancellationToken);
        http.Response.Headers.ETag = EntityTag.Of(saved.Version);
        return saved;
    }

    private static async Task<CasePreview> PreviewAsync(Guid id, Caller caller, PreviewReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        var preview = await reader.ReadAsync(caller, id, http.Request.Headers[ReadReason.Header], cancellationToken);
        http.Response.Headers.ETag = EntityTag.Of(preview.Version);
        return preview;
    }

    private static async Task<CaseView> SubmitAsync(Guid id, Caller caller, RequestIdempotency idempotency, CaseCommands commands, CaseReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.SubmitAsync(caller, id, idempotency.Value, EntityTag.IfMatch(http.Request), cancellationToken);
        return await ViewAsync(reader, caller, id, http, cancellationToken);
    }

    private static async Task<CaseView> WithdrawAsync(Guid id, WithdrawCase? request, Caller caller, RequestIdempotency idempotency, CaseCommands commands, CaseReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.WithdrawAsync(caller, id, request?.Reason, idempotency.Value, EntityTag.IfMatch(http.Request), cancellationToken);
        return await ViewAsync(reader, caller, id, http, cancellationToken);
    }

    private static async Task<IResult> RefileAsync(Guid id, RefileCase? request, Caller caller, RequestIdempotency idempotency, Refiling refiling, CaseReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        var (answer, leftOut) = await refiling.RefileAsync(caller, id, request, idempotency.Value, cancellationToken);
        var view = await ViewAsync(reader, caller, answer.InstanceId, http, cancellationToken);
        return Results.Created($"/api/v1/cases/{view.Id}", new RefiledCase(view, leftOut));
    }

    private static async Task<Page<CaseRoundView>> RoundsAsync(Guid id, Caller caller, CaseRoundReader reader, CancellationToken cancellationToken) => new(await reader.ListAsync(caller, id, cancellationToken), null);

    private static Task<CaseChanges> ChangesAsync(Guid id, Guid? task, Caller caller, CaseChangeReader reader, CancellationToken cancellationToken) => reader.ReadAsync(caller, id, task, cancellationToken);

    private static async Task<CaseView> SupplementAsync(Guid id, GiveSupplement request, Caller caller, RequestIdempotency idempotency, CaseCommands commands, CaseReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.SupplementAsync(caller, id, request.Data, request.Note, idempotency.Value, EntityTag.IfMatch(http.Request), cancellationToken);
        return await ViewAsync(reader, caller, id, http, cancellationToken);
    }

    /// <summary>Answers at once, or with <c>?wait=30s</c> and If-None-Match when the case has changed; 304 when it hasn't.</summary>
    private static async Task<IResult> ReadAsync(Guid id, WaitTime wait, Caller caller, CaseReader reader, InstanceChanges changes, HttpContext http, CancellationToken cancellationToken)
    {
        var known = EntityTag.IfNoneMatch(http.Request);
        using var watch = wait.Value == TimeSpan.Zero || known is null ? null : changes.Begin(id);
        var view = await reader.ReadAsync(caller, id, cancellationToken, http.Request.Headers[ReadReason.Header]);
        if (watch is not null && view.Version == known && await watch.WaitAsync(known!.Value, wait.Value, cancellationToken))
            view = await reader.ReadAsync(caller, id, cancellationToken, http.Request.Headers[ReadReason.Header]);
        Tag(http, view);
        return view.Version == known ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Ok(view);
    }

    private static Task<Page<CaseSummary>> ListAsync(string? service, string? status, string? employer, string? applicant, string? cursor, int? limit, Caller caller, CaseReader reader, CancellationToken cancellationToken) =>
        reader.ListAsync(caller, new CaseFilter(service, status, employer, applicant, cursor, limit ?? 50), cancellationToken);

    private static async Task<Page<HistoryEntry>> HistoryAsync(Guid id, Caller caller, CaseReader reader, CancellationToken cancellationToken) =>
        new(await reader.HistoryAsync(caller, id, cancellationToken), null);

    private static async Task<Page<MessageView>> MessagesAsync(Guid id, Caller caller, CaseReader cases, MessageReader reader, CancellationToken cancellationToken)
    {
        await cases.RequireVisibleAsync(caller, id, cancellationToken);
        var seats = await cases.SeesPanelAsync(caller, id, cancellationToken);
        if (await cases.IsBlindAsync(caller, id, cancellationToken))
            return new Page<MessageView>([.. (await reader.ListAsync(id, caller.User, cancellationToken)).Where(m => m.Recipient.Id == caller.User)], null);
        return new Page<MessageView>(seats ? await reader.ListAsync(id, cancellationToken) : await reader.ListAsync(id, caller.User, cancellationToken), null);
    }

    private static async Task<CaseView> ViewAsync(CaseReader reader, Caller caller, Guid id, HttpContext http, CancellationToken cancellationToken)
    {
        var view = await reader.ReadAsync(caller, id, cancellationToken, http.Request.Headers[ReadReason.Header]);
        Tag(http, view);
        return view;
    }

    private static void Tag(HttpContext http, CaseView view) => http.Response.Headers.ETag = EntityTag.Of(view.Version);
}
