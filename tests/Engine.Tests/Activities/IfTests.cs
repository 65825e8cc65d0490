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
}
