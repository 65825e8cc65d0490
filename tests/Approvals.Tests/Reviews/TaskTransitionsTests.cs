using Talent.Workflows.Approvals.Reviews;

namespace Talent.Workflows.Approvals.Tests.Reviews;

public sealed class TaskTransitionsTests
{
    // Rows: state; columns: Claim, Release, Reassign, Decide, Recall, Cancel, Supersede.
    private const string Matrix = """
        Open        Claimed    -    Open Done -       Cancelled Superseded
        Claimed     -          Open Open Done -       Cancelled Superseded
        Done        -          -    -    -    Claimed -         -
        Cancelled   -          -    -    -    -       -         -
        Superseded  -          -    -    -    -       -         -
        """;

    [Fact]
    public void Next_WhenAnyPair_ThenAsInTheTable_R_REV_1()
    {
        var rows = Matrix.Split('\n').Select(r => r.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();

        Assert.Equal(Enum.GetNames<TaskState>(), rows.Select(r => r[0]));
        foreach (var row in rows)
        {
            var state = Enum.Parse<TaskState>(row[0]);
            var next = Enum.GetValues<TaskMove>().Select(m => TaskTransitions.Next(state, m)?.ToString() ?? "-");
            Assert.Equal(row[1..].Select(c => c.Trim()), next);
            Assert.Equal(row[4] == "Done", TaskTransitions.IsPending(state));
        }
    }

    [Fact]
    public void DecisionOutcome_WhenAny_ThenItsCodeParsesBack_R_REV_2()
    {
        foreach (var outcome in Enum.GetValues<DecisionOutcome>())
        {
            Assert.True(DecisionWords.TryParse(outcome.Code(), out var parsed));
            Assert.Equal(outcome, parsed);
        }

        Assert.Equal(["通过", "退回补正", "不通过", "不予受理"], Enum.GetValues<DecisionOutcome>().Select(o => o.Zh()));
        Assert.Equal(4, Enum.GetValues<DecisionOutcome>().Select(o => o.En()).Distinct().Count());
        Assert.False(DecisionWords.TryParse("Approve", out _));
        Assert.False(DecisionWords.TryParse(null, out _));
    }
}
