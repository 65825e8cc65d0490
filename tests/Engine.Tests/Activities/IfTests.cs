using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class IfTests
{
    [Theory]
    [InlineData("True", "yes")]
    [InlineData("False", "no")]
    public void If_WhenItHasBothBranches_ThenOneOfThemRuns(string condition, string line)
    {
        var instance = Run(Activity("if", "Elsa.If", ("condition", Literal(condition)), ("then", Line("yes")), ("else", Line("no"))));

        Assert.Equal([line], instance.Lines);
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Theory]
    [InlineData("then", true, true)]
    [InlineData("then", false, false)]
    [InlineData("else", false, true)]
    [InlineData("else", true, false)]
    public void If_WhenItHasOneBranch_ThenItRunsOrNothingDoesAndTheResultIsTheCondition(string branch, bool condition, bool runs)
    {
        var instance = Run(Sequence("root", Activity("if", "Elsa.If", ("condition", Literal(condition)), (branch, Line("branch")), (branch == "then" ? "else" : "then", null)),
            Line("result", "'' + getOutputFrom('if', 'Result')")));

        string[] result = [condition ? "true" : "false"];
        Assert.Equal(runs ? ["branch", .. result] : result, instance.Lines);
    }

    [Fact]
    public void If_WhenNothingIsSet_ThenTheConditionIsFalse() => Assert.Equal(["no"], Run(Activity("if", "Elsa.If", ("then", Line("yes")), ("else", Line("no")))).Lines);

    [Theory]
    [InlineData("nobody.knows", ErrorCodes.ExpressionFailed)]
    [InlineData("'perhaps'", ErrorCodes.InvalidInput)]
    public void If_WhenItsConditionIsNeitherTrueNorFalse_ThenAnIncidentAndNoBranchRuns(string condition, string code)
    {
        var instance = Run(Activity("if", "Elsa.If", ("condition", Script(condition)), ("then", Line("yes")), ("else", Line("no"))));

        Assert.Equal(("if", code), instance.State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());
        Assert.Empty(instance.Lines);
    }

    [Theory]
    [InlineData(true, true, "both")]
    [InlineData(true, false, "outer")]
    [InlineData(false, true, "none")]
    public void If_WhenNested_ThenTheInnerDecidesOnlyInItsBranch(bool outer, bool inner, string line) =>
        Assert.Equal([line], Run(Activity("o", "Elsa.If", ("condition", Literal(outer)), ("then", Activity("i", "Elsa.If", ("condition", Literal(inner)), ("then", Line("both")), ("else", Line("outer")))), ("else", Line("none")))).Lines);

    [Fact]
    public void If_WhenInALoop_ThenEachRoundReadsTheConditionAnew()
    {
        var instance = Run(Twice(Activity("if", "Elsa.If", ("condition", Script("variables.CurrentValue === 2")), ("then", Line("two")), ("else", Line("one")))));

        Assert.Equal(["one", "two"], instance.Lines);
    }

    [Fact]
    public void If_WhenCancelledWhileItsBranchWaits_ThenBothAre()
    {
        var instance = Run(If("if", "true", Wait("go")));

        instance.Apply(new Stimulus.Cancel("not needed"));

        Assert.Equal(["Canceled go", "Canceled if"], instance.Entries().TakeLast(2));
        Assert.Empty(instance.State.Bookmarks);
    }
}
