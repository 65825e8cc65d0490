using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>A panel as the one who asks may see it. No vote is in it, at any time.</summary>
/// <param name="Viewer">As whom it is shown: <c>secretary</c>, <c>expert</c> or <c>applicant</c>.</param>
/// <param name="Quorum">Ballots that a quorum needs.</param>
/// <param name="Cast">Ballots cast so far; for the secretary.</param>
/// <param name="Experts">For the secretary: who sits or sat, and whether they have answered.</param>
/// <param name="Draw">For the secretary: seed, pool hash, sequence, exclusions — enough to draw again and compare.</param>
public sealed record PanelView(
    Guid Id, Guid CaseId, string? CaseNumber, string Stage, string StageName, string Status, string Viewer, DateTimeOffset OpenedAt, DateTimeOffset? DueAt, DateTimeOffset? ClosedAt,
    string? ClosedBy, int Seats, int Quorum, int? Cast, IReadOnlyList<PanelExpertView>? Experts, PanelDraw? Draw, IReadOnlyList<NextAction> NextActions)
{
    /// <summary>For the secretary, while the panel waits for more experts.</summary>
    public PanelVacancyView? Vacancy { get; init; }
}

/// <summary>What a panel that has too few experts lacks.</summary>
/// <param name="Seats">Seats that nobody has.</param>
/// <param name="Needed">How many more the quorum needs, at least.</param>
/// <param name="Missing">Who isn't there, and why.</param>
public sealed record PanelVacancyView(Guid TaskId, int Seats, int Needed, IReadOnlyList<PanelMissing> Missing);

/// <summary><see cref="Why"/>: <c>recused</c> (by declaration), <c>absent</c> (didn't vote in time) or <c>excluded</c> (by rule).</summary>
public sealed record PanelMissing(string Id, string Name, string Why, string WhyZh);

/// <summary><see cref="State"/>: <c>waiting</c>, <c>cast</c>, <c>recused</c> or <c>missed</c>.</summary>
public sealed record PanelExpertView(string Id, string Name, string State, DateTimeOffset? At, string? RecusalReason);

/// <summary>The result of a closed panel: counts only. Figures and minutes are for the panel itself, the outcome for the applicant too.</summary>
public sealed record PanelResultView(Guid Id, Guid CaseId, PanelOutcome Outcome, string OutcomeZh, DateTimeOffset? ClosedAt, string? ClosedBy, PanelCount? Count, string? Minutes);

/// <summary>Shows panels to who may see them.</summary>
public sealed class PanelReader(PanelStore store, PanelCommands commands)
{
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>.</exception>
    public async Task<PanelView> ReadAsync(Caller caller, Guid panelId, CancellationToken cancellationToken)
    {
        var panel = await commands.FindAsync(caller, panelId, cancellationToken);
        return await ViewAsync(panel, caller, await ViewerAsync(panel, caller, cancellationToken), cancellationToken);
    }

    /// <summary>The panels of a case that the caller may see, oldest first.</summary>
    public async Task<IReadOnlyList<PanelView>> ListAsync(Caller caller, Guid caseId, CancellationToken cancellationToken)
    {
        var views = new List<PanelView>();
        foreach (var id in await store.OfCaseAsync(caseId, cancellationToken))
            if (await store.FindAsync(id, cancellationToken) is { } panel && caller.MayServe(panel.Service) && await TryViewerAsync(panel, caller, cancellationToken) is { } viewer)
                views.Add(await ViewAsync(panel, caller, viewer, cancellationToken));
        return views;
    }

    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>wrong_state</c>: not counted yet.</exception>
    public async Task<PanelResultView> ResultAsync(Caller caller, Guid panelId, CancellationToken cancellationToken)
    {
        var panel = await commands.FindAsync(caller, panelId, cancellationToken);
        var viewer = await ViewerAsync(panel, caller, cancellationToken);
        if (panel is not { Status: PanelStatus.Closed, Result: { } result })
            throw new WorkflowException(ErrorCodes.WrongState, $"Panel {panelId} is sealed until it is closed and counted; it is '{Word(panel.Status)}'.", "评审尚未结束，结果在计票后公布。");
        var inside = viewer != "applicant";
        return new PanelResultView(panel.Id, panel.CaseId, result.Outcome, OutcomeWords.Zh(result.Outcome), panel.ClosedAt, panel.ClosedBy, inside ? result : null, inside ? panel.Minutes : null);
    }

    private async Task<string> ViewerAsync(PanelRow panel, Caller caller, CancellationToken cancellationToken)
    {
        caller.RequireUser();
        return await TryViewerAsync(panel, caller, cancellationToken)
            ?? throw new WorkflowException(ErrorCodes.Forbidden, $"'{caller.User}' is neither on panel {panel.Id} nor its secretary nor the applicant.", "您无权查看本次评审。");
    }

    private async Task<string?> TryViewerAsync(PanelRow panel, Caller caller, CancellationToken cancellationToken)
    {
        if (caller.User is not { } user)
            return null;
        if (user == panel.ApplicantId)
            return caller.MayActAs("applicant") && caller.MayActFor(panel.EmployerId) ? "applicant" : null;
        if (await store.SitsAsync(panel, caller, cancellationToken))
            return "expert";
        return await store.HoldsAsync(caller, panel.SecretaryRole, panel.OrganisationId, cancellationToken) ? "secretary" : null;
    }

    private async Task<PanelView> ViewAsync(PanelRow panel, Caller caller, string viewer, CancellationToken cancellationToken)
    {
        var answers = await store.AnswersAsync(panel.Id, cancellationToken);
        var quorum = Math.Max(1, panel.Count.Quorum.Fewest(panel.Rules.Size));
        var cast = answers.Count(a => a.Recusal is null);
        var secretary = viewer == "secretary";
        var absent = await store.AbsentAsync(panel, cancellationToken);
        var vacancy = secretary && panel.Status == PanelStatus.Open ? await store.VacancyAsync(panel, cancellationToken) : null;
        var path = $"/api/v1/panels/{panel.Id}";
        NextAction[] next = (viewer, panel.Status) switch
        {
            ("expert", PanelStatus.Open) when answers.All(a => a.ExpertId != caller.User) && !absent.Contains(caller.User!) => [new("ballot", "投票", "POST", $"{path}/ballot"), new("recuse", "申请回避", "POST", $"{path}/recuse")],
            ("secretary", PanelStatus.Open) when vacancy is { IsOpen: true } => [new("fill", "补充专家", "POST", $"{path}/seats", vacancy.TaskId), new("close", "结束评审，退回重新审核", "POST", $"{path}/close")],
            ("secretary", PanelStatus.Open) when cast >= quorum => [new("close", "结束评审", "POST", $"{path}/close")],
            (_, PanelStatus.Closed) => [new("result", "查看结果", "GET", $"{path}/result")],
            _ => [],
        };
        return new PanelView(panel.Id, panel.CaseId, panel.CaseNumber, panel.Stage, panel.StageName, Word(panel.Status), viewer, panel.OpenedAt, panel.DueAt, panel.ClosedAt,
            panel.ClosedBy, panel.Rules.Size, quorum, secretary ? cast : null, secretary ? await ExpertsAsync(panel, answers, absent, cancellationToken) : null, secretary ? panel.Draw : null, next)
        {
            Vacancy = vacancy is { IsOpen: true } && panel.Draw is { } draw ? await VacancyAsync(vacancy.TaskId, draw, answers, absent, quorum, cancellationToken) : null,
        };
    }

    private async Task<PanelVacancyView> VacancyAsync(Guid task, PanelDraw draw, List<PanelAnswer> answers, IReadOnlyCollection<string> absent, int quorum, CancellationToken cancellationToken)
    {
        (string Id, string Why, string Zh)[] missing =
        [
            .. answers.Where(a => a.Recusal is not null).Select(a => (a.ExpertId, "recused", $"申报回避：{a.Recusal}")),
            .. absent.Order(StringComparer.Ordinal).Select(id => (id, "absent", "逾期未投票")),
            .. draw.Excluded.Select(e => (e.Id, "excluded", string.Join('、', e.Reasons.Select(Recusal.Zh)))),
        ];
        var names = await store.NamesAsync(missing.Select(m => m.Id), cancellationToken);
        var sitting = draw.Seats.Count(s => !absent.Contains(s.ExpertId));
        return new PanelVacancyView(task, draw.Rules.Size - sitting, quorum - sitting, [.. missing.Select(m => new PanelMissing(m.Id, names.GetValueOrDefault(m.Id, m.Id), m.Why, m.Zh))]);
    }

    private async Task<IReadOnlyList<PanelExpertView>> ExpertsAsync(PanelRow panel, List<PanelAnswer> answers, IReadOnlyCollection<string> absent, CancellationToken cancellationToken)
    {
        string[] ids = panel.Draw is { } draw ? [.. draw.Seats.Select(s => s.ExpertId), .. draw.Out] : [];
        var names = await store.NamesAsync(ids, cancellationToken);
        return [.. ids.Distinct(StringComparer.Ordinal).Select(id =>
        {
            var answer = answers.Find(a => a.ExpertId == id);
            var state = answer is null ? panel.Status == PanelStatus.Open && !absent.Contains(id) ? "waiting" : "missed" : answer.Recusal is null ? "cast" : "recused";
            return new PanelExpertView(id, names.GetValueOrDefault(id, id), state, answer?.At, answer?.Recusal);
        })];
    }

    private static string Word(PanelStatus status) => status switch
    {
        PanelStatus.Drawing => "drawing",
        PanelStatus.Open => "open",
        PanelStatus.Counting => "counting",
        PanelStatus.Closed => "closed",
        _ => "cancelled",
    };
}
