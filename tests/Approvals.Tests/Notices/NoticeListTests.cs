using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Panels;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Notices;

/// <summary>名单: several cases on one page.</summary>
public sealed class NoticeListTests
{
    [Fact]
    public async Task List_WhenAnObjectionToOneHolds_ThenThatCaseGoesBackAndTheOthersGoOn_R_NOT_1_R_NOT_2()
    {
        await using var desk = await NoticeDesk.OpenAsync(("list", "2026年第一批"));
        var second = new PanelDesk(desk.Desk, await PanelDesk.FileAsync(desk.Desk));
        await second.Cast("pass", "pass", "pass", "pass", "pass");
        var lists = desk.Desk.Get<NoticeLists>();
        var id = (await desk.Reader.ListAsync(null, null, default)).Items[0].List!.Id;

        var both = await lists.ReadAsync(id, null, null, default);
        Assert.Equal(("示才公示〔2026〕1号", "2026年第一批", "政工职评评审结果公示"), (both.Number, both.Name, both.Title));
        Assert.Equal(["示才公示〔2026〕1号之1", "示才公示〔2026〕1号之2"], both.Items.Select(i => i.Number));
        Assert.All(both.Items, i => Assert.Equal("李*例", i.Lines[0].Text));
        var during = desk.Desk.Now;
        await desk.Desk.AdvanceTo("2026-09-22 10:00");
        await desk.Object(both.Items[1].Id);
        await desk.Clerk.Decide((await desk.ObjectionTasks())[0], "uphold", "经核实，部分材料不实。");

        Assert.Equal("审核中", await second.Filed.Status());
        Assert.Equal("公示中", await desk.Filed.Status());
        var one = await lists.ReadAsync(id, null, null, default);
        Assert.Equal("示才公示〔2026〕1号之1", Assert.Single(one.Items).Number);
        Assert.Equal([("示才公示〔2026〕1号之2", CaseDesk.Local("2026-09-22 10:00"))], one.Removed.Select(r => (r.Number, r.At)));
        Assert.NotEqual(both.Sha256, one.Sha256);
        var then = await lists.ReadAsync(id, during, desk.Clerk.Caller, default);
        Assert.Equal(both.Sha256, then.Sha256);
        Assert.Empty(then.Removed);
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => lists.ReadAsync(id, during, desk.Filed.Applicant.Caller, default)));
        Assert.Equal(ErrorCodes.NotFound, await PanelDesk.Code(() => lists.ReadAsync(Guid.NewGuid(), null, null, default)));

        await desk.Desk.AdvanceTo("2026-09-30 00:00");
        Assert.Equal("已办结", await desk.Filed.Status());
        Assert.Empty((await lists.ReadAsync(id, null, null, default)).Items);
    }
}
