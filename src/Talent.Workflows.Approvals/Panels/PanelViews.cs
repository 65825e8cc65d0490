using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>A panel as the one who asks may see it. No vote is in it, at any time.</summary>
/// <param name="Viewer">As whom it is shown: <c>secretary</c>, <c>party</c> (of the draw), <c>supervisor</c>, <c>chair</c>, <c>expert</c> or <c>applicant</c>.</param>
/// <param name="Quorum">Ballots that a quorum needs.</param>
/// <param name="Cast">Ballots cast so far; for the secretary.</param>
/// <param name="Experts">For the secretary: who sits or sat, and whether they have answered.</param>
/// <param name="Draw">For the secretary: seed, pool hash, sequence, exclusions — enough to draw again and compare.</param>
public sealed record PanelView(
    Guid Id, Guid CaseId, string? CaseNumber, string Stage, string StageName, string Status, string Viewer, DateTimeOffset OpenedAt, DateTimeOffset? DueAt, DateTimeOffset? ClosedAt,
    string? ClosedBy, int Seats, int Quorum, int? Cast, IReadOnlyList<PanelExpertView>? Experts, PanelDraw? Draw, IReadOnlyList<NextAction> NextActions)
{
    /// <summary>Who gives the halves of the draw's seed, attempt by attempt. A nonce is shown when its attempt is over.</summary>
    public IReadOnlyList<DrawAttempt>? DrawAttempts { get; init; }

    /// <summary>Counts from 1; above it after a tie.</summary>
    public int Round { get; init; } = 1;

    /// <summary>For the secretary: who was challenged, and what came of it.</summary>
    public IReadOnlyList<PanelChallengeView>? Challenges { get; init; }

    /// <summary>What scores are given for; empty: for what the expert likes.</summary>
    public IReadOnlyList<Criterion> Criteria { get; init; } = [];

    /// <summary>For the office: somebody has asked that the round be voided because its key is lost, and nobody has confirmed it yet.</summary>
    public PanelVoidAsked? VoidAsked { get; init; }

    /// <summary>For the secretary, while the panel waits for more experts.</summary>
    public PanelVacancyView? Vacancy { get; init; }
}

/// <param name="Upheld">Null: not decided yet.</param>
public sealed record PanelChallengeView(Guid Id, Guid TaskId, string ExpertId, string FiledBy, DateTimeOffset FiledAt, string Reason, bool? Upheld, string? Opinion);

/// <summary>What a panel that has too few experts lacks.</summary>
/// <param name="Seats">Seats that nobody has.</param>
/// <param name="Needed">How many more the quorum needs, at least.</param>
/// <param name="Missing">Who isn't there, and why.</param>
public sealed record PanelVacancyView(Guid TaskId, int Seats, int Needed, IReadOnlyList<PanelMissing> Missing);

/// <summary><see cref="Why"/>: <c>recused</c> (by declaration), <c>absent</c> (didn't vote in time) or <c>excluded</c> (by rule).</summary>
public sealed record PanelMissing(string Id, string Name, string Why, string WhyZh);

/// <summary><see cref="State"/>: <c>invited</c>, <c>waiting</c>, <c>cast</c>, <c>recused</c>, <c>declined</c>, <c>left</c> (by a challenge) or <c>missed</c> (no answer in time).</summary>
public sealed record PanelExpertView(string Id, string Name, string State, DateTimeOffset? At, string? RecusalReason);

/// <summary>The result of a closed panel: counts only. Figures and minutes are for the panel itself, the outcome for the applicant too.</summary>
public sealed record PanelResultView(Guid Id, Guid CaseId, PanelOutcome Outcome, string OutcomeZh, DateTimeOffset? ClosedAt, string? ClosedBy, PanelCount? Count, string? Minutes)
{
    /// <summary>SHA-256 of each counted ballot's receipt, sorted; a voter looks for their own. None stands beside a vote.</summary>
    public IReadOnlyList<string>? Receipts { get; init; }

    /// <summary>Inside the panel: what the rounds before this one came to.</summary>
    public IReadOnlyList<PanelRound>? Rounds { get; init; }

    public string? MinutesNumber { get; init; }
}

/// <summary>Shows panels to who may see them.</summary>
public sealed class PanelReader(PanelStore store, PanelCommands commands, PanelKeys keys)
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
        var inside = viewer is "secretary" or "expert" or "chair";
        return new PanelResultView(panel.Id, panel.CaseId, result.Outcome, OutcomeWords.Zh(result.Outcome), panel.ClosedAt, panel.ClosedBy, inside ? result : null, inside ? panel.Minutes : null)
        {
            Receipts = inside ? panel.Receipts : null,
            Rounds = inside && panel.Rounds.Length > 0 ? panel.Rounds : null,
            MinutesNumber = inside ? panel.MinutesNumber : null,
        };
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
        if (await store.HoldsAsync(caller, panel.SecretaryRole, panel.OrganisationId, cancellationToken))
            return "secretary";
        if (panel.ChairRole is { } chair && await store.HoldsAsync(caller, chair, panel.OrganisationId, cancellationToken))
            return "chair";
        if (panel.SupervisorRole is { } supervisor && await store.HoldsAsync(caller, supervisor, panel.OrganisationId, cancellationToken))
            return "supervisor";
        return await IsPartyAsync(panel, caller, cancellationToken) ? "party" : null;
    }

    private async Task<bool> IsPartyAsync(PanelRow panel, Caller caller, CancellationToken cancellationToken)
    {
        foreach (var party in panel.Parties)
            if (await store.HoldsAsync(caller, party.Role, party.OrganisationId, cancellationToken))
                return true;
        return false;
    }

    /// <summary>The minutes as a page to print; inside the panel, as the result.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>wrong_state</c>: not counted yet.</exception>
    public async Task<string> MinutesAsync(Caller caller, Guid panelId, CancellationToken cancellationToken)
    {
        var result = await ResultAsync(caller, panelId, cancellationToken);
        return result.Minutes is null ? throw new WorkflowException(ErrorCodes.Forbidden, $"The minutes of panel {panelId} are for its secretary and its experts.", "评审纪要仅限评审秘书和评审专家查看。")
            : PanelMinutesPage.Render(await commands.FindAsync(caller, panelId, cancellationToken));
    }

    /// <summary>
    /// The record of the draw. It names who sits: it is for the secretary, for the two parties, who check by it that their nonces were used, and for the
    /// experts when the panel is over; not for chair or supervisor, who needn't know whom to press (ADR 14).
    /// </summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>wrong_state</c>: not drawn yet, or by a release that kept no record.</exception>
    public async Task<DrawRecord> DrawAsync(Caller caller, Guid panelId, CancellationToken cancellationToken)
    {
        var panel = await commands.FindAsync(caller, panelId, cancellationToken);
        var viewer = await ViewerAsync(panel, caller, cancellationToken);
        var may = viewer switch
        {
            "secretary" => true,
            "expert" => panel.Status == PanelStatus.Closed,
            "applicant" => false,
            _ => await IsPartyAsync(panel, caller, cancellationToken),
        };
        if (!may)
            throw new WorkflowException(ErrorCodes.Forbidden, $"The draw of panel {panelId} names who sits on it: it is for its secretary and its parties, and for the experts when it is over.", "抽取记录载有评审专家名单，您暂无权查看。");
        var pools = await store.PoolsAsync(panelId, cancellationToken);
        var attempts = await store.AttemptsAsync(panel, cancellationToken);
        if (panel.Draw is not { } draw || pools.Find(p => p.Purpose == $"draw-{(panel.Parties.IsEmpty ? 0 : panel.Attempt)}") is not { } pool)
            throw new WorkflowException(ErrorCodes.WrongState, $"Panel {panelId} isn't drawn yet, or was drawn before draws had records.", "专家尚未抽取，或该次抽取没有可核验的记录。");
        return new DrawRecord
        {
            Format = PoolRecord.Read(pool.Record).Rules is null ? DrawRecord.FirstFormat : DrawRecord.CurrentFormat, PanelId = panel.Id, CaseId = panel.CaseId, Visit = panel.Visit, Nonce = panel.Parties.IsEmpty ? Convert.ToHexStringLower(panel.Nonce) : null,
            Attempts = attempts, Pool = pool.Record, Draw = draw,
            AdditionPools = [.. (draw.Additions ?? []).Select((_, i) => pools.Find(p => p.Purpose == $"addition-{i}")?.Record ?? "")],
        };
    }

    private async Task<PanelView> ViewAsync(PanelRow panel, Caller caller, string viewer, CancellationToken cancellationToken)
    {
        var answers = await store.AnswersAsync(panel, cancellationToken);
        var quorum = Math.Max(1, panel.Count.Quorum.Fewest(panel.Rules.Size));
        var cast = answers.Count(a => a.Recusal is null);
        var secretary = viewer == "secretary";
        var absent = await store.AbsentAsync(panel, cancellationToken);
        var vacancy = secretary && panel.Status == PanelStatus.Open ? await store.VacancyAsync(panel, cancellationToken) : null;
        var path = $"/api/v1/panels/{panel.Id}";
        var attempts = panel.Parties.IsEmpty ? [] : await store.AttemptsAsync(panel, cancellationToken);
        var invited = panel.Status == PanelStatus.Open ? await store.InvitedAsync(panel, cancellationToken) : [];
        var chairs = panel is { Status: PanelStatus.Closed, Result.Outcome: PanelOutcome.Tied } && (await store.ActionableAsync(panel, caller, cancellationToken)).Contains(panel.ChairTask);
        NextAction[] next = (viewer, panel.Status) switch
        {
            (_, PanelStatus.Closed) when chairs => [new("chair", "票数相同裁定", "POST", $"{path}/chair", panel.ChairTask), new("result", "查看结果", "GET", $"{path}/result")],
            ("expert", PanelStatus.Open) when invited.Contains(caller.User!) => [new("invitation", "答复邀请", "POST", $"{path}/invitation", panel.InvitationTask(caller.User!))],
            ("applicant" or "supervisor", PanelStatus.Open) => [new("challenge", "申请专家回避", "POST", $"{path}/challenges")],
            ("expert", PanelStatus.Open) when answers.All(a => a.ExpertId != caller.User) && !absent.Contains(caller.User!) => [new("ballot", "投票", "POST", $"{path}/ballot"), new("recuse", "申请回避", "POST", $"{path}/recuse")],
            ("secretary", PanelStatus.Open) when vacancy is { IsOpen: true } => [new("fill", "补充专家", "POST", $"{path}/seats", vacancy.TaskId), new("close", "结束评审，退回重新审核", "POST", $"{path}/close")],
            ("secretary", PanelStatus.Open) when cast >= quorum => [new("close", "结束评审", "POST", $"{path}/close")],
            (_, PanelStatus.Closed) => [new("result", "查看结果", "GET", $"{path}/result")],
            (_, PanelStatus.Drawing) => [.. await PartyActionsAsync(panel, caller, path, cancellationToken)],
            _ => [],
        };
        var office = viewer is "secretary" or "chair" or "supervisor";
        var voiding = office && panel.Status is (PanelStatus.Open or PanelStatus.Counting) && await keys.IsLostAsync(panel.Id, panel.Round, cancellationToken);
        var asked = voiding ? await store.VoidAskedAsync(panel, cancellationToken) : null;
        if (voiding && asked is null && secretary)
            next = [.. next, new("void", "申请作废本轮、重新投票", "POST", $"{path}/void")];
        else if (asked is not null && asked.AskedBy != caller.User)
            next = [.. next, new("confirm-void", "确认作废本轮、重新投票", "POST", $"{path}/void/confirm")];
        return new PanelView(panel.Id, panel.CaseId, panel.CaseNumber, panel.Stage, panel.StageName, Word(panel.Status), viewer, panel.OpenedAt, panel.DueAt, panel.ClosedAt,
            panel.ClosedBy, panel.Rules.Size, quorum, secretary ? cast : null, secretary ? await ExpertsAsync(panel, answers, absent, invited, cancellationToken) : null, secretary ? panel.Draw : null, next)
        {
            Round = panel.Round,
            VoidAsked = asked,
            Criteria = panel.Count.Criteria,
            Challenges = secretary ? [.. (await store.ChallengesAsync(panel.Id, cancellationToken)).Select(c => new PanelChallengeView(c.Id, c.TaskId, c.ExpertId, c.FiledBy, c.FiledAt, c.Reason, c.Upheld, c.Opinion))] : null,
            DrawAttempts = panel.Parties.IsEmpty ? null : [.. attempts.Select(a => a.Number < panel.Attempt || panel.Draw is not null ? a : a with { Parties = [.. a.Parties.Select(p => p with { Nonce = null })] })],
            Vacancy = vacancy is { IsOpen: true } && panel.Draw is { } draw ? await VacancyAsync(vacancy.TaskId, draw, answers, absent, quorum, cancellationToken) : null,
        };
    }

    private async Task<IEnumerable<NextAction>> PartyActionsAsync(PanelRow panel, Caller caller, string path, CancellationToken cancellationToken)
    {
        var mine = await store.ActionableAsync(panel, caller, cancellationToken);
        return Enumerable.Range(0, panel.Parties.Length).SelectMany(party => new[]
        {
            (Task: panel.PartyTask(TaskKinds.PanelCommit, party), Code: "commit", Zh: "提交抽取承诺", To: "commitment"),
            (Task: panel.PartyTask(TaskKinds.PanelReveal, party), Code: "reveal", Zh: "公布抽取随机数", To: "nonce"),
        }).Where(a => mine.Contains(a.Task)).Select(a => new NextAction(a.Code, a.Zh, "POST", $"{path}/draw/{a.To}", a.Task));
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

    private async Task<IReadOnlyList<PanelExpertView>> ExpertsAsync(PanelRow panel, List<PanelAnswer> answers, IReadOnlyCollection<string> absent, HashSet<string> invited, CancellationToken cancellationToken)
    {
        var declined = (await store.InvitationsAsync(panel.Id, cancellationToken)).Where(i => !i.Accepted).ToDictionary(i => i.ExpertId, StringComparer.Ordinal);
        string[] ids = panel.Draw is { } draw ? [.. draw.Seats.Select(s => s.ExpertId), .. draw.Out] : [];
        var names = await store.NamesAsync(ids, cancellationToken);
        return [.. ids.Distinct(StringComparer.Ordinal).Select(id =>
        {
            var answer = answers.Find(a => a.ExpertId == id);
            if (declined.TryGetValue(id, out var no))
                return new PanelExpertView(id, names.GetValueOrDefault(id, id), "declined", no.AnsweredAt, no.Statement);
            var state = answer is null && invited.Contains(id) ? "invited" : answer is null && panel.Draw!.Out.Contains(id) && !absent.Contains(id) ? "left"
                : answer is null ? panel.Status == PanelStatus.Open && !absent.Contains(id) ? "waiting" : "missed" : answer.Recusal is null ? "cast" : "recused";
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
