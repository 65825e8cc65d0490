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
    public sealed record PanelReceipt(Guid PanelId, string State);

    private static async Task<PanelReceipt> CastAsync(Guid id, BallotRequest ballot, Caller caller, RequestIdempotency idempotency, PanelCommands commands, CancellationToken cancellationToken)
    {
        await commands.CastAsync(caller, id, ballot.Vote, ballot.Scores ?? default, ballot.Comment, idempotency.Value, cancellationToken);
        return new PanelReceipt(id, "cast");
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

    /// <summary>Who is to sit. <see cref="Experts"/> absent or empty: they are drawn; named ones need a <see cref="Reason"/>.</summary>
    public sealed record SeatsRequest(IReadOnlyList<string>? Experts = null, string? Reason = null);

    /// <summary><see cref="Seated"/>: who has a seat now that hadn't one before.</summary>
    public sealed record SeatsReceipt(Guid PanelId, IReadOnlyList<string> Seated);

    private static async Task<SeatsReceipt> FillAsync(Guid id, SeatsRequest seats, Caller caller, RequestIdempotency idempotency, PanelCommands commands, CancellationToken cancellationToken) =>
        new(id, await commands.FillAsync(caller, id, seats.Experts, seats.Reason, idempotency.Value, cancellationToken));

    private static Task<PanelResultView> ResultAsync(Guid id, Caller caller, PanelReader reader, CancellationToken cancellationToken) => reader.ResultAsync(caller, id, cancellationToken);
}
