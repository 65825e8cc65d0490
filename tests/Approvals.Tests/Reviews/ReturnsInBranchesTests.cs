using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Tests.Reviews;

/// <summary>Returns to earlier reviews, in small flows: first, then m and late in one branch beside other in the second, then end.</summary>
public sealed class ReturnsInBranchesTests
{
    private static readonly DateTimeOffset Now = EngineDesk.Local("2026-03-02 09:00");

    private readonly List<OpenTask> open = [];
    private readonly List<(string Stage, string? Reason)> cancelled = [];
    private ExecutableWorkflow workflow = null!;
    private WorkflowState state = null!;
    private string join = "WaitAll";

    private string Open => string.Join(" ", open.Select(t => t.Stage).Order(StringComparer.Ordinal));

    [Fact]
    public void Here_WhenTheAskedApproves_ThenTheReturnerBeginsAnewAndTheJoinGetsOneTokenOfEach_R_REV_3()
    {
        Begin(here: true);
        Approve("first");
        Approve("m");

        Return("late", "first");
        Assert.Equal("first other", Open);
        Approve("other");
        Assert.Equal("first", Open);
        Approve("first");
        Assert.Equal("late", Open);
        Approve("late");

        Assert.Equal("end", Open);
        Assert.Empty(cancelled);
    }

    [Fact]
    public void Again_WhenTheEarlierReviewIsBeforeTheFork_ThenAllRunsAgainFromThere_R_REV_3()
    {
        Begin(here: false);
        Approve("first");
        Approve("m");

        Return("late", "first");

        Assert.Equal("first", Open);
        Assert.Equal(("other", "Moved to 'first'."), Assert.Single(cancelled));
        Approve("first");
        Assert.Equal("m other", Open);
    }

    [Fact]
    public void Here_WhenTheAskedAsksAStillEarlierOne_ThenItComesBackStepByStep_R_REV_3()
    {
        Begin(here: true);
        Approve("first");
        Approve("m");

        Return("late", "m");
        Return("m", "first");
        Assert.Equal("first other", Open);
        Approve("first");
        Assert.Equal("m other", Open);
        Approve("m");

        Assert.Equal("late other", Open);
    }

    [Fact]
    public void Here_WhenTwoBranchesAskTheSame_ThenItIsAskedOnceAndBothBeginAgain_R_REV_3()
    {
        Begin(here: true);
        Approve("first");
        Approve("m");

        Return("late", "first");
        Return("other", "first");
        Assert.Equal("first", Open);
        Approve("first");

        Assert.Equal("late other", Open);
    }

    [Fact]
    public void Here_WhenTheAskedReturnsToTheApplicant_ThenAllAfterItIsTakenBackWithTheReason_R_REV_3()
    {
        Begin(here: true);
        Approve("first");
        Approve("m");
        Return("late", "first");

        Return("first", "applicant");

        Assert.Equal("fix", Open);
        Assert.Equal("other", Assert.Single(cancelled).Stage);
        Resume("fix", new { @do = "hand-in", user = "applicant" });
        Approve("first");
        Assert.Equal("m other", Open);
    }

    [Fact]
    public void Here_WhenAnotherBranchReturnsTheCaseBeforeTheFork_ThenWhatWasAskedEndsWithTheReason_R_REV_2()
    {
        Begin(here: true);
        Approve("first");
        Approve("m");
        Return("late", "m");

        Return("other", "applicant");

        Assert.Equal("fix", Open);
        Assert.Equal("m", Assert.Single(cancelled).Stage);
        Assert.False(string.IsNullOrEmpty(cancelled[0].Reason));
    }

    [Fact]
    public void Here_WhenAnAdministratorCancelsTheAsked_ThenTheReturnerHasTheCase_R_REV_3()
    {
        Begin(here: true);
        Approve("first");
        Approve("m");
        Return("late", "first");

        Advance(new Stimulus.Alter([new Alteration.CancelActivity("first", null)]));

        Assert.Equal("late other", Open);
    }

    [Fact]
    public void Return_WhenItsConnectionLeadsIntoItsOwnBranch_ThenTheOtherBranchIsLeftAlone_R_REV_2()
    {
        Begin(here: false, ("late", "Return", "m"));
        Approve("first");
        Approve("m");

        Return("late", null);

        Assert.Equal("m other", Open);
        Approve("m");
        Approve("late");
        Approve("other");
        Assert.Equal("end", Open);
    }

    [Fact]
    public void Jump_WhenItPassesAStageThatWaitsForItsCorrection_ThenTheCorrectionEnds_R_REV_7()
    {
        Begin(here: false, ("m", "Return", "fix-m"), ("fix-m", "Done", "m"));
        Approve("first");
        Return("m", "applicant");
        Assert.Equal("fix-m other", Open);

        Advance(new Stimulus.MoveTo("late", "jumped") { Leaving = JumpCommands.Leaving(workflow, state, "late", []) });

        Assert.Equal("late other", Open);
        Assert.Equal(("fix-m", "jumped"), Assert.Single(cancelled));
    }

    [Fact]
    public void Jump_WhenItGoesBackIntoOneBranchOverTheJoin_ThenTheOtherStaysDone_R_REV_7()
    {
        Begin(here: false);
        foreach (var stage in (string[])["first", "m", "late", "other"])
            Approve(stage);

        Advance(new Stimulus.MoveTo("late", "jumped") { Leaving = JumpCommands.Leaving(workflow, state, "late", []) });

        Assert.Equal("late", Open);
        Approve("late");
        Assert.Equal("end", Open);
    }

    [Fact]
    public void Join_WhenABranchWaitsForItsCorrection_ThenTheBranchIsWaitedFor_R_REV_3()
    {
        join = "WaitAllActive";
        Begin(here: false, ("m", "Return", "fix-m"), ("fix-m", "Done", "m"));
        Approve("first");
        Return("m", "applicant");

        Approve("other");

        Assert.Equal("fix-m", Open);
        Resume("fix-m", new { @do = "hand-in", user = "applicant" });
        Approve("m");
        Approve("late");
        Assert.Equal("end", Open);
    }

    [Fact]
    public void Move_WhenACorrectionAfterTheJoinLeadsIntoTheBranch_ThenWhatComesNextInTheBranchIsTakenBack_R_REV_2()
    {
        Begin(here: false, ("end", "Return", "fix-m"), ("fix-m", "Done", "late"));
        Approve("first");
        Approve("m");

        Advance(new Stimulus.MoveTo("m", "recalled"));

        Assert.Equal("m other", Open);
        Assert.Equal(("late", "recalled"), Assert.Single(cancelled));
    }

    [Fact]
    public void Move_WhenAnotherBranchWaitsForItsCorrection_ThenTheCorrectionGoesOnAndItsStageIsntSkipped_R_REV_3()
    {
        Begin(here: false, ("end", "Return", "fix-m"), ("fix-m", "Done", "late"));
        foreach (var stage in (string[])["first", "m", "late", "other"])
            Approve(stage);
        Return("end", "applicant");
        Assert.Equal("fix-m", Open);

        Advance(new Stimulus.MoveTo("other", "jumped") { Leaving = JumpCommands.Leaving(workflow, state, "other", []) });

        Assert.Equal("fix-m other", Open);
        Approve("other");
        Resume("fix-m", new { @do = "hand-in", user = "applicant" });
        Assert.Equal("late", Open);
        Approve("late");
        Assert.Equal("end", Open);
    }

    private void Begin(bool here, params (string From, string Port, string To)[] returns)
    {
        var (activities, connections) = (new JsonArray(), new JsonArray());
        (string From, string Port, string To)[] edges =
        [
            ("start", "Done", "first"), ("first", "Approve", "fork"), ("fork", "Done", "m"), ("m", "Approve", "late"), ("late", "Approve", "join"),
            ("fork", "Done", "other"), ("other", "Approve", "join"), ("join", "Done", "end"),
            .. returns, .. ((string[])["first", "m", "late", "other"]).Where(s => returns.All(r => r.From != s)).Select(s => (s, "Return", "fix")), ("fix", "Done", "first"),
        ];
        foreach (var id in edges.SelectMany(e => (string[])[e.From, e.To]).Distinct())
            activities.Add(id switch
            {
                "start" => Node(id, "Elsa.Start"),
                "fork" => Node(id, "Elsa.WriteLine", ("text", "Literal", "fork")),
                "join" => Node(id, "Elsa.FlowJoin", ("mode", "Literal", join)),
                "fix" or "fix-m" => Node(id, "Talent.Supplement", ("stageName", "Literal", "补正")),
                _ => Node(id, "Talent.ReviewStage", ("stageName", "Literal", id), ("role", "Literal", "reviewer"), ("returnTo", "Object", """["applicant", "earlier"]"""), ("afterReturn", "Literal", here ? "here" : "again")),
            });
        foreach (var (from, port, to) in edges)
            connections.Add(new JsonObject { ["source"] = new JsonObject { ["activity"] = from, ["port"] = port }, ["target"] = new JsonObject { ["activity"] = to, ["port"] = "In" } });
        workflow = ExecutableWorkflow.Compile(DefinitionReader.Read(new JsonObject
        {
            ["definitionId"] = "branches", ["version"] = 1, ["variables"] = new JsonArray(),
            ["root"] = new JsonObject { ["id"] = "chart", ["type"] = "Elsa.Flowchart", ["version"] = 1, ["activities"] = activities, ["connections"] = connections },
        }.ToJsonString()), PoliticalWorkTitleDefinitionTests.Catalog);
        state = Interpreter.Create(Guid.Parse("0199d3a0-0000-7000-8000-000000000001"), "v1");
        Advance(new Stimulus.Start(new Dictionary<string, JsonElement>
        {
            [CaseFacts.ApplicantId] = JsonSerializer.SerializeToElement("applicant"), [CaseFacts.FiledBy] = JsonSerializer.SerializeToElement("applicant"),
        }));

        static JsonObject Node(string id, string type, params (string Name, string Type, string Value)[] inputs)
        {
            var node = new JsonObject { ["id"] = id, ["type"] = type, ["version"] = 1 };
            foreach (var (name, expression, value) in inputs)
                node[name] = new JsonObject { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = expression, ["value"] = value } };
            return node;
        }
    }

    private void Approve(string stage) => Resume(stage, new { outcome = "approve", user = "reviewer", hasOpinion = true });

    private void Return(string stage, string? to) => Resume(stage, new { outcome = "return", user = "reviewer", hasOpinion = true, returnTo = to });

    private void Resume(string stage, object payload) => Advance(new Stimulus.Resume(Assert.Single(open, t => t.Stage == stage).Id, JsonSerializer.SerializeToElement(payload)));

    private void Advance(Stimulus stimulus)
    {
        var result = Interpreter.Advance(workflow, state, stimulus, Now);
        Assert.Equal(StepOutcome.Applied, result.Outcome);
        Assert.Empty(result.State.Incidents.Select(i => i.Message));
        state = StateSerializer.Read(StateSerializer.Write(result.State));
        foreach (var effect in result.Effects)
            switch (effect)
            {
                case OpenTask opened:
                    open.Add(opened);
                    break;
                case CloseTask close:
                    var task = Assert.Single(open, t => t.Id == close.TaskId);
                    open.Remove(task);
                    if (close.End == TaskEnd.Cancelled)
                        cancelled.Add((task.Stage, close.Reason));
                    break;
            }
    }
}
