using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Execution;

public sealed class InterpreterTests
{
    private static FlowBuilder TwoWaits() => new FlowBuilder()
        .Add("a", "Elsa.Event", EventName("go")).Add("b", "Elsa.Event", EventName("go"));

    [Fact]
    public void Signal_WhenTwoWaitsHaveTheSameName_ThenOneSignalCompletesOne_MustDoBetter4()
    {
        var instance = new Instance(TwoWaits().Sequence());

        instance.Start();
        Assert.Equal(StepOutcome.Applied, instance.Signal("go"));

        Assert.Equal("b", Assert.Single(instance.State.Bookmarks).ActivityId);
    }

    [Fact]
    public void Signal_WhenNothingWaits_ThenNotExpectedAndNothingChanges_MustDoBetter5()
    {
        var instance = new Instance(TwoWaits().Sequence());
        instance.Start();
        var before = StateSerializer.Write(instance.State);

        Assert.Equal(StepOutcome.NotExpected, instance.Signal("other"));

        Assert.Equal(before, StateSerializer.Write(instance.State));
    }

    [Fact]
    public void Signal_WhenItMayComeEarly_ThenItIsKeptForItsWait_MustDoBetter5()
    {
        var instance = new Instance(new FlowBuilder().Early("late")
            .Add("a", "Elsa.Event", EventName("go")).Add("b", "Elsa.Event", EventName("late")).Sequence());

        instance.Start();
        Assert.Equal(StepOutcome.Waiting, instance.Signal("late", "s-1"));
        Assert.Equal(StepOutcome.Applied, instance.Signal("go"));

        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Signal_WhenTooManyCameEarly_ThenRefused()
    {
        var instance = new Instance(new FlowBuilder().Early("late").Add("a", "Elsa.Event", EventName("go")).Sequence());
        instance.Start();

        for (var i = 0; i < Interpreter.MaxEarlySignals; i++)
            Assert.Equal(StepOutcome.Waiting, instance.Signal("late"));

        Assert.Equal(StepOutcome.TooMany, instance.Signal("late"));
    }

    [Fact]
    public void Resume_WhenTheBookmarkIsGone_ThenSuperseded()
    {
        var instance = new Instance(TwoWaits().Sequence());
        instance.Start();
        var first = Assert.Single(instance.State.Bookmarks).Id;

        Assert.Equal(StepOutcome.Applied, instance.Apply(new Stimulus.Resume(first, default)));
        Assert.Equal(StepOutcome.Superseded, instance.Apply(new Stimulus.Resume(first, default)));
    }

    [Fact]
    public void Activity_WhenItFails_ThenAnIncidentStopsItsBranchAndRetryGoesOn_R_ADM_5()
    {
        var instance = new Instance(new FlowBuilder().Variable("ok", "Boolean", "false")
            .Add("start", "Elsa.Start").Add("bad", "Elsa.WriteLine", ("text", Script("if (!variables.ok) throw new Error('not yet'); 'fine'")))
            .Add("fix", "Elsa.Event", EventName("fix"))
            .Add("set", "Elsa.SetVariable", ("variable", new JsonObject { ["id"] = "v-ok" }), ("value", Literal("true")))
            .Chain("start", "bad").Chain("start", "fix", "set").Flowchart());

        instance.Start();
        var incident = Assert.Single(instance.State.Incidents);
        Assert.Equal(("bad", ErrorCodes.ExpressionFailed, 1), (incident.ActivityId, incident.Code, incident.Attempts));
        Assert.Contains("not yet", incident.Message, StringComparison.Ordinal);
        Assert.Equal(WorkflowSubStatus.Faulted, instance.State.SubStatus);
        instance.Apply(new Stimulus.Retry(null));
        Assert.Equal(2, Assert.Single(instance.State.Incidents).Attempts);
        instance.Signal("fix");
        instance.Apply(new Stimulus.Retry(incident.Id));

        Assert.Equal(["fine"], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Fault_WhenReached_ThenTheIncidentCarriesCodeAndMessage()
    {
        var instance = new Instance(new FlowBuilder().Add("f", "Elsa.Fault", ("code", Literal("quota")), ("message", Literal("No places left."))).Sequence());

        instance.Start();

        Assert.Equal(("quota", "No places left."), instance.State.Incidents.Select(i => (i.Code, i.Message)).Single());
    }

    [Fact]
    public void Script_WhenItFailsAfterSettingAVariable_ThenTheVariableIsAsBefore()
    {
        var instance = new Instance(new FlowBuilder().Variable("n", "Int32", "1")
            .Add("w", "Elsa.WriteLine", ("text", Script("setVariable('n', 5); throw new Error('no')"))).Sequence());

        instance.Start();

        Assert.Equal(1, instance.State.Variables["v-n"].GetInt32());
    }

    [Fact]
    public void Script_WhenItFailsAfterNamingTheInstance_ThenNameAndCorrelationAreAsBefore()
    {
        var instance = new Instance(new FlowBuilder()
            .Add("a", "Elsa.WriteLine", ("text", Script("setCorrelationId('c-1'); setWorkflowInstanceName('first'); return 'ok'")))
            .Add("b", "Elsa.WriteLine", ("text", Script("setCorrelationId('c-2'); setWorkflowInstanceName('second'); throw new Error('no')"))).Sequence());

        instance.Start();

        Assert.Equal("b", Assert.Single(instance.State.Incidents).ActivityId);
        Assert.Equal(("c-1", "first"), (instance.State.CorrelationId, instance.State.Name));
    }

    [Fact]
    public void Output_WhenTheActivityFailsAfterSettingIt_ThenNoScriptSeesIt()
    {
        FailingAfterOutput.Fails = true;
        var instance = new Instance(new FlowBuilder().Add("f", FailingAfterOutput.TypeName)
            .Add("w", "Elsa.WriteLine", ("text", Script("getOutputFrom('f') + ' ' + getLastResult()"))).Sequence(), new FailingAfterOutput());

        instance.Start();
        Assert.Empty(instance.State.Results);
        Assert.Equal(JsonValueKind.Undefined, instance.State.LastResult.ValueKind);
        FailingAfterOutput.Fails = false;
        instance.Apply(new Stimulus.Retry(null));

        Assert.Equal(["7 7"], instance.Lines);
    }

    [Fact]
    public void LastResult_WhenSeveralActivitiesHadOutputs_ThenItIsTheLastOneSet()
    {
        var instance = new Instance(new FlowBuilder()
            .Add("n", "Elsa.WriteLine", ("text", Script("String(getLastResult())")))
            .Add("a", "Elsa.Event", EventName("one")).Add("b", "Elsa.Event", EventName("two"))
            .Add("w", "Elsa.WriteLine", ("text", Script("getLastResult().n + ' after ' + getOutputFrom('a').n"))).Sequence());

        instance.Start();
        instance.Signal("one", payload: new { n = 1 });
        instance.Signal("two", payload: new { n = 2 });

        Assert.Equal(["undefined", "2 after 1"], instance.Lines);
    }

    [Fact]
    public void Switch_WhenACaseAsksForAnEarlierOutput_ThenItIsThere()
    {
        var instance = new Instance(new FlowBuilder()
            .Add("e", "Elsa.Event", EventName("go"))
            .Add("s", "Elsa.FlowSwitch", ("cases", new JsonArray(Case("yes", "getOutputFrom('e').n === 3"))))
            .Add("w", "Elsa.WriteLine", ("text", Literal("matched"))).Connect("e", "s").Connect("s", "w", "yes").Flowchart());

        instance.Start();
        instance.Signal("go", payload: new { n = 3 });

        Assert.Equal(["matched"], instance.Lines);
    }

    private static JsonObject Case(string label, string script) =>
        new() { ["label"] = label, ["condition"] = new JsonObject { ["type"] = "JavaScript", ["value"] = script } };

    [Fact]
    public void Loop_WhenItNeverWaits_ThenTheStepStopsWithAnIncident()
    {
        var instance = new Instance(new FlowBuilder()
            .Add("loop", "Elsa.While", ("condition", Literal(true)), ("body", Activity("w", "Elsa.WriteLine", ("text", Literal("x"))))).Sequence());

        instance.Start();

        Assert.Equal(ErrorCodes.StepBudget, Assert.Single(instance.State.Incidents).Code);
    }

    [Fact]
    public void Script_WhenItNeverEnds_ThenAnIncidentSaysSo()
    {
        var instance = new Instance(new FlowBuilder().Add("w", "Elsa.WriteLine", ("text", Script("while (true) {}"))).Sequence());

        instance.Start();

        Assert.Equal(ErrorCodes.ExpressionFailed, Assert.Single(instance.State.Incidents).Code);
    }

    [Fact]
    public void UnknownActivity_WhenReached_ThenIncidentNamesItsType()
    {
        var instance = new Instance(new FlowBuilder().Add("x", "Acme.Magic").Sequence());

        instance.Start();

        var incident = Assert.Single(instance.State.Incidents);
        Assert.Equal(ErrorCodes.UnknownActivity, incident.Code);
        Assert.Contains("Acme.Magic", incident.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancel_WhenWaiting_ThenNothingIsLeftAndItStaysCancelled()
    {
        var instance = new Instance(TwoWaits().Sequence());
        instance.Start();

        instance.Apply(new Stimulus.Cancel("withdrawn"));

        Assert.Equal((WorkflowStatus.Finished, WorkflowSubStatus.Cancelled), (instance.State.Status, instance.State.SubStatus));
        Assert.Empty(instance.State.Bookmarks);
        Assert.Equal(StepOutcome.Superseded, instance.Signal("go"));
    }

    [Fact]
    public void MoveTo_WhenTheTargetDominatesBothBranches_ThenExactlyThoseAreCancelled()
    {
        var instance = new Instance(new FlowBuilder()
            .Add("start", "Elsa.Start").Add("side", "Elsa.Event", EventName("side"))
            .Add("first", "Elsa.Event", EventName("first")).Add("l", "Elsa.Event", EventName("l")).Add("r", "Elsa.Event", EventName("r"))
            .Add("join", "Elsa.FlowJoin", ("mode", Literal("WaitAll"))).Add("done", "Elsa.WriteLine", ("text", Literal("done")))
            .Chain("start", "side").Chain("start", "first", "l", "join", "done").Chain("first", "r", "join").Flowchart());
        instance.Start();
        instance.Signal("first");
        instance.Signal("l");

        instance.Apply(new Stimulus.MoveTo("first", "wrong file"));

        Assert.Equal(["first", "side"], instance.State.Bookmarks.Select(b => b.ActivityId).Order());
        instance.Signal("first");
        instance.Signal("r");
        Assert.Empty(instance.Lines);
        instance.Signal("l");
        Assert.Equal(["done"], instance.Lines);
    }

    [Theory]
    [InlineData("l", false)]
    [InlineData("r", false)]
    [InlineData("first", true)]
    [InlineData("done", true)]
    public void MoveTo_WhenItGoesIntoOneBranchWhoseOthersNothingLeadsTo_ThenItIsRefusedAndNothingChanges(string target, bool moves)
    {
        var instance = new Instance(new FlowBuilder()
            .Add("start", "Elsa.Start").Add("early", "Elsa.Event", EventName("early"))
            .Add("first", "Elsa.Event", EventName("first")).Add("l", "Elsa.Event", EventName("l")).Add("r", "Elsa.Event", EventName("r"))
            .Add("join", "Elsa.FlowJoin", ("mode", Literal("WaitAll"))).Add("done", "Elsa.Event", EventName("done"))
            .Chain("start", "early", "first", "l", "join", "done").Chain("first", "r", "join").Flowchart());
        instance.Start();
        var before = StateSerializer.Write(instance.State);
        var move = new Stimulus.MoveTo(target, "jumped") { Leaving = ["early"] };

        if (moves)
        {
            Assert.Equal(StepOutcome.Applied, instance.Apply(move));
            Assert.Equal(target, Assert.Single(instance.State.Bookmarks).ActivityId);
            return;
        }
        var refused = Assert.Throws<WorkflowException>(() => instance.Apply(move));
        Assert.Equal((ErrorCodes.WrongState, "held_up", "join"), (refused.Code, refused.Facts["reason"], refused.Facts["join"]));
        Assert.Equal(before, StateSerializer.Write(instance.State));
    }

    [Fact]
    public void Variable_WhenAContainerDeclaresIt_ThenItHidesTheOuterOne()
    {
        var instance = new Instance(new FlowBuilder().Variable("v", "String", "outer")
            .Add("in", "Elsa.Sequence",
                ("variables", new JsonArray(new JsonObject { ["id"] = "v-inner", ["name"] = "v", ["typeName"] = "String", ["value"] = "inner" })),
                ("activities", new JsonArray(Activity("w", "Elsa.WriteLine", ("text", Script("variables.v"))))))
            .Add("out", "Elsa.WriteLine", ("text", Script("getVariable('v')"))).Sequence());

        instance.Start();

        Assert.Equal(["inner", "outer"], instance.Lines);
    }

    [Fact]
    public void Snapshot_WhenItIsOfANewerFormat_ThenRefusedWithAdvice()
    {
        var json = """{"format":99,"instanceId":"01935000-0000-7000-8000-000000000001","definitionVersionId":"v"}"""u8;

        var error = Assert.Throws<InvalidOperationException>(() => StateSerializer.Read("""{"format":99,"instanceId":"01935000-0000-7000-8000-000000000001","definitionVersionId":"v"}"""u8));

        Assert.Contains("newer release", error.Message, StringComparison.Ordinal);
        Assert.NotEqual(0, json.Length);
    }

    [Fact]
    public void NewGuid_WhenTheStepRunsAgain_ThenGivesTheSameIds()
    {
        static string Run()
        {
            var instance = new Instance(new FlowBuilder().Add("w", "Elsa.WriteLine", ("text", Script("newGuid() + ' ' + newGuid() + ' ' + Math.random() + ' ' + Date.now()"))).Sequence());
            instance.Start();
            return instance.Lines.Single();
        }

        var first = Run();

        Assert.Equal(first, Run());
        Assert.NotEqual(first.Split(' ')[0], first.Split(' ')[1]);
    }

    [Fact]
    public void Resume_WhenTheActivityFails_ThenItIsRefusedAndCanBeSentAgain()
    {
        var instance = new Instance(new FlowBuilder().Add("f", FailingOnce.TypeName).Sequence(), new FailingOnce());
        FailingOnce.Fails = true;
        instance.Start();
        var wait = Assert.Single(instance.State.Bookmarks).Id;
        var before = StateSerializer.Write(instance.State);

        var error = Assert.Throws<WorkflowException>(() => instance.Apply(new Stimulus.Resume(wait, default)));

        Assert.Equal(ErrorCodes.ActivityFaulted, error.Code);
        Assert.Contains("told to fail", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("told to fail", error.MessageZh, StringComparison.Ordinal);
        Assert.Equal(before, StateSerializer.Write(instance.State));
        FailingOnce.Fails = false;
        Assert.Equal(StepOutcome.Applied, instance.Apply(new Stimulus.Resume(wait, default)));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void Timer_WhenTheActivityFails_ThenRetryFiresItAgainAndTheWaitIsStillThere()
    {
        var instance = new Instance(new FlowBuilder().Add("f", FailingOnce.TypeName).Sequence(), new FailingOnce());
        FailingOnce.Fails = true;
        instance.Start();
        var wait = Assert.Single(instance.State.Bookmarks).Id;
        instance.Now = Instance.Begin.AddHours(1);

        instance.Apply(new Stimulus.TimersDue());

        Assert.Equal(wait, Assert.Single(instance.State.Bookmarks).Id);
        Assert.Null(instance.State.NextDueAt());
        instance.Apply(new Stimulus.Retry(null));
        Assert.Equal(2, Assert.Single(instance.State.Incidents).Attempts);
        FailingOnce.Fails = false;
        instance.Apply(new Stimulus.Retry(null));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
        Assert.Equal(1, instance.State.Visits["f"]);
    }

    [Fact]
    public void ChildCompleted_WhenTheContainerFails_ThenRetryFollowsTheChildAgain()
    {
        var instance = new Instance(new FlowBuilder().Variable("ok", "Boolean", "true")
            .Add("loop", "Elsa.While", ("condition", Script("if (variables.ok == null) throw new Error('broken'); return variables.ok")),
                ("body", Activity("off", "Elsa.SetVariable", ("variable", new JsonObject { ["id"] = "v-ok" }), ("value", Script("null")))))
            .Sequence());

        instance.Start();

        var incident = Assert.Single(instance.State.Incidents);
        Assert.Equal("off", incident.Call?.Child?.ActivityId);
        instance.Apply(new Stimulus.Retry(null));
        Assert.Equal(2, Assert.Single(instance.State.Incidents).Attempts);
        Assert.Equal(1, instance.State.Visits["off"]);
    }

    private sealed class FailingOnce : Talent.Workflows.Engine.Activities.Activity
    {
        public const string TypeName = "Test.FailingOnce";

        public static bool Fails { get; set; }

        public override Talent.Workflows.Engine.Activities.ActivityDescriptor Descriptor { get; } = new(TypeName, "Test", "Fails", "Fails while told to.");

        protected override void Execute(ActivityContext context)
        {
            context.Wait("Test", null);
            context.WaitUntil(context.Now.AddHours(1));
        }

        protected override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload) => Act(context);

        protected override void TimerDue(ActivityContext context, TimerWait timer) => Act(context);

        private static void Act(ActivityContext context)
        {
            if (Fails)
                throw new InvalidOperationException("told to fail");
            context.Complete();
        }
    }

    private sealed class FailingAfterOutput : Talent.Workflows.Engine.Activities.Activity
    {
        public const string TypeName = "Test.FailingAfterOutput";
        private static readonly Output Result = new("result", "Object", "Result");

        public static bool Fails { get; set; }

        public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Test", "Fails", "Fails after setting its output.") { Outputs = [Result] };

        protected override void Execute(ActivityContext context)
        {
            context.Set(Result, JsonSerializer.SerializeToElement(7));
            if (Fails)
                throw new InvalidOperationException("told to fail");
            context.Complete();
        }
    }
}
