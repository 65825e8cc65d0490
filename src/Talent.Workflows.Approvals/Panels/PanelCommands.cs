using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>What experts and the secretary do with a panel. Who may is checked inside the step's statement.</summary>
public sealed partial class PanelCommands(WorkflowRuntime runtime, PanelStore store, PanelKeys keys, NpgsqlDataSource database)
{
    /// <summary>Longest reason or comment, in UTF-16 units.</summary>
    public const int LongestText = 2000;

    /// <summary>An expert votes, once and for all.</summary>
    /// <param name="scores">An object of at most 20 criteria, each 0 to 100; undefined: none.</param>
    /// <returns>The receipt by which the voter finds, after the count, that the ballot was counted. Null: the ballot had been cast by this
    /// very request, and the round is counted since.</returns>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c> (not on the panel, another service's key), <c>invalid_request</c>,
    /// <c>task_closed</c> (has answered already, or voting has ended), <c>unavailable</c> (this node hasn't the panel's key).</exception>
    public async Task<string?> CastAsync(Caller caller, Guid panelId, string? vote, JsonElement scores, string? comment, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var cast = VoteWords.Find(vote) ?? throw new WorkflowException(ErrorCodes.InvalidRequest, "A vote is pass, fail or abstain.", "投票只能是 pass（赞成）、fail（反对）或 abstain（弃权）。");
        var (panel, user) = await SeatAsync(caller, panelId, cancellationToken);
        var paper = new BallotPaper(cast, Judged(Scores(scores), cast, panel.Count.Criteria), TextOf(comment));
        var seal = await keys.FindAsync(panelId, panel.Round, cancellationToken);
        if (seal is null && await FindAsync(caller, panelId, cancellationToken) is { Status: PanelStatus.Open } open && open.Round == panel.Round)
            seal = await keys.EnsureAsync(panelId, panel.Round, cancellationToken);
        if (seal is null)
            // The key that could tell whether it is the same request is destroyed. There is one ballot an expert: what was sent first counts.
            return idempotency is not null && await store.WasCastAsync(panel, user, idempotency, cancellationToken) ? null
                : throw await TaskRefusal.ExplainAsync(database, panel.BallotTask(user), caller, cancellationToken);
        await AnswerAsync(caller, panel, "cast", new BallotCast
        {
            PanelId = panelId, Round = panel.Round, User = user, TaskId = panel.BallotTask(user), Limits = LimitsOf(caller), Sealed = seal.Seal(user, paper),
        }, idempotency is null ? null : idempotency with { RequestHash = seal.Hide(idempotency.RequestHash) }, cancellationToken);
        return seal.Receipt(user);
    }

    /// <summary>An expert stands aside before voting (自行回避); the next of the drawn sequence takes the seat.</summary>
    /// <exception cref="WorkflowException">As <see cref="CastAsync"/>; <c>invalid_request</c> without a reason.</exception>
    public async Task RecuseAsync(Caller caller, Guid panelId, string? reason, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var why = TextOf(reason) ?? throw new WorkflowException(ErrorCodes.InvalidRequest, "Say in 'reason' why you stand aside.", "请填写回避原因。");
        var (panel, user) = await SeatAsync(caller, panelId, cancellationToken);
        await AnswerAsync(caller, panel, "recuse", new ExpertRecused
        {
            PanelId = panelId, User = user, TaskId = panel.BallotTask(user), Limits = LimitsOf(caller), Reason = why,
        }, idempotency, cancellationToken);
    }

    /// <summary>The secretary closes voting when there is a quorum.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>task_closed</c>, <c>wrong_state</c> (no quorum yet, or not drawn yet).</exception>
    public async Task CloseAsync(Caller caller, Guid panelId, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var panel = await FindAsync(caller, panelId, cancellationToken);
        // Before anything is said of the ballots; the step's statement checks it again.
        if (!await store.HoldsAsync(caller, panel.SecretaryRole, panel.OrganisationId, cancellationToken))
            throw new WorkflowException(ErrorCodes.Forbidden, $"Closing panel {panelId} needs the role '{panel.SecretaryRole}', which '{user}' doesn't hold.", $"结束评审须担任“{panel.SecretaryRole}”。");
        if (panel.Status == PanelStatus.Drawing)
            throw new WorkflowException(ErrorCodes.WrongState, $"Panel {panelId} isn't drawn yet. Try again in a moment.", "专家尚在抽取中，请稍后再试。");
        await AnswerAsync(caller, panel, "close", new PanelClosed { PanelId = panelId, User = user, TaskId = panel.SecretaryTask, Limits = LimitsOf(caller) }, idempotency, cancellationToken);
    }

    /// <summary>The secretary fills the seats of a panel that has too few experts: by drawing from the pool as it is now, or by naming them.</summary>
    /// <param name="experts">Whom to appoint; null or empty: they are drawn.</param>
    /// <param name="reason">Why they are appointed; needed when they are.</param>
    /// <returns>Who has a seat now that hadn't one before.</returns>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>task_closed</c>, <c>invalid_request</c> (somebody who can't sit),
    /// <c>wrong_state</c> (the panel has enough experts, or the pool has nobody else).</exception>
    public async Task<IReadOnlyList<string>> FillAsync(Caller caller, Guid panelId, IReadOnlyList<string>? experts, string? reason, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var appointed = experts?.Distinct(StringComparer.Ordinal).ToArray() ?? [];
        var why = TextOf(reason);
        if (appointed.Length > 0 && why is null)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "Say in 'reason' why these experts are appointed instead of drawn.", "指定专家须说明理由。");
        for (var attempt = 1; ; attempt++)
        {
            var panel = await FindAsync(caller, panelId, cancellationToken);
            if (!await store.HoldsAsync(caller, panel.SecretaryRole, panel.OrganisationId, cancellationToken))
                throw new WorkflowException(ErrorCodes.Forbidden, $"Filling seats of panel {panelId} needs the role '{panel.SecretaryRole}', which '{user}' doesn't hold.", $"补充专家须担任“{panel.SecretaryRole}”。");
            var vacancy = await store.VacancyAsync(panel, cancellationToken);
            if (panel.Draw is not { } draw || vacancy is null || (!vacancy.IsOpen && idempotency is null))
                throw new WorkflowException(ErrorCodes.WrongState, $"Panel {panelId} isn't short of experts. Read it again.", "本次评审不缺专家，无须补充。");
            // An earlier request with the same key may have filled the seats: then the runtime finds its answer.
            var (after, pool) = vacancy.IsOpen ? await ExtendAsync(panel, draw, appointed, why, cancellationToken) : (draw, null);
            var seated = after.Seats.Select(s => s.ExpertId).Except(draw.Seats.Select(s => s.ExpertId), StringComparer.Ordinal).ToArray();
            if (vacancy.IsOpen && seated.Length == 0)
                throw new WorkflowException(ErrorCodes.WrongState,
                    $"The pool has nobody else for panel {panelId}: {after.Excluded.Length} are recused by rule, {after.Out.Length} have left. Add experts to the directory, appoint some, or close the panel without a quorum.",
                    $"专家库中已无其他可抽取的专家（按规则回避 {after.Excluded.Length} 人，已退出 {after.Out.Length} 人）。请补充专家库、指定专家，或结束评审退回重新审核。");
            try
            {
                await AnswerAsync(caller, panel, new { @do = "fill", user, experts = seated }, new SeatsFilled
                {
                    PanelId = panelId, User = user, TaskId = vacancy.TaskId, Limits = LimitsOf(caller), Revision = panel.Revision, Draw = after, Seated = seated, Appointed = appointed, Pool = pool,
                }, idempotency, cancellationToken);
                return seated;
            }
            catch (WorkflowException e) when (e.Code == ErrorCodes.TaskClosed && vacancy.IsOpen && attempt < 5)
            {
                // Somebody stood aside meanwhile: the draw has moved on, but the vacancy may still be there.
                if (await store.VacancyAsync(panel, cancellationToken) is not { IsOpen: true })
                    throw;
            }
        }
    }

    private async Task<(PanelDraw, PoolReading?)> ExtendAsync(PanelRow panel, PanelDraw draw, string[] appointed, string? reason, CancellationToken cancellationToken)
    {
        try
        {
            var reading = new PoolReading($"addition-{draw.Additions?.Length ?? 0}", (await store.ReadPoolAsync(panel with { Rules = draw.Rules }, cancellationToken)).Write());
            return (draw.Extend(PoolRecord.Read(reading.Record), await store.AbsentAsync(panel, cancellationToken), appointed, reason), reading);
        }
        catch (FormatException e)
        {
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"The seats of panel {panel.Id} can't be filled so: {e.Message}", "所指定的专家不能参加本次评审：不在专家库、须回避、已在席或已退出，或超过空缺席位。", e);
        }
    }

    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>.</exception>
    internal async Task<PanelRow> FindAsync(Caller caller, Guid panelId, CancellationToken cancellationToken)
    {
        var panel = await store.FindAsync(panelId, cancellationToken)
            ?? throw new WorkflowException(ErrorCodes.NotFound, $"There is no panel {panelId}. Check the id.", "该评审会不存在。");
        caller.RequireService(panel.Service);
        return panel;
    }

    private async Task<(PanelRow Panel, string User)> SeatAsync(Caller caller, Guid panelId, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var panel = await FindAsync(caller, panelId, cancellationToken);
        if (!caller.MayActAs(PanelStore.ExpertRole))
            throw new WorkflowException(ErrorCodes.Forbidden, $"This key may not act in the role '{PanelStore.ExpertRole}'.", "此密钥不能以评审专家的角色办理。");
        return panel.Draw is { } draw && (draw.Seats.Any(s => s.ExpertId == user) || draw.Out.Contains(user)) ? (panel, user)
            : throw new WorkflowException(ErrorCodes.Forbidden, $"'{user}' doesn't sit on panel {panelId}.", "您不是本次评审的专家。");
    }

    private Task AnswerAsync(Caller caller, PanelRow panel, string what, PanelAction action, Idempotency? idempotency, CancellationToken cancellationToken) =>
        AnswerAsync(caller, panel, new { @do = what, user = action.User }, action, idempotency, cancellationToken);

    private async Task AnswerAsync(Caller caller, PanelRow panel, object payload, PanelAction action, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var task = action.TaskId!.Value;
        StepAnswer answer;
        try
        {
            answer = await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = panel.CaseId,
                Stimulus = new Stimulus.Resume(task, JsonSerializer.SerializeToElement(payload)),
                Actor = caller.Actor,
                Idempotency = idempotency,
                Domain = action,
            }, cancellationToken);
        }
        catch (WorkflowException e) when (e.Code is ErrorCodes.BookmarkGone)
        {
            throw await TaskRefusal.ExplainAsync(database, task, caller, cancellationToken);
        }
        if (!answer.Applied)
            throw answer.GateFailed == PanelsPart.CurrentGate
                ? new WorkflowException(ErrorCodes.TaskClosed, $"Panel {panel.Id} has closed. Read it again.", "本次评审已结束，不能再操作。")
                : await TaskRefusal.ExplainAsync(database, task, caller, cancellationToken);
    }

    private static CredentialLimits LimitsOf(Caller caller) => new(caller.Services, caller.Organisations, caller.Roles);

    private static string? TextOf(string? text)
    {
        text = string.IsNullOrWhiteSpace(text) ? null : text.Trim();
        if (text?.Length > LongestText || text?.Contains('\0', StringComparison.Ordinal) == true)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"The text has more than {LongestText} characters, or one that can't be kept (U+0000).", $"文字最多 {LongestText} 字，且不得含有无法保存的字符。");
        return text;
    }

    /// <summary>Where the service names criteria, each has its score within its bounds; who abstains may leave them all out.</summary>
    private static CriterionScore[] Judged(CriterionScore[] scores, Vote vote, ImmutableArray<Criterion> criteria)
    {
        if (criteria.IsEmpty || (vote == Vote.Abstain && scores.Length == 0))
            return scores;
        return scores.Length == criteria.Length && criteria.All(c => scores.Any(s => s.Criterion == c.Name && s.Score >= c.Min && s.Score <= c.Max)) ? scores
            : throw new WorkflowException(ErrorCodes.InvalidRequest,
                string.Create(CultureInfo.InvariantCulture, $"This panel scores {string.Join(", ", criteria.Select(c => $"{c.Name} ({c.Min} to {c.Max})"))}. Give each of them in 'scores', and nothing else."),
                string.Create(CultureInfo.InvariantCulture, $"本次评审须逐项评分：{string.Join("、", criteria.Select(c => $"{c.Name}（{c.Min} 至 {c.Max} 分）"))}。"));
    }

    private static CriterionScore[] Scores(JsonElement scores)
    {
        if (scores.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return [];
        var fine = scores.ValueKind == JsonValueKind.Object;
        var criteria = fine ? scores.EnumerateObject().ToArray() : [];
        fine &= criteria.Length <= 20 && criteria.All(c => c.Name.Length is > 0 and <= 100 && !c.Name.Contains('\0', StringComparison.Ordinal)
            && c.Value.ValueKind == JsonValueKind.Number && c.Value.TryGetDecimal(out var score) && score is >= 0 and <= 100);
        return fine && criteria.DistinctBy(c => c.Name, StringComparer.Ordinal).Count() == criteria.Length ? [.. criteria.Select(c => new CriterionScore(c.Name, c.Value.GetDecimal()))]
            : throw new WorkflowException(ErrorCodes.InvalidRequest, "Scores are an object of at most 20 criteria, each a number from 0 to 100.", "评分须为不超过 20 项的对象，每项 0 至 100 分。");
    }
}
