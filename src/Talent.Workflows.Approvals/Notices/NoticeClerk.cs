using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>One line of a correction: the label of a line and its full value, which is masked as that line is. Without a value the line goes.</summary>
/// <param name="Kind">Of a line that isn't there yet.</param>
public sealed record LineCorrection(string? Label = null, string? Text = null, NoticeFieldKind Kind = NoticeFieldKind.Text);

/// <summary>What the clerk of an open notice may do: correct what it shows, and extend it.</summary>
/// <remarks>Source: R-NOT-2. Who may is checked inside the step: whoever holds the notice's clerk role, except for a case of their own.</remarks>
public sealed class NoticeClerk(WorkflowRuntime runtime, NoticeStore store, BusinessClock clock)
{
    /// <summary>Working days that one extension may add.</summary>
    public const int LongestExtension = 60;

    private const int LongestText = 1000;
    private const int MostLines = 50;

    /// <summary>Shows a corrected edition from now on. The stage's rule says what becomes of the window.</summary>
    /// <param name="reason">Public.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>; <c>wrong_state</c>: not open; <c>invalid_request</c>: no reason, or nothing changes; <c>conflict</c>: changed meanwhile.</exception>
    public async Task CorrectAsync(Caller caller, Guid noticeId, string? reason, string? title, IReadOnlyList<LineCorrection?> lines, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is not null)
            return;
        var row = await store.FindAsync(noticeId, cancellationToken) ?? throw NoticeCommands.NotFound(noticeId);
        if (lines.Count > MostLines)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"A correction has at most {MostLines} lines.", $"一次最多更正{MostLines}项。");
        var content = row.Notice.Current.Content.With(Text("title", title), lines.Select(l => new NoticeField(Required("label", l?.Label), l!.Kind, Text("text", l.Text))));
        if (content.Lines.IsEmpty || content.Hash() == row.Notice.Current.Content.Hash())
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"The correction changes nothing of what notice {noticeId} shows, or leaves nothing of it. Say in 'title' or 'lines' what is wrong.", "更正后的内容与当前公示相同，或没有任何内容。");
        await ApplyAsync(caller, row, NoticeStage.Corrected, 0, content, reason, idempotency, cancellationToken);
    }

    /// <summary>Keeps a notice up for some working days more than was announced last.</summary>
    /// <param name="reason">Public.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>; <c>wrong_state</c>: not open; <c>invalid_request</c>: no reason, or no such number of days; <c>conflict</c>: changed meanwhile.</exception>
    public async Task ExtendAsync(Caller caller, Guid noticeId, string? reason, int workdays, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        if (await runtime.FindAnswerAsync(idempotency, cancellationToken) is not null)
            return;
        var row = await store.FindAsync(noticeId, cancellationToken) ?? throw NoticeCommands.NotFound(noticeId);
        if (workdays is < 1 or > LongestExtension)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"A notice is extended by 1 to {LongestExtension} working days at once, not by {workdays}.", $"一次可延长 1 至 {LongestExtension} 个工作日。");
        await ApplyAsync(caller, row, NoticeStage.Extended, workdays, null, reason, idempotency, cancellationToken);
    }

    private async Task ApplyAsync(Caller caller, NoticeRow row, string change, int workdays, NoticeContent? content, string? reason, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        if (row.EndedAt is not null || !row.Notice.IsOpen(clock.Now))
            throw NoticeCommands.NotOpen(row.Id);
        var editions = row.Notice.Editions.Length;
        var answer = await runtime.ApplyAsync(new StepRequest
        {
            InstanceId = row.CaseId, Actor = caller.Actor, Idempotency = idempotency,
            Stimulus = new StageRevision($"{row.Id:N}-{editions + 1}", new Dictionary<Guid, DateTimeOffset>()) { TaskId = row.Id, Workdays = workdays }.Stimulus(change),
            Domain = new NoticeChanged
            {
                User = caller.RequireUser(), Limits = CredentialLimits.Of(caller), NoticeId = row.Id, Editions = editions, Content = content,
                Reason = Masking.Text(Required("reason", reason), MaskingProfile.PublicNotice),
            },
        }, cancellationToken);
        if (!answer.Applied)
            throw answer.GateFailed switch
            {
                NoticesPart.ClerkGate => new WorkflowException(ErrorCodes.Forbidden, $"Notice {row.Id} isn't '{caller.User}''s to change: its clerks may, except for a case of their own.", "仅负责该公示的工作人员可以更正或延长公示。"),
                NoticesPart.EditionGate => new WorkflowException(ErrorCodes.Conflict, $"Notice {row.Id} has changed meanwhile. Read it again.", "公示刚刚发生变化，请刷新后重试。"),
                null => NoticeCommands.NotOpen(row.Id),
                _ => CaseRefusal.Of(answer, caller),
            };
    }

    private static string Required(string name, string? text) => Text(name, text) ?? throw new WorkflowException(ErrorCodes.InvalidRequest, $"Say '{name}'.", $"请填写 {name}。");

    private static string? Text(string name, string? text) => string.IsNullOrWhiteSpace(text) ? null
        : text.Length > LongestText || text.Contains('\0', StringComparison.Ordinal) ? throw new WorkflowException(ErrorCodes.InvalidRequest, $"'{name}' is longer than {LongestText} characters or can't be kept.", "文字过长或含有无法保存的字符。")
        : text.Trim();
}
