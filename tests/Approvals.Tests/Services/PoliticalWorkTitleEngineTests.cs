using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>The shipped flow of 政工职评, run by the engine alone.</summary>
public sealed class PoliticalWorkTitleEngineTests
{
    [Fact]
    public void Case_WhenEveryLevelPasses_ThenItIsCompleted_R_CASE_9_R_PAN_2_R_NOT_1()
    {
        var desk = UpToThePanel();
        Assert.Equal("专家评审中", desk.Status);
        Assert.Equal(5, desk.Open.Count(t => t.Kind == TaskKinds.Ballot));
        Assert.DoesNotContain(desk.Open, t => t.Assignee == "expert-12"); // of the applicant's employer

        desk.Vote(Vote.Pass, Vote.Pass, Vote.Abstain, Vote.Pass, Vote.Pass);
        Assert.Equal((PanelOutcome.Passed, 5, 4, 1), (desk.Count!.Outcome, desk.Count.Present, desk.Count.Pass, desk.Count.Abstain));
        Assert.Equal("公示中", desk.Status);

        desk.AdvanceTo(desk.NoticeCloses!.Value);
        Assert.Equal("已办结", desk.Status);
        Assert.Equal(WorkflowStatus.Finished, desk.State.Status);
        Assert.Empty(desk.Open);
        Assert.Equal(["审核中", "待完善材料", "审核中", "专家评审中", "公示中", "已办结"], desk.Statuses);
        Assert.Equal("case.completed", desk.Told[^1]);
    }

    [Fact]
    public void Notice_WhenItRunsOverTheNationalHoliday_ThenItClosesAfterFiveWorkingDays_R_NOT_1()
    {
        var desk = UpToThePanel();
        desk.AdvanceTo(EngineDesk.Local("2026-09-28 10:00"));
        desk.Vote(Vote.Pass, Vote.Pass, Vote.Pass, Vote.Pass, Vote.Pass);

        // 29 and 30 September, then 国庆 1–7 October; 8 and 9 October, and Saturday 10 October is a make-up working day.
        Assert.Equal(EngineDesk.Local("2026-10-11 00:00"), desk.NoticeCloses);
    }

    [Fact]
    public void Panel_WhenMostVoteAgainst_ThenTheCaseIsRejected_R_PAN_2()
    {
        var desk = UpToThePanel();

        desk.Vote(Vote.Pass, Vote.Fail, Vote.Fail, Vote.Pass, Vote.Pass);

        Assert.Equal(PanelOutcome.Failed, desk.Count!.Outcome); // 3 of 5 is less than two thirds
        Assert.Equal("未通过", desk.Status);
        Assert.Equal(WorkflowStatus.Finished, desk.State.Status);
        Assert.Contains("case.rejected", desk.Told);
        Assert.DoesNotContain("notice.opened", desk.Told);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Review_WhenItReturns_ThenTheCorrectedCaseComesBackToItAlone_R_REV_3(int stage)
    {
        var desk = new EngineDesk(PoliticalWorkTitleDefinitionTests.Shipped, "2026-03-02 09:00");
        Reach(desk, stage);
        var returned = desk.Stages;

        desk.Decide("return");
        Assert.Equal("待补正", desk.Status);
        desk.Supply();

        Assert.Equal("审核中", desk.Status);
        Assert.Equal(returned, desk.Stages);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public void Review_WhenItRejects_ThenTheCaseEnds_R_REV_2(int stage)
    {
        var desk = new EngineDesk(PoliticalWorkTitleDefinitionTests.Shipped, "2026-03-02 09:00");
        Reach(desk, stage);

        desk.Decide("reject");

        Assert.Equal(("未通过", WorkflowStatus.Finished), (desk.Status, desk.State.Status));
        Assert.Empty(desk.Open);
        Assert.Empty(desk.State.Timers);
    }

    [Fact]
    public void Materials_WhenTheyArentSuppliedInTime_ThenTheCaseIsClosed_R_REV_3()
    {
        var desk = new EngineDesk(PoliticalWorkTitleDefinitionTests.Shipped, "2026-03-02 09:00");
        desk.Decide("approve").Decide("approve");
        var due = Assert.Single(desk.Open).Due!.At;

        desk.AdvanceTo(due.AddTicks(-1));
        Assert.Equal("待完善材料", desk.Status);
        Assert.Contains("supplement.due_soon", desk.Told);
        desk.AdvanceTo(due);

        Assert.Equal(("退案", WorkflowStatus.Finished), (desk.Status, desk.State.Status));
    }

    [Fact]
    public void Review_WhenNobodyDecides_ThenTheLadderRemindsEscalatesAndReassigns_R_REV_5()
    {
        var desk = new EngineDesk(PoliticalWorkTitleDefinitionTests.Shipped, "2026-03-02 09:00");

        desk.AdvanceTo(EngineDesk.Local("2026-03-20 09:00"));

        Assert.Equal(["case.submitted", "stage.opened", "task.reminder", "task.overdue", "task.escalated", "task.reassigned"], desk.Told);
        Assert.Equal("employer-review", desk.Stages);
    }

    [Fact]
    public void Objection_WhenUpheld_ThenTheBureauReviewsAgainAndANewPanelFollows_R_NOT_1()
    {
        var desk = UpToThePanel();
        desk.Vote(Vote.Pass, Vote.Pass, Vote.Pass, Vote.Pass, Vote.Pass);
        desk.Object();
        desk.Object();

        desk.Resume(desk.Open.First(t => t.Kind == TaskKinds.Objection).Id, new { outcome = "uphold", user = "notice-clerk", hasOpinion = true });

        Assert.Equal(("bureau-review", "审核中"), (desk.Stages, desk.Status));
        Assert.Null(desk.NoticeCloses);
        desk.Decide("approve");
        Assert.Equal(5, desk.Open.Count(t => t.Kind == TaskKinds.Ballot));
        desk.Vote(Vote.Fail, Vote.Fail, Vote.Fail, Vote.Fail, Vote.Fail);
        Assert.Equal("未通过", desk.Status);
    }

    [Fact]
    public void Objection_WhenDecidedAfterTheNoticesTime_ThenTheCaseWaitedForIt_R_NOT_1()
    {
        var desk = UpToThePanel();
        desk.Vote(Vote.Pass, Vote.Pass, Vote.Pass, Vote.Pass, Vote.Pass);
        desk.Object();
        desk.AdvanceTo(desk.NoticeCloses!.Value.AddDays(3));
        Assert.Equal("公示中", desk.Status);
        Assert.DoesNotContain(desk.State.Bookmarks, b => b.Kind == Approvals.Notices.NoticeStage.WorkBookmark);

        desk.Resume(Assert.Single(desk.Open).Id, new { outcome = "dismiss", user = "notice-clerk", hasOpinion = true });

        Assert.Equal("已办结", desk.Status);
    }

    [Fact]
    public void Precheck_WhenItsSwitchIsOn_ThenTheBureauChecksBeforeTheMaterials()
    {
        var desk = new EngineDesk(PoliticalWorkTitleDefinitionTests.Shipped, "2026-03-02 09:00", precheck: true).Decide("approve").Decide("approve");

        Assert.Equal("bureau-precheck", desk.Stages);
        desk.Decide("approve");
        Assert.Equal("待完善材料", desk.Status);
    }

    private static EngineDesk UpToThePanel()
    {
        var desk = new EngineDesk(PoliticalWorkTitleDefinitionTests.Shipped, "2026-09-21 09:00");
        Reach(desk, 4);
        return desk.Decide("approve");
    }

    /// <summary>Up to the n-th review: employer, unit; employer, unit, bureau.</summary>
    private static void Reach(EngineDesk desk, int stage)
    {
        for (var i = 0; i < stage; i++)
        {
            desk.Decide("approve");
            if (i == 1)
                desk.Supply();
        }
    }
}
