using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

/// <summary>Random flows of reviews in series and in parallel; people decide in any order and take decisions back while nothing has followed.</summary>
public sealed class RecallProperties
{
    private static readonly DateTimeOffset Now = new(2026, 9, 21, 1, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Recall_WhenTakenBackAtRandom_ThenNoReviewIsSkippedAndNoneIsDoubled_R_REV_7() => Property.Holds(Gen.Choose(0, int.MaxValue - 1), seed =>
    {
        var random = new Random(seed);
        var (definition, stages) = Flow(random);
        var workflow = ExecutableWorkflow.Compile(definition, PoliticalWorkTitleDefinitionTests.Catalog);
        var state = Interpreter.Create(new Guid(seed, 1, 2, new byte[8]), "v1");
        var open = new Dictionary<Guid, string>();
        var acts = new List<(string Stage, bool Decides)>();
        Apply(new Stimulus.Start(new Dictionary<string, JsonElement>()));
        for (var i = 0; state.Status != WorkflowStatus.Finished; i++)
        {
            Assert.True(i < 500, "The flow doesn't end.");
            Assert.Equal(open.Count, open.Values.Distinct().Count());
            Assert.Equal(state.Bookmarks.Select(b => b.Id).Order(), open.Keys.Order());
            var standing = acts.Select((a, at) => (a.Stage, At: at)).Where(a => acts[a.At].Decides && !acts.Skip(a.At + 1).Any(l => l.Stage == a.Stage && !l.Decides)).ToArray();
            var recallable = standing.Where(s => new Following(workflow, s.Stage) is var following && !acts.Skip(s.At + 1).Any(l => following.Holds(l.Stage))).Select(s => s.Stage).ToArray();
            if (i < 60 && recallable.Length > 0 && random.Next(3) == 0)
            {
                var stage = recallable[random.Next(recallable.Length)];
                Apply(new Stimulus.MoveTo(stage, "recalled"));
                acts.Add((stage, false));
                Assert.Contains(stage, open.Values);
                continue;
            }
            var task = open.ElementAt(random.Next(open.Count));
            Apply(new Stimulus.Resume(task.Key, JsonSerializer.SerializeToElement(new { outcome = "approve", user = "reviewer", hasOpinion = true })));
            acts.Add((task.Value, true));
        }

        // What stands in the end: every review decided once.
        Assert.All(stages, stage => Assert.Equal(1, acts.Count(a => a.Stage == stage && a.Decides) - acts.Count(a => a.Stage == stage && !a.Decides)));
        Assert.Empty(open);

        void Apply(Stimulus stimulus)
        {
            var result = Interpreter.Advance(workflow, state, stimulus, Now);
            Assert.Equal(StepOutcome.Applied, result.Outcome);
            Assert.Empty(result.State.Incidents.Select(x => x.Message));
            state = StateSerializer.Read(StateSerializer.Write(result.State));
            foreach (var effect in result.Effects)
                if (effect is OpenTask opened)
                    open.Add(opened.Id, opened.Stage);
                else if (effect is CloseTask closed)
                    open.Remove(closed.TaskId);
        }
    });

    [Fact]
    public void Jump_WhenItGoesAheadAtRandom_ThenNoReviewIsOpenTwiceAndTheFlowReachesItsEnd_R_REV_7() => Property.Holds(Gen.Choose(0, int.MaxValue - 1), seed =>
    {
        var random = new Random(seed);
        var (definition, stages) = Flow(random);
        var workflow = ExecutableWorkflow.Compile(definition, PoliticalWorkTitleDefinitionTests.Catalog);
        var graph = workflow.Activity("chart").GraphFrom(null);
        var state = Interpreter.Create(new Guid(seed, 1, 2, new byte[8]), "v1");
        var (decided, journal) = (new List<string>(), new List<JournalEntry>());
        state = Interpreter.Advance(workflow, state, new Stimulus.Start(new Dictionary<string, JsonElement>()), Now).State;
        for (var i = 0; state.Status != WorkflowStatus.Finished; i++)
        {
            Assert.True(i < 500, "The flow doesn't end.");
            var open = state.Bookmarks.Select(b => b.ActivityId).ToArray();
            Assert.Equal(open.Length, open.Distinct().Count());
            Assert.Empty(open.Intersect(decided));
            var ahead = stages.Where(s => graph.ForwardAncestors(s).Overlaps(open)).ToArray();
            Stimulus next = ahead.Length > 0 && random.Next(4) == 0 && ahead[random.Next(ahead.Length)] is { } to
                ? new Stimulus.MoveTo(to, "jumped") { Leaving = [.. open.Intersect(graph.ForwardAncestors(to))] }
                : new Stimulus.Resume(state.Bookmarks[random.Next(open.Length)].Id, JsonSerializer.SerializeToElement(new { outcome = "approve", user = "reviewer", hasOpinion = true }));
            if (next is Stimulus.Resume resumed)
                decided.Add(state.Bookmarks.Find(b => b.Id == resumed.BookmarkId)!.ActivityId);
            try
            {
                var result = Interpreter.Advance(workflow, state, next, Now);
                Assert.Equal(StepOutcome.Applied, result.Outcome);
                Assert.Empty(result.State.Incidents.Select(x => x.Message));
                journal.AddRange(result.Journal);
                state = result.State;
            }
            catch (WorkflowException refused) when (next is Stimulus.MoveTo && refused.Facts.GetValueOrDefault("reason") is "held_up")
            {
                // Into one branch of several, whose others would never come: nothing has changed.
            }
        }
        Assert.Equal(decided.Count, decided.Distinct().Count());
        Assert.Contains(journal, line => line is { ActivityId: "end", Event: "Completed" });
    });

    private static (WorkflowDefinition Definition, IReadOnlyList<string> Stages) Flow(Random random)
    {
        var (flow, stages) = (new FlowBuilder(), new List<string>());
        flow.Add("start", "Elsa.Start");
        var (last, port) = Draw("start", "Done", 3);
        flow.Add("end", "Elsa.End");
        flow.Connect(last, port, "end");
        return (DefinitionReader.Read(flow.Definition()), stages);

        (string Id, string Port) Draw(string from, string by, int depth)
        {
            if (depth == 0 || random.Next(4) == 0)
            {
                var id = $"review-{stages.Count}";
                stages.Add(id);
                flow.Add(id, "Talent.ReviewStage", ("stageName", "Literal", "审核"), ("role", "Literal", "employer.reviewer"), ("tellApplicant", "Literal", false));
                flow.Connect(from, by, id);
                return (id, "Approve");
            }
            var parts = random.Next(2, 4);
            if (random.Next(2) == 0)
                return Enumerable.Range(0, parts).Aggregate((Id: from, Port: by), (end, _) => Draw(end.Id, end.Port, depth - 1));
            var number = flow.Count;
            flow.Add($"fork-{number}", "Elsa.FlowFork", ("branches", "Object", $"[{string.Join(',', Enumerable.Range(0, parts).Select(i => $"\"b{i}\""))}]"));
            flow.Connect(from, by, $"fork-{number}");
            flow.Add($"join-{number}", "Elsa.FlowJoin", ("mode", "Literal", "WaitAll"));
            for (var i = 0; i < parts; i++)
                if (Draw($"fork-{number}", $"b{i}", depth - 1) is var (end, at))
                    flow.Connect(end, at, $"join-{number}");
            return ($"join-{number}", "Done");
        }
    }
}
