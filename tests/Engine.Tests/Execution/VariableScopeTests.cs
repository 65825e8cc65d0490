using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Execution;

public sealed class VariableScopeTests
{
    private static JsonObject Scope(string id, string variable, string? value, params JsonNode[] activities)
    {
        var json = Sequence(id, activities);
        json["variables"] = new JsonArray(new JsonObject { ["id"] = $"{id}-{variable}", ["name"] = variable, ["typeName"] = "String", ["value"] = value });
        return json;
    }

    private static JsonObject Set(string id, string variable, string script) => Activity(id, "Elsa.SetVariable", ("variable", new JsonObject { ["name"] = variable }), ("value", Script(script)));

    [Fact]
    public void Variable_WhenAnInnerContainerDeclaresTheName_ThenItHidesTheOuterInsideOnly()
    {
        var instance = Run(Scope("outer", "x", "o", Line("1", "variables.x"),
            Scope("inner", "x", "i", Line("2", "getX()"), Set("set", "x", "'changed'"), Line("3", "getVariable('x')")), Line("4", "variables.x")), new FlowBuilder().Variable("x", "String", "w"));

        Assert.Equal(["o", "i", "changed", "o"], instance.Lines);
        Assert.Equal("w", instance.State.Variables["v-x"].GetString());
    }

    [Fact]
    public void Variable_WhenHidden_ThenItsIdStillReachesIt()
    {
        var instance = Run(Scope("outer", "x", "o", Scope("inner", "x", "i", Line("1", "getVariable('outer-x')"), Activity("2", "Elsa.WriteLine", ("text", Expression("Variable", """{"id":"outer-x","name":"x"}"""))))));

        Assert.Equal(["o", "o"], instance.Lines);
    }

    [Fact]
    public void Variable_WhenItsContainerRunsAgain_ThenItBeginsAnew()
    {
        var instance = Run(Activity("each", "Elsa.ForEach", ("items", Script("[1, 2]")), ("body",
            Scope("s", "seen", null, Line("before", "String(variables.seen)"), Set("set", "seen", "'' + variables.CurrentValue"), Wait("go"), Line("after", "variables.seen")))));

        instance.Signal("go");
        instance.Signal("go");

        Assert.Equal(["undefined", "1", "undefined", "2"], instance.Lines);
    }

    [Fact]
    public void Variable_WhenItsContainerRunsSeveralTimesAtOnce_ThenEachRunHasItsOwn()
    {
        var instance = Run(Activity("all", "Elsa.ParallelForEach", ("items", Script("['a', 'b']")), ("body",
            Scope("s", "mine", null, Set("set", "mine", "variables.CurrentValue"), Wait("go"), Line("line", "variables.mine + Object.keys(variables)")))));

        instance.Signal("go");
        instance.Signal("go");

        Assert.Equal(["amine,CurrentIndex,CurrentValue", "bmine,CurrentIndex,CurrentValue"], instance.Lines);
    }

    [Fact]
    public void Variable_WhenOnlyAnotherContainerDeclaresIt_ThenItIsNotThere()
    {
        var instance = Run(Sequence("root", Scope("a", "x", "1", Line("in", "variables.x")), Line("out", "String(variables.x) + typeof getVariable('x')"), Set("set", "x", "1")));

        Assert.Equal(["1", "undefinedundefined"], instance.Lines);
        Assert.Equal(("set", ErrorCodes.InvalidInput), instance.State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());
    }

    [Fact]
    public void Output_WhenBoundToAVariableOfAContainer_ThenThatRunOfItGetsIt()
    {
        var wait = Wait("go");
        wait["result"] = new JsonObject { ["memoryReference"] = new JsonObject { ["id"] = "s-got" } };
        var instance = Run(Sequence("root", Scope("s", "got", null, wait, Line("line", "variables.got"))), new FlowBuilder().Variable("got", "String", "outer"));

        instance.Signal("go", payload: "inner");

        Assert.Equal(["inner"], instance.Lines);
        Assert.Equal("outer", instance.State.Variables["v-got"].GetString());
    }

    [Fact]
    public void Output_WhenAnActivityRunsAgain_ThenScriptsSeeTheLast()
    {
        var instance = Run(Activity("each", "Elsa.ForEach", ("items", Script("[1, 2]")), ("body", Sequence("s", Wait("go"), Line("line", "`${getOutputFrom('go')} ${getLastResult()}`")))));

        instance.Signal("go", payload: "a");
        instance.Signal("go", payload: "b");

        Assert.Equal(["a a", "b b"], instance.Lines);
    }
}
