using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Tests.Cases;

public sealed class CaseStatusTests
{
    // Rows: from; columns: to, in the order of the enum. x: allowed.
    private const string Matrix = """
        Draft       .xx........x
        Submitted   ..xx...xxxxx
        InReview    ..xxxxxxxxxx
        Supplement  .xx.xx..xxxx
        Materials   ..x.....xx.x
        Panel       ..xx.xxxx..x
        Notice      ..xx.xxxx..x
        Completed   ............
        Rejected    ............
        Withdrawn   ............
        Refused     ............
        Cancelled   ............
        """;

    [Fact]
    public void Allows_WhenAnyPair_ThenAsInTheTable_R_CASE_9()
    {
        var statuses = Enum.GetValues<CaseStatus>();
        var rows = Matrix.Split('\n').Select(r => r.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToDictionary(r => Enum.Parse<CaseStatus>(r[0]), r => r[1].Trim());

        Assert.Equal(statuses.Length, rows.Count);
        foreach (var from in statuses)
        {
            Assert.Equal(rows[from], string.Concat(statuses.Select(to => CaseTransitions.Allows(from, to) ? 'x' : '.')));
            Assert.Equal(rows[from].All(c => c == '.'), CaseTransitions.IsFinal(from));
        }
    }

    [Fact]
    public void StatusWord_WhenThePlatformsUseAWord_ThenItIsThere_R_CASE_9()
    {
        string[] words = ["待审核", "待复审", "未通过", "已完成", "已受理", "不予受理", "退案", "公示中", "已办结", "已撤回", "待补正", "待完善材料"];

        Assert.All(words, zh => Assert.Equal(zh, StatusWord.Find(StatusWord.FindZh(zh)!.Code)!.Zh));
    }

    [Fact]
    public void StatusWord_WhenAny_ThenCodeAndWordsAreItsAlone_AndEveryStatusHasOne_R_CASE_9()
    {
        Assert.Equal(StatusWord.All.Length, StatusWord.All.Select(w => w.Code).Distinct().Count());
        Assert.Equal(StatusWord.All.Length, StatusWord.All.Select(w => w.Zh).Distinct().Count());
        Assert.Equal(StatusWord.All.Length, StatusWord.All.Select(w => w.En).Distinct().Count());
        Assert.All(StatusWord.All, w => Assert.Matches("^[a-z_]+$", w.Code));
        Assert.All(Enum.GetValues<CaseStatus>(), s => Assert.Equal(s, StatusWord.Of(s).Status));
        Assert.Equal(("已办结", "未通过"), (StatusWord.Of(CaseStatus.Completed).Zh, StatusWord.Of(CaseStatus.Rejected).Zh));
        Assert.Null(StatusWord.Find("archived"));
    }
}
