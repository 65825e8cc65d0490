using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Tests.Reviews;

/// <summary>Random services of stages one after the other and side by side, and everything that people may do with them in any order.</summary>
public sealed class ReturnProperties
{
    private static readonly Gen<(int Shape, int Seed)> Runs = Gen.Choose(0, int.MaxValue - 1).SelectMany(shape => Gen.Choose(0, int.MaxValue - 1).Select(seed => (shape, seed)));

    [Fact]
    public void AnyOrderOfApprovalsReturnsSignersAndTimeouts_WhenStagesRunSideBySide_ThenNoneIsSkippedAndNoneDoubled_R_REV_2_R_REV_3() =>
        Property.Holds(Runs, run => new Run(run.Shape, run.Seed).Play());

    /// <summary>Stages by number; series and parallel parts.</summary>
    private abstract record Part
    {
        public sealed record Stage(int Number) : Part;
        public sealed record Series(IReadOnlyList<Part> Parts) : Part;
        public sealed record Parallel(int Number, IReadOnlyList<Part> Branches) : Part;

        public IEnumerable<int> Stages() => this switch
        {
            Stage stage => [stage.Number],
            Series series => series.Parts.SelectMany(p => p.Stages()),
            Parallel parallel => parallel.Branches.SelectMany(b => b.Stages()),
            _ => [],
        };

        public IEnumerable<(int First, int Second)> Order() => this switch
        {
            Series series => series.Parts.SelectMany((part, i) => part.Order().Concat(
                from first in series.Parts.Take(i).SelectMany(p => p.Stages()) from second in part.Stages() select (first, second))),
            Parallel parallel => parallel.Branches.SelectMany(b => b.Order()),
            _ => [],
        };

        public static Part Random(Random random, int depth, ref int number)
        {
            if (depth == 0 || random.Next(4) == 0)
                return new Stage(number++);
            var parts = new List<Part>();
            for (var left = random.Next(2, 4); left > 0; left--)
                parts.Add(Random(random, depth - 1, ref number));
            return random.Next(2) == 0 ? new Series(parts) : new Parallel(number++, parts);
        }
    }

    private sealed class Run
    {
        private readonly Random random;
        private readonly Part process;
        private readonly HashSet<(int First, int Second)> before;
        private readonly Dictionary<int, int> target = [];
        private readonly JsonArray activities = [], connections = [];
        private readonly Dictionary<Guid, OpenTask> open = [];
        private readonly List<JournalEntry> journal = [];
        private readonly List<int> returnedTo = [];
        private readonly ExecutableWorkflow workflow;
        private WorkflowState state;
        private DateTimeOffset now = EngineDesk.Local("2026-03-02 09:00");
        private int added;

        public Run(int shape, int seed)
        {
            random = new Random(seed);
            var numbers = 0;
            process = Part.Random(new Random(shape), 3, ref numbers);
            before = [.. process.Order()];
            foreach (var stage in process.Stages())
            {
                int[] earlier = [.. process.Stages().Where(s => s == stage || before.Contains((s, stage)))];
                target[stage] = earlier[random.Next(earlier.Length)];
            }
            Add("start", "Elsa.Start");
            var (id, ports) = Draw(process, "start", ["Done"]);
            Add("last", "Elsa.WriteLine", ("text", "Literal", "last"));
            foreach (var port in ports)
                Connect(id, port, "last");
            foreach (var stage in process.Stages())
            {
                Add($"fix{stage}", "Talent.Supplement", ("stageName", "Literal", "补正"));
                Connect($"s{stage}", "Return", $"fix{stage}");
                Connect($"fix{stage}", "Done", $"s{target[stage]}");
            }
            var definition = DefinitionReader.Read(JsonSerializer.SerializeToUtf8Bytes(new JsonObject
            {
                ["definitionId"] = "random", ["version"] = 1, ["variables"] = new JsonArray(),
                ["root"] = new JsonObject { ["id"] = "chart", ["type"] = "Elsa.Flowchart", ["version"] = 1, ["activities"] = activities, ["connections"] = connections },
            }));
            workflow = ExecutableWorkflow.Compile(definition, PoliticalWorkTitleDefinitionTests.Catalog);
            state = Interpreter.Create(Guid.Parse("0199d3a0-0000-7000-8000-000000000001"), "v1");
        }

        public void Play()
        {
            Advance(new Stimulus.Start(new Dictionary<string, JsonElement> { [CaseFacts.ApplicantId] = Json("applicant"), [CaseFacts.FiledBy] = Json("applicant") }));
            for (var step = 0; state.Status == WorkflowStatus.Running; step++)
            {
                Assert.True(step < 2000, "The process doesn't end.");
                Act(calm: step > 60);
            }
            Assert.Empty(open);
            if (state.SubStatus == WorkflowSubStatus.Cancelled)
                return;
            Assert.True(journal.Exists(j => j is { ActivityId: "last", Event: "Completed" }), $"It ended without reaching its end: {Shape(process)}; returns {string.Join(", ", target.Select(t => $"{t.Key}→{t.Value}"))}; {string.Join(" ", journal.Where(j => j.Event is "Completed" or "Canceled").Select(j => $"{j.ActivityId}{(j.Event == "Canceled" ? "✗" : "")}{(j.Outcomes is null ? "" : $":{j.Outcomes[0]}")}"))}");
            foreach (var (first, second) in before)
                Assert.True(Last("Completed", first) < Last("Started", second), $"s{second} began before s{first} was done.");
            // Each return may have repeated its target and what comes after it, nothing else.
            foreach (var stage in process.Stages())
                Assert.InRange(state.Visits[$"s{stage}"], 1, 1 + returnedTo.Count(to => to == stage || before.Contains((to, stage))));
        }

        private static string Shape(Part part) => part switch
        {
            Part.Series series => $"[{string.Join(" ", series.Parts.Select(Shape))}]",
            Part.Parallel parallel => $"({string.Join(" | ", parallel.Branches.Select(Shape))})",
            Part.Stage stage => $"s{stage.Number}",
            _ => "",
        };

        private void Act(bool calm)
        {
            var task = open.Values.OrderBy(t => t.Id).ElementAt(random.Next(open.Count));
            var stage = int.Parse(task.Stage.TrimStart('s', 'f', 'i', 'x'), System.Globalization.CultureInfo.InvariantCulture);
            if (task.Kind == TaskKinds.Supplement)
            {
                Resume(task.Id, new { @do = "hand-in", user = "applicant" });
                return;
            }
            switch (calm ? 9 : random.Next(20))
            {
                case 0 or 1:
                    returnedTo.Add(target[stage]);
                    Resume(task.Id, new { outcome = "return", user = task.Assignee ?? $"u{stage}", hasOpinion = true });
                    break;
                case 2 or 3:
                    Resume(task.Id, new { @do = "add-signers", position = ((string[])["Before", "After", "Beside"])[random.Next(3)], users = new[] { $"added{added++}" }, user = task.Assignee ?? $"u{stage}" });
                    break;
                case 4 when state.NextDueAt() is { } due:
                    now = due;
                    Advance(new Stimulus.TimersDue());
                    break;
                case 5 when random.Next(30) == 0:
                    Advance(new Stimulus.Cancel("withdrawn"));
                    break;
                default:
                    Resume(task.Id, new { outcome = "approve", user = task.Assignee ?? $"u{stage}", hasOpinion = true });
                    break;
            }
        }

        private void Resume(Guid task, object payload) => Advance(new Stimulus.Resume(task, JsonSerializer.SerializeToElement(payload)));

        private void Advance(Stimulus stimulus)
        {
            var result = Interpreter.Advance(workflow, state, stimulus, now);
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
            // What people see is what the process waits for, and no stage runs twice at a time.
            Assert.Equal(state.Bookmarks.Where(b => b.Kind == BookmarkKinds.Task).Select(b => b.Id).Order(), open.Keys.Order());
            Assert.Equal(state.Executions.Count, state.Executions.Select(e => e.ActivityId).Distinct().Count());
            foreach (var (first, second) in from a in Open() from b in Open() where before.Contains((a, b)) select (a, b))
                Assert.Fail($"s{second} is open while s{first}, which comes before it, is.");
        }

        private IEnumerable<int> Open() => process.Stages().Where(s => state.Executions.Exists(e => e.ActivityId == $"s{s}"));

        private int Last(string happening, int stage) => journal.FindLastIndex(j => j.Event == happening && j.ActivityId == $"s{stage}");

        private (string Id, string[] Ports) Draw(Part part, string from, string[] ports)
        {
            switch (part)
            {
                case Part.Stage { Number: var number }:
                    var timed = random.Next(3) == 0;
                    Add($"s{number}", "Talent.ReviewStage", [("stageName", "Literal", $"环节{number}"), ("role", "Literal", "reviewer"), ("due", "Literal", "5wd"),
                        .. timed ? ((string, string, JsonNode)[])[("mayDecideByRule", "Literal", true), ("ladder", "Object", """[{"at":"+1wd","do":"decide","outcome":"approve"}]""")] : []]);
                    foreach (var port in ports)
                        Connect(from, port, $"s{number}");
                    return ($"s{number}", timed ? ["Approve", "Timeout"] : ["Approve"]);
                case Part.Series series:
                    return series.Parts.Aggregate((Id: from, Ports: ports), (end, next) => Draw(next, end.Id, end.Ports));
                case Part.Parallel parallel:
                    var (fork, join) = ($"fork{parallel.Number}", $"join{parallel.Number}");
                    Add(fork, "Elsa.WriteLine", ("text", "Literal", fork));
                    Add(join, "Elsa.FlowJoin", ("mode", "Literal", "WaitAll"));
                    foreach (var port in ports)
                        Connect(from, port, fork);
                    foreach (var branch in parallel.Branches)
                    {
                        var end = Draw(branch, fork, ["Done"]);
                        // One way into the join for each branch, whichever port it ends by.
                        Add($"end{end.Id}", "Elsa.WriteLine", ("text", "Literal", "end"));
                        foreach (var port in end.Ports)
                            Connect(end.Id, port, $"end{end.Id}");
                        Connect($"end{end.Id}", "Done", join);
                    }
                    return (join, ["Done"]);
                default:
                    throw new InvalidOperationException();
            }
        }

        private void Add(string id, string type, params (string Name, string Type, JsonNode Value)[] inputs)
        {
            var node = new JsonObject { ["id"] = id, ["type"] = type, ["version"] = 1 };
            foreach (var (name, expression, value) in inputs)
                node[name] = new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = expression, ["value"] = value } };
            activities.Add(node);
        }

        private void Connect(string from, string port, string to) => connections.Add(new JsonObject
        {
            ["source"] = new JsonObject { ["activity"] = from, ["port"] = port }, ["target"] = new JsonObject { ["activity"] = to, ["port"] = "In" },
        });

        private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text);
    }
}
