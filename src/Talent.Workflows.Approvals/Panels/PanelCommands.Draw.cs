using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>What the two parties of a draw do.</summary>
public sealed partial class PanelCommands
{
    /// <summary>A party commits to a nonce, before anybody knows the pool.</summary>
    /// <param name="commitment">SHA-256 of 32 random bytes, 64 hexadecimal digits.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_request</c>, <c>task_closed</c> (has committed already), <c>wrong_state</c> (the panel
    /// has no parties, or is drawn), <c>conflict</c> (for the other party too, or a commitment used before).</exception>
    public async Task CommitAsync(Caller caller, Guid panelId, string? commitment, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var hash = Bytes(commitment) ?? throw new WorkflowException(ErrorCodes.InvalidRequest,
            "A commitment is the SHA-256 of your nonce of 32 bytes: 64 hexadecimal digits. 'draw nonce' makes both.", "承诺须为 32 字节随机数的 SHA-256，即 64 位十六进制数字。");
        var (panel, party) = await PartyAsync(caller, panelId, TaskKinds.PanelCommit, cancellationToken);
        await AnswerAsync(caller, panel, "commit", new DrawCommitted
        {
            PanelId = panelId, User = caller.RequireUser(), TaskId = panel.PartyTask(TaskKinds.PanelCommit, party), Limits = LimitsOf(caller), Attempt = panel.Attempt, Party = party, Of = panel.Parties[party], Commitment = hash,
        }, idempotency, cancellationToken);
    }

    /// <summary>A party reveals its nonce, after the pool's hash was recorded.</summary>
    /// <exception cref="WorkflowException">As <see cref="CommitAsync"/>; <c>invalid_request</c>: it isn't what was committed to.</exception>
    public async Task RevealAsync(Caller caller, Guid panelId, string? nonce, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var bytes = Bytes(nonce) ?? throw new WorkflowException(ErrorCodes.InvalidRequest, "A nonce has 32 bytes: 64 hexadecimal digits.", "随机数须为 32 字节，即 64 位十六进制数字。");
        var (panel, party) = await PartyAsync(caller, panelId, TaskKinds.PanelReveal, cancellationToken);
        var pledge = (await store.AttemptsAsync(panel, cancellationToken)).Single(a => a.Number == panel.Attempt).Parties.Single(p => p.Party == party);
        if (pledge.Commitment != DrawSeed.Commitment(bytes))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"This nonce isn't the one that was committed to: its SHA-256 isn't {pledge.Commitment}.", "该随机数与此前提交的承诺不符。");
        await AnswerAsync(caller, panel, "reveal", new DrawRevealed
        {
            PanelId = panelId, User = caller.RequireUser(), TaskId = panel.PartyTask(TaskKinds.PanelReveal, party), Limits = LimitsOf(caller), Attempt = panel.Attempt, Party = party, Nonce = bytes,
        }, idempotency, cancellationToken);
    }

    /// <summary>The party that the caller acts for: whose task is open to them, else the one that they have acted for.</summary>
    private async Task<(PanelRow Panel, short Party)> PartyAsync(Caller caller, Guid panelId, string kind, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var panel = await FindAsync(caller, panelId, cancellationToken);
        if (panel.Parties.IsEmpty)
            throw new WorkflowException(ErrorCodes.WrongState, $"The draw of panel {panelId} has no parties: the server draws.", "本次评审由系统抽取，无须双方承诺。");
        var mine = await store.ActionableAsync(panel, caller, cancellationToken);
        for (short party = 0; party < panel.Parties.Length; party++)
            if (mine.Contains(panel.PartyTask(kind, party)))
                return (panel, party);
        var attempts = await store.AttemptsAsync(panel, cancellationToken);
        if (attempts.LastOrDefault(a => a.Number == panel.Attempt)?.Parties.FirstOrDefault(p => p.UserId == user) is { } done && (kind == TaskKinds.PanelCommit || done.Nonce is not null))
            return (panel, (short)done.Party);
        for (short party = 0; party < panel.Parties.Length; party++)
            if (await store.HoldsAsync(caller, panel.Parties[party].Role, panel.Parties[party].OrganisationId, cancellationToken))
                throw panel.Status == PanelStatus.Drawing && kind == TaskKinds.PanelReveal && attempts.LastOrDefault(a => a.Number == panel.Attempt)?.PoolHash is null
                    ? new WorkflowException(ErrorCodes.WrongState, $"Nonces of panel {panelId} are revealed when both parties have committed and the pool's hash is recorded.", "双方均提交承诺、系统记录专家库摘要后，才能公布随机数。")
                    : await TaskRefusal.ExplainAsync(database, panel.PartyTask(kind, party), caller, cancellationToken);
        throw new WorkflowException(ErrorCodes.Forbidden, $"'{user}' is no party of the draw of panel {panelId}, which are {string.Join(" and ", panel.Parties.Select(p => p.Role))}.", "您不是本次抽取的任何一方。");
    }

    private static byte[]? Bytes(string? hex) => hex is { Length: DrawSeed.NonceBytes * 2 } && hex.All(char.IsAsciiHexDigit) ? Convert.FromHexString(hex) : null;
}
