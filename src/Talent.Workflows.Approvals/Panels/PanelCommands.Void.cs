using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>What an office can do whose panel has lost its key: two of it void the round, and the experts vote again (ADR 20).</summary>
public sealed partial class PanelCommands
{
    /// <summary>The secretary asks that the present round be voided.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_request</c> (no reason), <c>wrong_state</c> (the key is there, the panel takes no votes and isn't being counted, or it was asked for).</exception>
    public async Task AskVoidAsync(Caller caller, Guid panelId, string? reason, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var why = TextOf(reason) ?? throw new WorkflowException(ErrorCodes.InvalidRequest, "Say in 'reason' how the key was lost.", "请填写密钥遗失的情况。");
        var panel = await FindAsync(caller, panelId, cancellationToken);
        if (!await store.HoldsAsync(caller, panel.SecretaryRole, panel.OrganisationId, cancellationToken))
            throw new WorkflowException(ErrorCodes.Forbidden, $"Voiding a round of panel {panelId} is asked for by the role '{panel.SecretaryRole}', which '{user}' doesn't hold.", $"申请作废本轮投票须担任“{panel.SecretaryRole}”。");
        if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is not null)
            return;
        await RequireLostAsync(panel, cancellationToken);
        await SettleAsync(caller, panel, null, new VoidAsked
        {
            PanelId = panelId, Round = panel.Round, Status = panel.Status, User = user, Limits = LimitsOf(caller), VoidId = Guid.CreateVersion7(), Reason = why,
        }, idempotency, cancellationToken);
    }

    /// <summary>Another one confirms it: the chair, the supervisor, another secretary or an administrator. All vote again.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c> (not one of them, or who asked), <c>wrong_state</c> (nobody has asked, or the key is there again).</exception>
    public async Task ConfirmVoidAsync(Caller caller, Guid panelId, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is not null)
            return;
        var panel = await FindAsync(caller, panelId, cancellationToken);
        if (user == panel.ApplicantId || !caller.IsAdministrator && !await HoldsAnyAsync(caller, panel, cancellationToken))
            throw new WorkflowException(ErrorCodes.Forbidden, $"Voiding a round of panel {panelId} is confirmed by its chair, its supervisor, another secretary or an administrator; '{user}' is none of them.", "作废本轮投票须由主任委员、监督人员、其他评审秘书或管理员确认。");
        var asked = await store.VoidAskedAsync(panel, cancellationToken)
            ?? throw new WorkflowException(ErrorCodes.WrongState, $"Nobody has asked to void round {panel.Round} of panel {panelId}.", "没有待确认的作废申请。");
        if (asked.AskedBy == user)
            throw new WorkflowException(ErrorCodes.Forbidden, "You asked for this yourself. Another one confirms it.", "不能确认本人提出的申请，须由另一人办理。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "own" } };
        await RequireLostAsync(panel, cancellationToken);
        var recused = (await store.AnswersAsync(panel, cancellationToken)).Where(a => a.Recusal is not null).Select(a => a.ExpertId);
        await SettleAsync(caller, panel, RoundVoiding.Stimulus(panel, panel.Draw!.Seats.Select(s => s.ExpertId).Except(recused, StringComparer.Ordinal)), new RoundVoided
        {
            PanelId = panelId, Round = panel.Round, Status = panel.Status, User = user, Limits = LimitsOf(caller), VoidId = asked.Id, Void = new PanelVoid(asked.Reason, asked.AskedBy, user, store.Now),
        }, idempotency, cancellationToken);
    }

    private async Task<bool> HoldsAnyAsync(Caller caller, PanelRow panel, CancellationToken cancellationToken)
    {
        foreach (var role in ((string?[])[panel.SecretaryRole, panel.ChairRole, panel.SupervisorRole]).OfType<string>())
            if (await store.HoldsAsync(caller, role, panel.OrganisationId, cancellationToken))
                return true;
        return false;
    }

    /// <summary>Ballots that can be opened are counted, whatever somebody may think of them.</summary>
    private async Task RequireLostAsync(PanelRow panel, CancellationToken cancellationToken)
    {
        if (panel.Status is not (PanelStatus.Open or PanelStatus.Counting) || !await keys.IsLostAsync(panel.Id, panel.Round, cancellationToken))
            throw new WorkflowException(ErrorCodes.WrongState, $"Round {panel.Round} of panel {panel.Id} can't be voided: it isn't under way, or its key isn't lost.", "本轮投票不能作废：未在投票或计票中，或密钥并未遗失。");
    }

    private async Task SettleAsync(Caller caller, PanelRow panel, Engine.Execution.Stimulus? stimulus, PanelAction action, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var answer = await runtime.ApplyAsync(new StepRequest { InstanceId = panel.CaseId, Stimulus = stimulus, Actor = caller.Actor, Idempotency = idempotency, Domain = action }, cancellationToken);
        if (!answer.Applied)
            throw answer.GateFailed is PanelsPart.CurrentGate or PanelsPart.VoidGate
                ? new WorkflowException(ErrorCodes.WrongState, $"Panel {panel.Id} has moved on. Read it again.", "评审刚刚发生变化，请刷新后重试。")
                : CaseRefusal.Of(answer, caller);
    }
}
