using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Reviews.Signing;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Tests.Reviews;

/// <summary>Random processes, and everything that people may do with a case in any order; after each act the case stands where a simple model says.</summary>
public sealed class ReturnProperties
{
    private static readonly Gen<(int Shape, int Seed)> Runs = Gen.Choose(0, int.MaxValue - 1).SelectMany(shape => Gen.Choose(0, int.MaxValue - 1).Select(seed => (shape, seed)));

    [Fact]
    public void AnyOrderOfAllThatPeopleDo_WhenStagesRunInSeriesSideBySideAndByChoice_ThenNoneIsSkippedAndNoneDoubled_R_REV_2_R_REV_3_R_REV_7() =>
        Property.Holds(Runs, run => new Run(run.Shape, run.Seed).Play());

    private sealed class Run
    {
        private readonly Random random;
        private readonly RandomProcess process;
        private readonly Dictionary<Guid, OpenTask> open = [];
        private readonly HashSet<Guid> added = [];
        private readonly List<string> acts = [];
        private readonly List<JournalEntry> journal = [];
        private CaseModel model;
        private WorkflowState state;
        private DateTimeOffset now = EngineDesk.Local("2026-03-02 09:00");
        private int people;

        /// <summary>The decision made last, while nobody has done anything since.</summary>
        private (int Stage, bool Returned, JournalEntry Completion, CaseModel Before)? last;

        public Run(int shape, int seed)
        {
            random = new Random(seed);
            process = new RandomProcess(shape);
            model = new CaseModel(process);
            state = Interpreter.Create(Guid.Parse("0199d3a0-0000-7000-8000-000000000001"), "v1");
        }

        public void Play()
        {
            Apply(new Stimulus.Start(new Dictionary<string, JsonElement> { [CaseFacts.ApplicantId] = Json("applicant"), [CaseFacts.FiledBy] = Json("applicant") }));
            Check();
            for (var step = 0; state.Status == WorkflowStatus.Running; step++)
            {
                Assert.True(step < 2000, "The process doesn't end.");
                Act(calm: step > 80);
                if (state.SubStatus == WorkflowSubStatus.Cancelled)
                    break;
                Check();
            }
            Assert.Empty(open);
            // Whatever began has ended, once.
            Assert.All(journal.Where(j => j.Event is "Completed" or "Canceled").GroupBy(j => j.ExecutionId), ends => Assert.Single(ends));
            Assert.Empty(journal.Where(j => j.Event == "Started").Select(j => j.ExecutionId).Except(journal.Where(j => j.Event is "Completed" or "Canceled").Select(j => j.ExecutionId)));
            if (state.SubStatus != WorkflowSubStatus.Cancelled && !model.Rejected)
                Assert.Single(journal, j => j is { ActivityId: "last", Event: "Completed" });
        }

        private void Check()
        {
            var told = $"{process}; {string.Join(", ", acts)}";
            Assert.True(model.HasEnded == (state.Status == WorkflowStatus.Finished), $"It {(model.HasEnded ? "should have ended" : "ended too early")}: {told}");
            Assert.True(model.Open().ToHashSet().SetEquals(open.Values.Select(t => t.Stage)), $"Open are {string.Join(" ", open.Values.Select(t => t.Stage))}, not {string.Join(" ", model.Open())}: {told}");
            // What people see is what the process waits for, and no stage runs twice at a time.
            Assert.Equal(state.Bookmarks.Where(b => b.Kind == BookmarkKinds.Task).Select(b => b.Id).Order(), open.Keys.Order());
            Assert.True(state.Executions.Count == state.Executions.Select(e => e.ActivityId).Distinct().Count(), $"A stage runs twice: {told}");
            foreach (var task in open.Values.Where(t => t.Kind == TaskKinds.Review))
                Assert.True(Targets(Stage(task)).SetEquals(task.ReturnTo.Select(t => t.To)), $"{task.Stage} may be returned to {string.Join(" ", task.ReturnTo.Select(t => t.To))}, not to {string.Join(" ", Targets(Stage(task)))}: {told}");
        }

        /// <summary>Where a stage may be returned to by choice.</summary>
        private HashSet<string> Targets(int stage)
        {
            var words = process.Rules[stage].Words;
            var earlier = words.Contains("earlier") ? process.Stages.Where(s => process.IsBefore(s, stage) && WasRun(s)) : words.Contains("previous") ? process.Previous(stage, WasRun) : [];
            return [.. words.Contains("applicant") ? ["applicant"] : Array.Empty<string>(), .. earlier.Select(s => $"s{s}")];
        }

        private bool WasRun(int stage) => journal.Exists(j => j.Event == "Started" && j.ActivityId == $"s{stage}");

        private void Act(bool calm)
        {
            var task = open.Values.OrderBy(t => t.Id).ElementAt(random.Next(open.Count));
            var chosen = calm ? 99 : random.Next(32);
            if (chosen == 0 && last is not null)
            {
                Recall();
                return;
            }
            // A join that doesn't wait for branches that aren't under way lets a move past them; that is what it is for.
            if (chosen == 1 && !process.IsLoose)
            {
                Jump();
                return;
            }
            if (chosen == 2 && state.NextDueAt() is { } due)
            {
                now = due;
                Follow(new Stimulus.TimersDue(), "time");
                return;
            }
            if (chosen == 3 && random.Next(40) == 0)
            {
                Apply(new Stimulus.Cancel("withdrawn"));
                return;
            }
            if (task.Kind == TaskKinds.Supplement)
            {
                (last, _) = (null, Advance(Resume(task.Id, new { @do = "hand-in", user = "applicant" })));
                acts.Add($"{task.Stage} handed in");
                model.HandIn(task.Stage);
                return;
            }
            switch (chosen)
            {
                case 4 or 5 or 6:
                    added.Add(task.Id);
                    Several(task, new { @do = "add-signers", position = ((string[])["Before", "After", "Beside"])[random.Next(3)], users = new[] { $"added{people++}" }, user = UserOf(task) }, "+");
                    break;
                case 7 when AddedBy(task) is { } asker:
                    Several(task, new { @do = "remove-signer", user = asker }, "-");
                    break;
                case 8 when task.Assignee is { } user && HasBoard(task):
                    Follow(new SeatHandedOn(task.Id, user, $"heir{people++}").Stimulus, "handed on");
                    break;
                case 9 when random.Next(6) == 0:
                    Decide(task, "reject", null);
                    break;
                case >= 10 and < 17:
                    Return(task);
                    break;
                default:
                    Decide(task, "approve", null);
                    break;
            }
        }

        private void Return(OpenTask task)
        {
            string[] targets = [.. Targets(Stage(task)).Order(StringComparer.Ordinal)];
            var named = random.Next(4) == 0 || targets.Length == 0 ? null : random.Next(8) == 0 ? "previous" : targets[random.Next(targets.Length)];
            var previous = process.Previous(Stage(task), WasRun).Select(s => $"s{s}").Intersect(targets).ToArray();
            var (known, goes) = named switch
            {
                null when targets.Length == 0 || targets.Contains("applicant") => (true, null),
                null => (targets.Length == 1, targets[0]),
                "previous" => (previous.Length == 1, previous.FirstOrDefault()),
                "applicant" => (true, null),
                _ => (true, named),
            };
            if (known)
            {
                Decide(task, "return", named, goes is null ? null : int.Parse(goes[1..], CultureInfo.InvariantCulture));
                return;
            }
            var refused = Assert.Throws<WorkflowException>(() => Interpreter.Advance(process.Workflow, state, Resume(task.Id, new { outcome = "return", user = UserOf(task), hasOpinion = true, returnTo = named }), now));
            Assert.Equal((ErrorCodes.InvalidRequest, "return_to"), (refused.Code, refused.Facts["reason"]));
        }

        private void Decide(OpenTask task, string outcome, string? returnTo, int? earlier = null)
        {
            var principal = random.Next(8) == 0 ? $"principal{people++}" : null;
            Follow(Resume(task.Id, new { outcome, user = UserOf(task), hasOpinion = true, returnTo, principal }), $"{task.Stage} {outcome} {returnTo}", earlier, added: added.Contains(task.Id) || HasBoard(task));
        }

        private void Several(OpenTask task, object payload, string act) => Follow(Resume(task.Id, payload), $"{task.Stage} {act}", added: true);

        /// <summary>An act by which stages may be decided; which were says the journal, what follows from it the model.</summary>
        private void Follow(Stimulus stimulus, string act, int? earlier = null, bool added = false)
        {
            var before = model.Copy();
            StepResult result;
            try
            {
                result = Advance(stimulus);
            }
            catch (WorkflowException refused) when (refused.Facts.GetValueOrDefault("reason") is "held_up")
            {
                acts.Add($"{act} held up");
                return;
            }
            acts.Add(act);
            var decided = result.Journal.Where(j => j.Event == "Completed" && j.Type == ReviewStage.TypeName).ToArray();
            foreach (var line in decided)
            {
                var stage = int.Parse(line.ActivityId[1..], CultureInfo.InvariantCulture);
                var rule = process.Rules[stage];
                switch (line.Outcomes![0])
                {
                    case "Approve" or "Timeout":
                        model.Approve(stage);
                        break;
                    case "Reject":
                        model.Reject();
                        break;
                    case "Return" when earlier is { } to && rule.Here:
                        model.Ask(stage, to);
                        break;
                    case "Return" when earlier is { } to:
                        model.Return(stage, to, null);
                        break;
                    case "Return":
                        model.Return(stage, rule.Connected, rule.Direct ? null : $"fix{stage}");
                        break;
                    default:
                        Assert.Fail($"{line.ActivityId} left by {line.Outcomes[0]}.");
                        break;
                }
            }
            // Several who sign a stage don't take it back once it is decided; nobody does what the clock decided, or a case that has ended.
            last = stimulus is Stimulus.Resume && !added && decided is [var one] && state.Status == WorkflowStatus.Running
                ? (int.Parse(one.ActivityId[1..], CultureInfo.InvariantCulture), one.Outcomes![0] == "Return", one, before) : null;
        }

        private void Recall()
        {
            var (stage, returned, completion, before) = last!.Value;
            last = null;
            // Whoever had asked the stage isn't there any more when it went back from there without them.
            if (returned && process.IsLoose)
                return;
            if (before.IsAsked(stage) && ReturnWay.BackTo(completion).Length == 0 && !(returned && process.Rules[stage].Here && ReturnWay.ReturnedTo(completion) is not null))
                return;
            if (TryMove(RecallableDecision.MoveBack(process.Workflow, state, $"s{stage}", returned, completion)))
            {
                acts.Add($"s{stage} recalled");
                model = before;
            }
        }

        private void Jump()
        {
            int[] stages = [.. process.Stages.Where(s => !open.Values.Any(t => t.Stage == $"s{s}"))];
            if (stages.Length == 0)
                return;
            last = null;
            var to = stages[random.Next(stages.Length)];
            var leaving = JumpCommands.Leaving(process.Workflow, state, $"s{to}", []);
            var ahead = leaving.Any(l => l == $"s{to}" ? false : Places(l).Any(p => process.IsBefore(p, to)));
            if (TryMove(new Stimulus.MoveTo($"s{to}", "jumped") { Leaving = leaving }))
            {
                acts.Add($"jump to s{to}");
                model.Jump(to, ahead);
            }
        }

        /// <summary>The stage that an activity is, or that a correction comes back to.</summary>
        private IEnumerable<int> Places(string activity) => [activity[0] == 's' ? int.Parse(activity[1..], CultureInfo.InvariantCulture) : process.Rules[int.Parse(activity[3..], CultureInfo.InvariantCulture)].Connected];

        private bool TryMove(Stimulus.MoveTo move)
        {
            try
            {
                Advance(move);
                return true;
            }
            catch (WorkflowException refused) when (refused.Facts.GetValueOrDefault("reason") is "held_up")
            {
                acts.Add($"{move.ActivityId} {move.Reason} held up");
                return false;
            }
        }

        private static int Stage(OpenTask task) => int.Parse(task.Stage.TrimStart('s'), CultureInfo.InvariantCulture);

        private string UserOf(OpenTask task) => SeatOf(task)?.User ?? task.Assignee ?? $"u{Stage(task)}";

        private SignSeat? SeatOf(OpenTask task) => state.Executions.Find(e => e.ActivityId == task.Stage)?.Data?.GetValueOrDefault("board") is { ValueKind: JsonValueKind.Object } board
            ? board.Deserialize<SignBoard>()!.OfTask(task.Id) : null;

        private bool HasBoard(OpenTask task) => SeatOf(task) is not null;

        private string? AddedBy(OpenTask task) => SeatOf(task)?.AddedBy;

        private static Stimulus.Resume Resume(Guid task, object payload) => new(task, JsonSerializer.SerializeToElement(payload));

        private void Apply(Stimulus stimulus) => Advance(stimulus);

        private StepResult Advance(Stimulus stimulus)
        {
            var result = Interpreter.Advance(process.Workflow, state, stimulus, now);
            Assert.Equal(StepOutcome.Applied, result.Outcome);
            Assert.Empty(result.State.Incidents.Select(i => i.Message));
            state = StateSerializer.Read(StateSerializer.Write(result.State));
            journal.AddRange(result.Journal);
            foreach (var effect in result.Effects)
                if (effect is OpenTask opened)
                    Assert.True(open.TryAdd(opened.Id, opened), "A task is opened twice.");
                else if (effect is CloseTask close)
                {
                    Assert.True(open.Remove(close.TaskId), "A task is closed that isn't open.");
                    Assert.True(close.End == TaskEnd.Done || close.Reason is { Length: > 0 }, "A task is closed without a reason.");
                }
            return result;
        }

        private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text);
    }
}
