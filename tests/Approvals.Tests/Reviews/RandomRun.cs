using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Clocks;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Tests.Reviews;

/// <summary>
/// One case of a <see cref="RandomProcess"/>, and what people and time do with it at random. What the tables would keep (who
/// has a task, who decided it, the ledger of pauses) is kept here; what the engine makes of it is held against that at every step.
/// </summary>
internal sealed class RandomRun
{
    public static readonly IReadOnlyList<string> AllActs =
        ["approve", "return", "hand in", "withdraw", "add signers", "remove signer", "transfer", "decide for another", "recall", "recall a seat", "time-out", "jump"];

    private readonly Random random;
    private readonly RandomProcess process;
    private readonly int wild;
    private readonly List<string> trace = [];
    private readonly Dictionary<Guid, OpenTask> open = [];
    private readonly Dictionary<Guid, string> holders = [];
    private readonly Dictionary<string, string> askedBy = [];
    private readonly Dictionary<int, StageTime> clocks = [];
    private readonly List<Decided> decisions = [];
    private readonly List<JournalEntry> journal = [];
    private readonly List<int> repeats = [];
    private readonly HashSet<int> done = [];
    private readonly HashSet<int> passedOver = [];
    private WorkflowState state;
    private DateTimeOffset now = EngineDesk.Local("2026-03-02 09:00");
    private int people;

    public RandomRun(int shape, int seed, int wild)
    {
        (process, random, this.wild) = (new RandomProcess(shape), new Random(seed), wild);
        state = Interpreter.Create(Guid.Parse("0199d3a0-0000-7000-8000-000000000001"), "v1");
    }

    /// <summary>How often each act happened.</summary>
    public Dictionary<string, int> Acts { get; } = [];

    public override string ToString() => $"{process}\n{string.Join("\n", trace)}";

    /// <summary>Plays it to its end; null: all was right.</summary>
    public Exception? Fault()
    {
        try
        {
            Play();
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return e;
        }
    }

    private void Play()
    {
        var terms = new CaseTerms(now, DeadlineRule.Parse("60wd+10wd"), new ServiceClock());
        Advance(new Stimulus.Start(new Dictionary<string, JsonElement>
        {
            [CaseFacts.ApplicantId] = Json("applicant"), [CaseFacts.FiledBy] = Json("applicant"), [CaseFacts.Clock] = JsonSerializer.SerializeToElement(terms, JsonSerializerOptions.Web),
        }));
        for (var step = 0; state.Status == WorkflowStatus.Running; step++)
        {
            Assert.True(step < 2000, "The process doesn't end.");
            if (step < wild)
                Act();
            else
                Go(open.Values.OrderBy(t => t.Id).First());
        }
        Assert.Empty(open);
        if (state.SubStatus == WorkflowSubStatus.Cancelled)
            return;
        Assert.True(journal.Exists(j => j is { ActivityId: "last", Event: "Completed" }), "It ended without reaching its end.");
        foreach (var stage in process.Stages.Where(s => !passedOver.Contains(s)))
        {
            Assert.True(Last("Completed", stage) > Last("Canceled", stage), $"s{stage} was skipped.");
            foreach (var (first, _) in process.Before.Where(b => b.Second == stage && !passedOver.Contains(b.First)))
                Assert.True(Last("Completed", first) < Last("Started", stage), $"s{stage} began before s{first} was done.");
        }
        // Each way back or ahead may have repeated what it led to and what comes after it, nothing else.
        foreach (var stage in process.Stages)
            Assert.InRange(state.Visits.GetValueOrDefault($"s{stage}"), passedOver.Contains(stage) ? 0 : 1, 1 + repeats.Count(to => to == stage || process.Before.Contains((to, stage))));
    }

    private void Act()
    {
        Pass(now.AddMinutes(random.Next(16 * 60)));
        if (state.Status != WorkflowStatus.Running)
            return;
        if (random.Next(8) == 0)
            CheckWithdrawal();
        var tasks = open.Values.OrderBy(t => t.Id).ToArray();
        var task = tasks[random.Next(tasks.Length)];
        var act = random.Next(100);
        if (act < 14 && Recallable() is { Length: > 0 } recallable)
            Recall(recallable[random.Next(recallable.Length)]);
        else if (act is >= 14 and < 19 && Ahead() is { Length: > 0 } targets)
            Jump(targets[random.Next(targets.Length)]);
        else if (act is >= 19 and < 25 && state.NextDueAt() is { } due)
            Pass(due);
        else if (act == 25 && random.Next(3) == 0)
            Withdraw();
        else if (task.Kind == TaskKinds.Supplement)
            Go(task);
        else if (act is >= 26 and < 38 && MayEnter(process.Target(StageOf(task.Stage))))
            Return(task);
        else if (act is >= 38 and < 48)
            AddSigners(task);
        else if (act is >= 48 and < 58 && Array.Find(tasks, t => t.Assignee is { } added && askedBy.ContainsKey(added)) is { } asked)
            Resume("remove signer", asked, new { @do = "remove-signer", user = askedBy[asked.Assignee!] });
        else if (act is >= 58 and < 65 && task.Assignee is null)
            Transfer(task);
        else if (act is >= 65 and < 75)
            Decide(task, "decide for another", "approve", $"delegate{people++}", Holder(task));
        else
            Go(task);
    }

    /// <summary>The case goes on by this task.</summary>
    private void Go(OpenTask task)
    {
        if (task.Kind == TaskKinds.Supplement)
            Resume("hand in", task, new { @do = "hand-in", user = "applicant" });
        else
            Decide(task, "approve", "approve", Holder(task), null);
    }

    private void Return(OpenTask task)
    {
        var stage = StageOf(task.Stage);
        Decide(task, "return", "return", Holder(task), null);
        Again(process.Target(stage));
    }

    private void Decide(OpenTask task, string act, string outcome, string user, string? principal)
    {
        var (stage, several) = (StageOf(task.Stage), IsSeveral(task.Stage));
        var (clock, returns) = (clocks.GetValueOrDefault(stage), CaseClock.Of(state).ReturnsIn(1));
        var decided = new Decided(stage, task.Id, outcome, user, principal, several, clock);
        decisions.Add(decided);
        Resume(act, task, new { outcome, user, principal, hasOpinion = true });
        if (!several)
        {
            Assert.Equal(returns + (outcome == "return" ? 1 : 0), CaseClock.Of(state).ReturnsIn(1));
            string[] who = principal is null ? [user] : [user, principal];
            Assert.Superset(who.ToHashSet(), Deciders(stage));
        }
    }

    private void AddSigners(OpenTask task)
    {
        var (holder, added) = (Holder(task), $"added{people++}");
        askedBy[added] = holder;
        var position = ((string[])["Before", "After", "Beside"])[random.Next(3)];
        Resume("add signers", task, new { @do = "add-signers", position, users = new[] { added }, user = holder });
    }

    /// <summary>转办: who has it is in the tables, and shows when it is decided.</summary>
    private void Transfer(OpenTask task)
    {
        holders[task.Id] = $"transferred{people++}";
        Note("transfer", $"{task.Stage} to {holders[task.Id]}");
        Stands("transfer", task.Stage);
    }

    /// <summary>Something happened at an activity that can't be taken back, and that stands in the way of taking back what it follows.</summary>
    private void Stands(string act, string activity) => decisions.Add(new Decided(StageOf(activity), default, act, null, null, false, null) { Recalled = true, Activity = activity });

    /// <summary>Decisions that nothing has followed, as the product sees it; and seats of a stage that isn't decided.</summary>
    private Decided[] Recallable() => [.. decisions.Where((d, at) => !d.Recalled && (d.Several ? IsSeveral($"s{d.Stage}") && TakesBack(d) : new Following(process.Workflow, $"s{d.Stage}") is var following && !decisions.Skip(at + 1).Any(l => following.Holds(l.Activity))))];

    private bool TakesBack(Decided decided) => Interpreter.Advance(process.Workflow, state, TakeBack(decided), now) is { Outcome: StepOutcome.Applied } tried && tried.Effects.Any(e => e is OpenTask);

    private static Stimulus.Revise TakeBack(Decided decided) =>
        new("take-back", JsonSerializer.SerializeToElement(new { Key = $"take-back-{decided.Task:N}", Due = new Dictionary<Guid, DateTimeOffset>(), TaskId = decided.Task }));

    private void Recall(Decided decided)
    {
        decided.Recalled = true;
        if (decided.Several || IsSeveral($"s{decided.Stage}"))
        {
            Note("recall a seat", $"s{decided.Stage}");
            Advance(TakeBack(decided));
            return;
        }
        Note("recall", $"s{decided.Stage} {decided.Outcome}");
        var output = new Dictionary<string, JsonElement>();
        if (decided.Outcome == "return")
        {
            var clock = CaseClock.Of(state);
            output["caseClock"] = JsonSerializer.SerializeToElement(clock with { Returns = clock.Returns.SetItem(0, clock.ReturnsIn(1) - 1) });
        }
        else
        {
            var before = clocks[decided.Stage] = decided.Clock!;
            output[$"clock:s{decided.Stage}"] = JsonSerializer.SerializeToElement(new { before.From, Pauses = before.Pauses.Select(p => new ClockPause(Guid.NewGuid(), p.From, p.To, "supplement")), Extended = false });
        }
        var returns = CaseClock.Of(state).ReturnsIn(1);
        Stands("recalled", $"s{decided.Stage}");
        Again(decided.Stage);
        Advance(new Stimulus.MoveTo($"s{decided.Stage}", "recalled") { Output = output });
        Assert.Single(open.Values, t => t.Stage == $"s{decided.Stage}");
        Assert.Equal(returns - (decided.Outcome == "return" ? 1 : 0), CaseClock.Of(state).ReturnsIn(1));
    }

    /// <summary>Where an administrator may send it: not where it is.</summary>
    private int[] Ahead() => [.. process.Stages.Where(to => !IsOpen(to) && MayEnter(to))];

    /// <summary>Not into one branch when the others, which were passed over, can't come to the join any more.</summary>
    private bool MayEnter(int to) => process.Stages.Where(s => s != to && !process.Before.Contains((s, to)) && !process.Before.Contains((to, s)))
        .All(s => IsOpen(s) || done.Contains(s) || open.Values.Any(t => ComesTo(t, s) && !ComesTo(t, to)));

    private void Jump(int to)
    {
        var active = open.Values.Select(t => t.Stage).Distinct().ToArray();
        // As the product proposes it; and the administrator names the corrections of stages that are passed over.
        string[] leaving = active.Length == 1 ? active
            : [.. active.Where(a => process.Graph.ForwardAncestors($"s{to}").Contains(a) || (a.StartsWith("fix", StringComparison.Ordinal) && process.Before.Contains((StageOf(a), to))))];
        Note("jump", $"to s{to}, leaving {string.Join(", ", leaving)}");
        Stands("jumped", $"s{to}");
        Again(to);
        Advance(new Stimulus.MoveTo($"s{to}", "jumped") { Leaving = leaving });
        Assert.True(IsOpen(to), $"The jump didn't come to s{to}.");
        // What lies neither ahead of it nor behind it by being done was passed over on purpose.
        foreach (var stage in process.Stages.Where(s => !IsOpen(s) && !done.Contains(s) && !IsAhead(s)))
            passedOver.Add(stage);
    }

    /// <summary>Whether something that waits now can still come to it.</summary>
    private bool IsAhead(int stage) => open.Values.Any(t => ComesTo(t, stage));

    private bool ComesTo(OpenTask task, int stage) => task.Kind == TaskKinds.Review
        ? process.Before.Contains((StageOf(task.Stage), stage)) : process.Target(StageOf(task.Stage)) is var to && (to == stage || process.Before.Contains((to, stage)));

    /// <summary>What a way back comes to, and what comes after it, isn't done any more, nor passed over.</summary>
    private void Again(int to)
    {
        repeats.Add(to);
        done.RemoveWhere(s => s == to || process.Before.Contains((to, s)));
        passedOver.RemoveWhere(s => s == to || process.Before.Contains((to, s)));
    }

    /// <summary>Time passes; what falls due on the way fires at its instant.</summary>
    private void Pass(DateTimeOffset until)
    {
        while (state.Status == WorkflowStatus.Running && state.NextDueAt() is { } due && due <= until)
        {
            now = due;
            Note("time-out", due.ToString("O", CultureInfo.InvariantCulture));
            foreach (var timer in state.Timers.Where(t => t.DueAt <= due).ToArray())
                Stands("time-out", timer.ActivityId);
            Advance(new Stimulus.TimersDue());
        }
        now = until > now ? until : now;
    }

    private void Withdraw()
    {
        Note("withdraw", "");
        Advance(new Stimulus.Cancel("withdrawn"));
    }

    /// <summary>What a withdrawal would do at this point, without doing it: the engine is a function.</summary>
    private void CheckWithdrawal()
    {
        Note("withdraw", "tried");
        var tried = Interpreter.Advance(process.Workflow, state, new Stimulus.Cancel("withdrawn"), now);
        Assert.Equal((StepOutcome.Applied, WorkflowSubStatus.Cancelled), (tried.Outcome, tried.State.SubStatus));
        var closed = tried.Effects.OfType<CloseTask>().ToArray();
        Assert.Equal(open.Keys.Order(), closed.Select(c => c.TaskId).Order());
        Assert.All(closed, c => Assert.Equal((TaskEnd.Cancelled, "withdrawn"), (c.End, c.Reason)));
        Assert.Empty(tried.State.Bookmarks);
        Assert.Empty(tried.State.Timers);
        Assert.Null(CaseClock.Of(tried.State).StoppedBy);
    }

    private void Resume(string act, OpenTask task, object payload)
    {
        Note(act, $"{task.Stage} {JsonSerializer.Serialize(payload)}");
        if (act is "hand in" or "add signers" or "remove signer")
            Stands(act, task.Stage);
        Advance(new Stimulus.Resume(task.Id, JsonSerializer.SerializeToElement(payload)));
    }

    private void Advance(Stimulus stimulus)
    {
        var before = process.Stages.Where(IsOpen).ToArray();
        var result = Interpreter.Advance(process.Workflow, state, stimulus, now);
        Assert.Equal(StepOutcome.Applied, result.Outcome);
        Assert.Empty(result.State.Incidents.Select(i => i.Message));
        state = StateSerializer.Read(StateSerializer.Write(result.State));
        journal.AddRange(result.Journal);
        foreach (var ended in before.Where(s => result.Journal.Any(j => j.ActivityId == $"s{s}" && j.Event is "Completed" or "Canceled")))
            EndClock(ended, result.Journal.Last(j => j.ActivityId == $"s{ended}" && j.Event is "Completed" or "Canceled"));
        foreach (var effect in result.Effects)
            if (effect is OpenTask opened)
            {
                Assert.True(open.TryAdd(opened.Id, opened), "A task is opened twice.");
                if (opened.Kind == TaskKinds.Review)
                    CheckDue(StageOf(opened.Stage), opened);
            }
            else if (effect is CloseTask close)
            {
                Assert.True(open.Remove(close.TaskId), "A task is closed that isn't open.");
                Assert.True(close.End == TaskEnd.Done || close.Reason is { Length: > 0 }, "A task is closed without a reason.");
            }
        CheckState();
    }

    private void CheckState()
    {
        // What people see is what the process waits for, and no stage runs twice at a time.
        Assert.Equal(state.Bookmarks.Where(b => b.Kind == BookmarkKinds.Task).Select(b => b.Id).Order(), open.Keys.Order());
        Assert.Equal(state.Executions.Count, state.Executions.Select(e => e.ActivityId).Distinct().Count());
        foreach (var (first, second) in from a in process.Stages where IsOpen(a) from b in process.Stages where IsOpen(b) && process.Before.Contains((a, b)) select (a, b))
            Assert.Fail($"s{second} is open while s{first}, which comes before it, is.");
        // The case's clock stands still exactly while something lies with the applicant.
        Assert.Equal(open.Values.Count(t => t.Kind == TaskKinds.Supplement), CaseClock.Of(state).Pauses.Count(p => p.Until is null));
        Assert.All(CaseClock.Of(state).Pauses, p => Assert.True(p.Until is null || p.Until >= p.At));
    }

    /// <summary>A stage's limit is counted from when it first began, without the time of its corrections; over when it is decided or given up.</summary>
    private void EndClock(int stage, JournalEntry end)
    {
        var clock = clocks[stage];
        if (end is { Event: "Completed", Outcomes: ["Return"] })
            clocks[stage] = clock with { Pauses = [.. clock.Pauses, (now, null)] };
        else
            clocks.Remove(stage);
        if (end is { Event: "Completed", Outcomes: not ["Return"] })
            done.Add(stage);
    }

    private void CheckDue(int stage, OpenTask opened)
    {
        if (!clocks.TryGetValue(stage, out var clock))
            clock = new StageTime(now, []);
        clock = clocks[stage] = clock with { Pauses = [.. clock.Pauses.Select(p => (p.From, (DateTimeOffset?)(p.To ?? now)))] };
        Assert.Equal(Recount.End(clock.From, RandomProcess.Workdays, clock.Pauses.Select(p => (p.From, p.To!.Value))), opened.Due!.At);
    }

    private HashSet<string> Deciders(int stage) =>
        [.. state.Output["deciders"].GetProperty($"s{stage}").EnumerateArray().Select(u => u.GetString()!)];

    private string Holder(OpenTask task) => holders.GetValueOrDefault(task.Id) ?? task.Assignee ?? $"u{StageOf(task.Stage)}";

    private bool IsOpen(int stage) => state.Executions.Exists(e => e.ActivityId == $"s{stage}");

    private bool IsSeveral(string stage) => state.Executions.Find(e => e.ActivityId == stage) is { } execution && execution.Data?.ContainsKey("board") == true;

    private int Last(string happening, int stage) => journal.FindLastIndex(j => j.Event == happening && j.ActivityId == $"s{stage}");

    private static int StageOf(string activity) => int.Parse(activity.TrimStart('s', 'f', 'i', 'x'), CultureInfo.InvariantCulture);

    private void Note(string act, string about)
    {
        Acts[act] = Acts.GetValueOrDefault(act) + 1;
        trace.Add($"{now:O} {act} {about}");
    }

    private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text);

    /// <summary>An act at a stage; <see cref="Recalled"/>: it can't be taken back, or was.</summary>
    private sealed record Decided(int Stage, Guid Task, string Outcome, string? User, string? Principal, bool Several, StageTime? Clock)
    {
        public bool Recalled { get; set; }

        public string Activity { get; init; } = $"s{Stage}";
    }

    private sealed record StageTime(DateTimeOffset From, IReadOnlyList<(DateTimeOffset From, DateTimeOffset? To)> Pauses);
}
