using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>
/// Work on a panel between two steps: reads the panel, works out what follows, and resumes the instance with it in one step
/// that also writes the rows. Doing it twice changes nothing: the bookmark is gone, or the draw has moved on.
/// </summary>
public abstract class PanelWorker(WorkflowRuntime runtime, PanelStore store, PanelKeys keys) : IOutboxHandler
{
    public abstract string Kind { get; }

    protected PanelStore Store => store;

    protected PanelKeys Keys => keys;

    /// <summary>What follows; null: nothing is left to do.</summary>
    internal abstract Task<(object Payload, PanelAction Action)?> WorkAsync(PanelRow panel, PanelOrder order, CancellationToken cancellationToken);

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<PanelOrder>(message.Payload, PanelJson.Options)!;
        if (await store.FindAsync(order.PanelId, cancellationToken) is not { } panel)
            return new OutboxResult.Dead($"There is no panel {order.PanelId}.");
        try
        {
            if (await WorkAsync(panel, order, cancellationToken) is { } work && await ApplyAsync(panel, order, work.Payload, work.Action, cancellationToken) is { } gate)
                return new OutboxResult.Retry(TimeSpan.FromMilliseconds(50), $"Panel {panel.Id} has moved on ({gate}).");
        }
        catch (WorkflowException e) when (e.Code is ErrorCodes.Unavailable)
        {
            return new OutboxResult.Hold(TimeSpan.FromMinutes(1), e.Message);
        }
        catch (CryptographicException)
        {
            return new OutboxResult.Dead($"A ballot of panel {panel.Id} can't be opened: its row or its key was changed. Compare both with a backup, then send this again.");
        }
        // Also when it was done before: a node that stopped after the count has left its key.
        await keys.DestroyAsync(panel.Id, cancellationToken);
        return OutboxResult.Ok;
    }

    private protected async Task<PoolReading> ReadPoolAsync(PanelRow panel, string purpose, CancellationToken cancellationToken) =>
        new(purpose, (await store.ReadPoolAsync(panel, cancellationToken)).Write());

    /// <returns>The gate that was closed; null: done, now or before.</returns>
    private async Task<string?> ApplyAsync(PanelRow panel, PanelOrder order, object payload, PanelAction action, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = panel.CaseId,
                Stimulus = new Stimulus.Resume(order.BookmarkId, JsonSerializer.SerializeToElement(payload, PanelJson.Options)),
                Actor = Actor.System,
                Domain = action,
            }, cancellationToken);
            return answer.GateFailed;
        }
        catch (WorkflowException e) when (e.Code is ErrorCodes.BookmarkGone)
        {
            // Nothing waits for it any more: it was done before, or the panel has closed or was cancelled meanwhile.
            return null;
        }
    }
}

/// <summary>Draws a panel.</summary>
public sealed class PanelDrawing(WorkflowRuntime runtime, PanelStore store, PanelKeys keys) : PanelWorker(runtime, store, keys)
{
    public const string WorkKind = "panel.draw";

    public override string Kind => WorkKind;

    internal override async Task<(object Payload, PanelAction Action)?> WorkAsync(PanelRow panel, PanelOrder order, CancellationToken cancellationToken)
    {
        if (panel.Status != PanelStatus.Drawing)
            return null;
        await Keys.EnsureAsync(panel.Id, panel.Round, cancellationToken);
        // What two parties have committed to is the pool that was recorded between their commitments and their nonces.
        var reading = panel.Parties.IsEmpty ? await ReadPoolAsync(panel, "draw-0", cancellationToken) : null;
        var pool = PoolRecord.Read(reading?.Record ?? (await Store.PoolsAsync(panel.Id, cancellationToken)).Single(p => p.Purpose == $"draw-{panel.Attempt}").Record);
        var draw = PanelDraw.Draw(pool, panel.Parties.IsEmpty ? panel.Seed() : await SeedAsync(panel, cancellationToken), panel.Rules);
        return (new { experts = draw.Seats.Select(s => s.ExpertId) }, new PanelDrawn { PanelId = panel.Id, Revision = panel.Revision, Draw = draw, Pool = reading });
    }

    private async Task<string> SeedAsync(PanelRow panel, CancellationToken cancellationToken)
    {
        var attempt = (await Store.AttemptsAsync(panel, cancellationToken)).Single(a => a.Number == panel.Attempt);
        return DrawSeed.OfTwo(panel.Id, attempt.Number, attempt.Parties[0].Nonce!, attempt.Parties[1].Nonce!, attempt.PoolHash!);
    }
}

/// <summary>Reads the pool and records it, after both parties of a draw have committed and before either reveals.</summary>
public sealed class PanelPooling(WorkflowRuntime runtime, PanelStore store, PanelKeys keys) : PanelWorker(runtime, store, keys)
{
    public const string WorkKind = "panel.pool";

    public override string Kind => WorkKind;

    internal override async Task<(object Payload, PanelAction Action)?> WorkAsync(PanelRow panel, PanelOrder order, CancellationToken cancellationToken) =>
        panel.Status != PanelStatus.Drawing ? null
            : (new { }, new PoolRecorded { PanelId = panel.Id, Revision = panel.Revision, Pool = await ReadPoolAsync(panel, $"draw-{panel.Attempt}", cancellationToken) });
}

/// <summary>Seats the next of the drawn sequence for an expert who stands aside.</summary>
public sealed class PanelReplacing(WorkflowRuntime runtime, PanelStore store, PanelKeys keys) : PanelWorker(runtime, store, keys)
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
public sealed class PanelCounting(WorkflowRuntime runtime, PanelStore store, PanelKeys keys, NpgsqlDataSource database, BusinessClock clock) : PanelWorker(runtime, store, keys)
{
    public const string WorkKind = "panel.count";

    public override string Kind => WorkKind;

    internal override async Task<(object Payload, PanelAction Action)?> WorkAsync(PanelRow panel, PanelOrder order, CancellationToken cancellationToken)
    {
        if (panel.Status != PanelStatus.Counting || panel.Draw is not { } draw)
            return null;
        var stored = await Store.BallotsAsync(panel.Id, panel.Round, cancellationToken);
        var seal = stored.Exists(b => b.Sealed is not null) ? await Keys.EnsureAsync(panel.Id, panel.Round, cancellationToken) : null;
        (string Expert, BallotPaper Paper)[] ballots = [.. stored.Select(b => (b.ExpertId, b.Clear ?? seal!.Open(b.ExpertId, b.Sealed!)))];
        var count = PanelCount.Tally([.. ballots.Select(b => new Ballot(b.Expert, b.Paper.Vote))], Invited(draw), panel.Count, panel.Round - panel.Rounds.Count(r => r.Voided is not null));
        if (CriterionResult.Of(ballots.Select(b => b.Paper)) is { IsEmpty: false } scores)
            count = count with { Scores = scores };
        var number = await NumberAsync(cancellationToken);
        var answers = await Store.AnswersAsync(panel, cancellationToken);
        var names = await Store.NamesAsync(draw.Seats.Select(s => s.ExpertId).Concat(answers.Select(a => a.ExpertId)), cancellationToken);
        return (new { outcome = count.Outcome, experts = draw.Seats.Select(s => s.ExpertId) }, new PanelCounted
        {
            PanelId = panel.Id, Round = panel.Round, Count = count, MinutesNumber = number, Minutes = PanelMinutes.Write(panel with { MinutesNumber = number }, count, answers, names), Votes = OpenedVote.Shuffle(ballots.Select(b => b.Paper)),
            Receipts = seal is null ? [] : [.. stored.Where(b => b.Sealed is not null).Select(b => PanelSeal.Published(seal.Receipt(b.ExpertId))).Order(StringComparer.Ordinal)],
        });
    }

    /// <summary>A number that is given and then not used leaves a gap.</summary>
    private async Task<string> NumberAsync(CancellationToken cancellationToken)
    {
        var year = ChinaTime.DateOf(clock.Now).Year;
        var serial = await NoticeSerials.NextAsync(database, "评审纪要", year, cancellationToken);
        return string.Create(CultureInfo.InvariantCulture, $"评审纪要〔{year}〕{serial}号");
    }

    /// <summary>Whoever sits, and a nobody for each seat that couldn't be filled: the quorum is a share of the whole panel.</summary>
    public static IReadOnlyCollection<string> Invited(PanelDraw draw) =>
        [.. draw.Seats.Select(s => s.ExpertId), .. Enumerable.Range(0, draw.Vacant).Select(i => $"\0vacant-{i}")];
}

/// <summary>Destroys the key of a panel that ended without a count.</summary>
public sealed class PanelKeyDestruction(PanelKeys keys) : IOutboxHandler
{
    public const string WorkKind = "panel.forget";

    public string Kind => WorkKind;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        await keys.DestroyAsync(JsonSerializer.Deserialize<PanelOrder>(message.Payload, PanelJson.Options)!.PanelId, cancellationToken);
        return OutboxResult.Ok;
    }
}
