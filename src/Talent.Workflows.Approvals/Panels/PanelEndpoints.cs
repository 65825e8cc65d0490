using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>The HTTP face of panels, under <c>/api/v1/panels</c> (R-PAN-1, R-PAN-2).</summary>
public static class PanelEndpoints
{
    public static IEndpointRouteBuilder MapPanels(this IEndpointRouteBuilder routes)
    {
        var panels = routes.MapGroup("/api/v1/panels").WithTags("panels");
        panels.MapGet("/", ListAsync).WithName("ListPanels").WithSummary("评审会列表 The panels of a case");
        panels.MapGet("/{id:guid}", ReadAsync).WithName("ReadPanel").WithSummary("评审会 One panel, as the acting user may see it");
        panels.MapPost("/{id:guid}/ballot", CastAsync).WithName("CastBallot").WithSummary("投票 Vote, once");
        panels.MapPost("/{id:guid}/recuse", RecuseAsync).WithName("RecuseExpert").WithSummary("申报回避 Stand aside");
        panels.MapPost("/{id:guid}/close", CloseAsync).WithName("ClosePanel").WithSummary("结束评审 Close voting");
        panels.MapPost("/{id:guid}/seats", FillAsync).WithName("FillPanelSeats").WithSummary("补充专家 Fill the seats of a panel that has too few experts");
        panels.MapPost("/{id:guid}/draw/commitment", CommitAsync).WithName("CommitToDraw").WithSummary("提交抽取承诺 Commit to a nonce, before the pool is read");
        panels.MapPost("/{id:guid}/draw/nonce", RevealAsync).WithName("RevealNonce").WithSummary("公布抽取随机数 Reveal the nonce, after the pool's hash is recorded");
        panels.MapGet("/{id:guid}/draw", DrawAsync).WithName("ReadDrawRecord").WithSummary("抽取记录 All that is needed to make the draw again").Produces<DrawRecord>();
        panels.MapPost("/{id:guid}/invitation", InvitationAsync).WithName("AnswerInvitation").WithSummary("答复邀请 Accept a seat with a statement on conflicts, or decline");
        panels.MapPost("/{id:guid}/challenges", ChallengeAsync).WithName("ChallengeExpert").WithSummary("申请专家回避 Ask that an expert stands aside");
        panels.MapPost("/{id:guid}/challenges/{challenge:guid}/decision", DecideChallengeAsync).WithName("DecideChallenge").WithSummary("办理回避申请 Decide a challenge");
        panels.MapPost("/{id:guid}/chair", ChairAsync).WithName("DecideTie").WithSummary("票数相同裁定 Decide a tie");
        panels.MapPost("/{id:guid}/void", AskVoidAsync).WithName("AskVoidRound").WithSummary("申请作废重投 Ask that a round whose key is lost be voided");
        panels.MapPost("/{id:guid}/void/confirm", ConfirmVoidAsync).WithName("ConfirmVoidRound").WithSummary("确认作废重投 Void it, as a second person: all vote again");
        panels.MapGet("/{id:guid}/minutes", MinutesAsync).WithName("ReadPanelMinutes").WithSummary("评审纪要 The minutes, to print").Produces<string>(contentType: "text/html");
        panels.MapGet("/{id:guid}/result", ResultAsync).WithName("ReadPanelResult").WithSummary("评审结果 The counts of a closed panel");
        return routes;
    }

    public sealed record PanelList(IReadOnlyList<PanelView> Items);

    private static async Task<PanelList> ListAsync(Guid caseId, Caller caller, PanelReader reader, CancellationToken cancellationToken) =>
        new(await reader.ListAsync(caller, caseId, cancellationToken));

    private static Task<PanelView> ReadAsync(Guid id, Caller caller, PanelReader reader, CancellationToken cancellationToken) => reader.ReadAsync(caller, id, cancellationToken);

    /// <summary>A ballot. <see cref="Vote"/>: pass, fail or abstain.</summary>
    public sealed record BallotRequest(string? Vote, JsonElement? Scores = null, string? Comment = null)
    {
        /// <summary>Says nothing of the vote.</summary>
        public override string ToString() => nameof(BallotRequest);
    }

    /// <summary>The answer to a ballot or recusal; the vote isn't repeated.</summary>
    /// <param name="Receipt">For the voter alone: its SHA-256 is in the result's <c>receipts</c> when the ballot was counted. It says nothing of the vote.</param>
    public sealed record PanelReceipt(Guid PanelId, string State, string? Receipt = null);

    private static async Task<PanelReceipt> CastAsync(Guid id, BallotRequest ballot, Caller caller, RequestIdempotency idempotency, PanelCommands commands, CancellationToken cancellationToken)
    {
        var receipt = await commands.CastAsync(caller, id, ballot.Vote, ballot.Scores ?? default, ballot.Comment, idempotency.Value, cancellationToken);
        return new PanelReceipt(id, "cast", receipt);
    }

    public sealed record RecusalRequest(string? Reason);

    private static async Task<PanelReceipt> RecuseAsync(Guid id, RecusalRequest recusal, Caller caller, RequestIdempotency idempotency, PanelCommands commands, CancellationToken cancellationToken)
    {
        await commands.RecuseAsync(caller, id, recusal.Reason, idempotency.Value, cancellationToken);
        return new PanelReceipt(id, "recused");
    }

    private static async Task<PanelReceipt> CloseAsync(Guid id, Caller caller, RequestIdempotency idempotency, PanelCommands commands, CancellationToken cancellationToken)
    {
        await commands.CloseAsync(caller, id, idempotency.Value, cancellationToken);
        return new PanelReceipt(id, "closed");
    }

    /// <summary><see cref="Commitment"/>: SHA-256 of a nonce of 32 random bytes, in hexadecimal.</summary>
    public sealed record CommitmentRequest(string? Commitment);

    private static async Task<PanelReceipt> CommitAsync(Guid id, CommitmentRequest request, Caller caller, RequestIdempotency idempotency, PanelCommands commands, CancellationToken cancellationToken)
    {
        await commands.CommitAsync(caller, id, request.Commitment, idempotency.Value, cancellationToken);
        return new PanelReceipt(id, "committed");
    }

    /// <summary><see cref="Nonce"/>: the 32 bytes that were committed to, in hexadecimal.</summary>
    public sealed record NonceRequest(string? Nonce);

    private static async Task<PanelReceipt> RevealAsync(Guid id, NonceRequest request, Caller caller, RequestIdempotency idempotency, PanelCommands commands, CancellationToken cancellationToken)
    {
        await commands.RevealAsync(caller, id, request.Nonce, idempotency.Value, cancellationToken);
        return new PanelReceipt(id, "revealed");
    }

    private static async Task<IResult> DrawAsync(Guid id, Caller caller, PanelReader reader, CancellationToken cancellationToken) =>
        Results.Bytes((await reader.DrawAsync(caller, id, cancellationToken)).Write(), "application/json", $"draw-{id}.json");

    /// <summary><see cref="Statement"/>: on conflicts of interest, or why not.</summary>
    public sealed record InvitationRequest(bool? Accept, string? Statement);

    private static async Task<PanelReceipt> InvitationAsync(Guid id, InvitationRequest request, Caller caller, RequestIdempotency idempotency, PanelCommands commands, CancellationToken cancellationToken)
    {
        await commands.AnswerInvitationAsync(caller, id, request.Accept, request.Statement, idempotency.Value, cancellationToken);
        return new PanelReceipt(id, request.Accept == true ? "accepted" : "declined");
    }

    public sealed record ChallengeRequest(string? Expert, string? Reason);

    public sealed record ChallengeReceipt(Guid PanelId, Guid ChallengeId);

    private static async Task<ChallengeReceipt> ChallengeAsync(Guid id, ChallengeRequest request, Caller caller, RequestIdempotency idempotency, PanelCommands commands, CancellationToken cancellationToken) =>
        new(id, await commands.ChallengeAsync(caller, id, request.Expert, request.Reason, idempotency.Value, cancellationToken));

    public sealed record ChallengeDecision(bool? Uphold, string? Opinion);

    private static async Task<PanelReceipt> DecideChallengeAsync(Guid id, Guid challenge, ChallengeDecision decision, Caller caller, RequestIdempotency idempotency, PanelCommands commands, CancellationToken cancellationToken)
    {
        await commands.DecideChallengeAsync(caller, id, challenge, decision.Uphold, decision.Opinion, idempotency.Value, cancellationToken);
        return new PanelReceipt(id, decision.Uphold == true ? "upheld" : "dismissed");
    }

    /// <summary><see cref="Vote"/>: pass or fail.</summary>
    public sealed record TieRequest(string? Vote, string? Reason);

    private static async Task<PanelReceipt> ChairAsync(Guid id, TieRequest request, Caller caller, RequestIdempotency idempotency, PanelCommands commands, CancellationToken cancellationToken)
    {
        await commands.DecideTieAsync(caller, id, request.Vote, request.Reason, idempotency.Value, cancellationToken);
        return new PanelReceipt(id, "decided");
    }

    /// <summary><see cref="Reason"/>: how the key was lost.</summary>
    public sealed record VoidRequest(string? Reason);

    private static async Task<PanelReceipt> AskVoidAsync(Guid id, VoidRequest request, Caller caller, RequestIdempotency idempotency, PanelCommands commands, CancellationToken cancellationToken)
    {
        await commands.AskVoidAsync(caller, id, request.Reason, idempotency.Value, cancellationToken);
        return new PanelReceipt(id, "void-asked");
    }

    private static async Task<PanelReceipt> ConfirmVoidAsync(Guid id, Caller caller, RequestIdempotency idempotency, PanelCommands commands, CancellationToken cancellationToken)
    {
        await commands.ConfirmVoidAsync(caller, id, idempotency.Value, cancellationToken);
        return new PanelReceipt(id, "voided");
    }

    private static async Task<IResult> MinutesAsync(Guid id, Caller caller, PanelReader reader, CancellationToken cancellationToken) =>
        Results.Content(await reader.MinutesAsync(caller, id, cancellationToken), "text/html; charset=utf-8");

    /// <summary>Who is to sit. <see cref="Experts"/> absent or empty: they are drawn; named ones need a <see cref="Reason"/>.</summary>
    public sealed record SeatsRequest(IReadOnlyList<string>? Experts = null, string? Reason = null);

    /// <summary><see cref="Seated"/>: who has a seat now that hadn't one before.</summary>
    public sealed record SeatsReceipt(Guid PanelId, IReadOnlyList<string> Seated);

    private static async Task<SeatsReceipt> FillAsync(Guid id, SeatsRequest seats, Caller caller, RequestIdempotency idempotency, PanelCommands commands, CancellationToken cancellationToken) =>
        new(id, await commands.FillAsync(caller, id, seats.Experts, seats.Reason, idempotency.Value, cancellationToken));

    private static Task<PanelResultView> ResultAsync(Guid id, Caller caller, PanelReader reader, CancellationToken cancellationToken) => reader.ResultAsync(caller, id, cancellationToken);
}
