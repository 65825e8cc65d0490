using System.Text.Json;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>
/// Work on a panel between two steps: reads the panel, works out what follows, and resumes the instance with it in one step
/// that also writes the rows. Doing it twice changes nothing: the bookmark is gone, or the draw has moved on.
/// </summary>
public abstract class PanelWorker(WorkflowRuntime runtime, PanelStore store) : IOutboxHandler
{
    public abstract string Kind { get; }

    protected PanelStore Store => store;

    /// <summary>What follows; null: nothing is left to do.</summary>
    internal abstract Task<(object Payload, PanelAction Action)?> WorkAsync(PanelRow panel, PanelOrder order, CancellationToken cancellationToken);

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<PanelOrder>(message.Payload, PanelJson.Options)!;
        if (await store.FindAsync(order.PanelId, cancellationToken) is not { } panel)
            return new OutboxResult.Dead($"There is no panel {order.PanelId}.");
        if (await WorkAsync(panel, order, cancellationToken) is not var (payload, action))
            return OutboxResult.Ok;
        try
        {
            var answer = await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = panel.CaseId,
                Stimulus = new Stimulus.Resume(order.BookmarkId, JsonSerializer.SerializeToElement(payload, PanelJson.Options)),
                Actor = Actor.System,
                Domain = action,
            }, cancellationToken);
            // Nothing waits for it any more: it was done before, or the panel has closed or was cancelled meanwhile.
            return answer.GateFailed is null ? OutboxResult.Ok : new OutboxResult.Retry(TimeSpan.FromMilliseconds(50), $"Panel {panel.Id} has moved on ({answer.GateFailed}).");
        }
        catch (WorkflowException e) when (e.Code is ErrorCodes.BookmarkGone)
        {
            return OutboxResult.Ok;
        }
    }
}

/// <summary>Draws a panel.</summary>
public sealed class PanelDrawing(WorkflowRuntime runtime, PanelStore store) : PanelWorker(runtime, store)
{
    public const string WorkKind = "panel.draw";

    public override string Kind => WorkKind;

    internal override async Task<(object Payload, PanelAction Action)?> WorkAsync(PanelRow panel, PanelOrder order, CancellationToken cancellationToken)
    {
        if (panel.Status != PanelStatus.Drawing)
            return null;
        var draw = PanelDraw.Draw(await Store.PoolAsync(cancellationToken), await Store.SubjectAsync(panel, cancellationToken), panel.Rules, panel.Seed());
        return (new { experts = draw.Seats.Select(s => s.ExpertId) }, new PanelDrawn { PanelId = panel.Id, Revision = panel.Revision, Draw = draw });
    }
}

/// <summary>Seats the next of the drawn sequence for an expert who stands aside.</summary>
public sealed class PanelReplacing(WorkflowRuntime runtime, PanelStore store) : PanelWorker(runtime, store)
{
    public const string WorkKind = "panel.replace";

    public override string Kind => WorkKind;

    internal override Task<(object Payload, PanelAction Action)?> WorkAsync(PanelRow panel, PanelOrder order, CancellationToken cancellationToken)
    {
        var left = order.ExpertId!;
        if (panel.Status != PanelStatus.Open || panel.Draw is not { } draw || draw.Seats.All(s => s.ExpertId != left))
            return Task.FromResult<(object, PanelAction)?>(null);
        var after = draw.Substitute(left);
        var next = after.Seats.Select(s => s.ExpertId).FirstOrDefault(id => draw.Seats.All(s => s.ExpertId != id));
        return Task.FromResult<(object, PanelAction)?>((new { expert = next },
            new SeatReplaced { PanelId = panel.Id, Revision = panel.Revision, Draw = after, Left = left, Next = next }));
    }
}

/// <summary>Counts the stored ballots of a panel that takes no more.</summary>
public sealed class PanelCounting(WorkflowRuntime runtime, PanelStore store) : PanelWorker(runtime, store)
{
    public const string WorkKind = "panel.count";

    public override string Kind => WorkKind;

    internal override async Task<(object Payload, PanelAction Action)?> WorkAsync(PanelRow panel, PanelOrder order, CancellationToken cancellationToken)
    {
        if (panel.Status != PanelStatus.Counting || panel.Draw is not { } draw)
            return null;
        var count = PanelCount.Tally(await Store.BallotsAsync(panel.Id, cancellationToken), Invited(draw), panel.Count);
        var answers = await Store.AnswersAsync(panel.Id, cancellationToken);
        var names = await Store.NamesAsync(draw.Seats.Select(s => s.ExpertId).Concat(answers.Select(a => a.ExpertId)), cancellationToken);
        return (new { outcome = count.Outcome }, new PanelCounted { PanelId = panel.Id, Count = count, Minutes = PanelMinutes.Write(panel, count, answers, names) });
    }

    /// <summary>Whoever sits, and a nobody for each seat that couldn't be filled: the quorum is a share of the whole panel.</summary>
    public static IReadOnlyCollection<string> Invited(PanelDraw draw) =>
        [.. draw.Seats.Select(s => s.ExpertId), .. Enumerable.Range(0, draw.Vacant).Select(i => $"\0vacant-{i}")];
}
