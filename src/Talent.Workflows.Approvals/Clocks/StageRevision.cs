using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>What has changed about the time of tasks that wait: the payload of a <see cref="Stimulus.Revise"/>.</summary>
/// <param name="Key">Names this change, so that what it leads to has ids of its own.</param>
/// <param name="Due">The deadlines as the tables have them, by task.</param>
internal sealed record StageRevision(string Key, IReadOnlyDictionary<Guid, DateTimeOffset> Due)
{
    /// <summary>Names of the stimulus: another calendar, an extension that was granted, a clock that is stopped or runs on.</summary>
    public const string Calendar = "calendar", Extend = "extension", ExtendTotal = "total-extension", Pause = "pause", Resume = "resume";

    /// <summary>视为受理: the time to say what is missing has passed.</summary>
    public const string Accepted = "accepted";

    /// <summary>拿回: one of several who decide together takes their decision back.</summary>
    public const string TakeBack = "take-back";

    /// <summary>The one task, or notice, that is meant; null: all.</summary>
    public Guid? TaskId { get; init; }

    /// <summary>By which something is extended, where who asks says so.</summary>
    public int Workdays { get; init; }

    public Guid PauseId { get; init; }
    public StopGround? Ground { get; init; }
    public string? By { get; init; }
    public string? Document { get; init; }

    public Stimulus.Revise Stimulus(string name) => new(name, JsonSerializer.SerializeToElement(this));

    public static StageRevision Of(JsonElement payload) => payload.Deserialize<StageRevision>()!;

    /// <summary>Carries it out for one task with a ladder.</summary>
    /// <param name="deadline">The deadline as the stage computes it now.</param>
    public void Apply(ActivityContext context, string name, Guid task, StageTimes times, Func<Deadline?> deadline, Func<Deadline?, EscalationLadder?> ladder)
    {
        if (TaskId is { } meant && meant != task)
            return;
        switch (name)
        {
            case Extend:
                StageClock.Extend(context, times.OpenedAt);
                break;
            case Pause:
                Stop(context, times.OpenedAt, task);
                break;
            case Resume:
                RunOn(context, task);
                break;
        }
        if (StageClock.Of(context)?.Open is not null)
        {
            times.Arm(null);
            return;
        }
        if (deadline() is not { } now)
            return;
        times.Rearm(ladder(now));
        Move(context, name, task, now);
    }

    /// <summary>Writes a task's deadline where it isn't what it was; whoever has the task is told when its date moved.</summary>
    /// <param name="tells">Whether anybody is told.</param>
    /// <returns>Whether it moved.</returns>
    public bool Move(ActivityContext context, string name, Guid task, Deadline deadline, bool tells = true)
    {
        if (!Due.TryGetValue(task, out var old))
            return false;
        var row = StageTimes.Row(deadline)!;
        context.Emit(new TaskDue(context.NewId($"revised-{Key}-{task:N}"), task, row));
        if (old == deadline.DueAt)
            return false;
        context.Log("DeadlineMoved", name);
        context.Emit(new DeadlineRevised(context.NewId($"moved-{Key}-{task:N}"), LimitKinds.Stage, task, context.Node.Id, name, old, row));
        var facts = new Dictionary<string, string>
        {
            ["stage"] = context.Node.Id, ["stageName"] = context.Node.DisplayText, ["taskId"] = task.ToString(), ["dueAt"] = deadline.DueAt.ToString("O", CultureInfo.InvariantCulture),
            ["oldDate"] = old.AddTicks(-1).ToString("O", CultureInfo.InvariantCulture),
        };
        if (!tells)
            return true;
        if (name == Calendar)
            context.Emit(new NotifyEffect(context.NewId($"moved-{Key}-{task:N}-told"), "deadline.moved", [Recipient.Task(task)], facts));
        else if (name == Extend)
            context.Emit(new NotifyEffect(context.NewId($"moved-{Key}-{task:N}-told"), "limit.extended", [Recipient.Applicant], facts));
        return true;
    }

    private void Stop(ActivityContext context, DateTimeOffset openedAt, Guid task)
    {
        if (StageClock.Of(context)?.Open is { } open)
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.WrongState, $"The clock of stage '{context.Node.Id}' stands still already, for {open.Ground}. End that pause first.", "该环节已停止计时，请先恢复计时。"));
        var ground = Ground!;
        var pause = new ClockPause(PauseId, context.Now, null, ground.Code);
        if (ground.Stops.Contains(LimitKinds.Stage))
            StageClock.Stop(context, openedAt, pause);
        if (ground.Stops.Contains(LimitKinds.Total))
            CaseClock.Add(context, pause);
        context.Emit(new PauseClock(PauseId, context.Node.Id, task, ground.Code, By) { Limits = ground.Stops, Document = Document });
        CaseClock.Tell(context, PauseId, ground);
    }

    private void RunOn(ActivityContext context, Guid task)
    {
        // One or both of the clocks, as the ground had it.
        var stage = StageClock.End(context, PauseId);
        if (!CaseClock.End(context, PauseId) && !stage)
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.WrongState, $"Pause {PauseId} is over already, or never was one of stage '{context.Node.Id}'.", "该停表已结束。"));
        context.Emit(new ResumeClock(DerivedId.For(PauseId, context.Node.Id, 1, "resumed"), PauseId, task));
    }
}
