using System.Net;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Panels;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Notices;

/// <summary>Whoever decides an objection can read it, and nobody reads more than that.</summary>
public sealed class ObjectionReadingTests
{
    private const string Elsewhere = "unit-assets-reviewer-1";

    [Fact]
    public async Task Objection_WhenADelegateDecidesIt_ThenTheyReadItItsEvidenceAndWhatWasShown_R_NOT_2_R_REV_7()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var (notice, other) = (await desk.NoticeAsync(), desk.Desk.As(Elsewhere));
        await Prove(desk, notice.Id);
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => Read(desk, notice.Id, Elsewhere)));
        var delegation = await desk.Desk.Get<DelegationCommands>().CreateAsync(desk.Clerk.Caller, new NewDelegation { Delegate = Elsewhere, Until = desk.Desk.Now.AddDays(3) }, null, default);

        var objection = Assert.Single((await Read(desk, notice.Id, Elsewhere)).Items);

        Assert.Equal("白路人", objection.Name);
        Assert.Equal(Pdf, (await desk.Reader.EvidenceAsync(notice.Id, objection.Id, 1, other.Caller, default)).Content);
        Assert.Equal(notice.Lines, (await desk.Reader.ReadAsync(notice.Id, desk.Desk.Now, other.Caller, default)).Lines);
        // Nobody else does, nor they when the delegation is over.
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => Read(desk, notice.Id, "unit-assets-reviewer-2")));
        await desk.Desk.Get<DelegationCommands>().RevokeAsync(desk.Clerk.Caller, delegation.Id, default);
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => Read(desk, notice.Id, Elsewhere)));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => desk.Reader.EvidenceAsync(notice.Id, objection.Id, 1, other.Caller, default)));
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => desk.Reader.ReadAsync(notice.Id, desk.Desk.Now, other.Caller, default)));
    }

    [Fact]
    public async Task Objection_WhenItIsGivenToASuperiorElsewhere_ThenTheyReadThatOneAlone_R_NOT_2_R_REV_5()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        await desk.Object(notice.Id, from: "198.51.100.1");
        await desk.Object(notice.Id, from: "198.51.100.2");
        var both = (await Read(desk, notice.Id, "notice-clerk")).Items;
        await desk.Desk.Execute($"update approvals.tasks set assignee = '{Elsewhere}', role = null where id = '{both[1].TaskId}'");

        Assert.Equal(both[1].Id, Assert.Single((await Read(desk, notice.Id, Elsewhere)).Items).Id);
        Assert.Equal(2, (await Read(desk, notice.Id, "notice-clerk")).Items.Count);
        await desk.Desk.As(Elsewhere).Decide(both[1].TaskId, "dismiss", "经核查不成立");
        Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => Read(desk, notice.Id, Elsewhere)));
    }

    [Fact]
    public async Task Notice_WhenItsStageNamesNoOrganisation_ThenItsClerksReadObjectionsAndWhatWasShown_R_NOT_2()
    {
        await using var desk = await NoticeDesk.OpenAsync(("organisation", ""));
        var notice = await desk.NoticeAsync();
        await Prove(desk, notice.Id);

        var objection = Assert.Single((await Read(desk, notice.Id, "notice-clerk")).Items);

        Assert.Equal(Pdf, (await desk.Reader.EvidenceAsync(notice.Id, objection.Id, 1, desk.Clerk.Caller, default)).Content);
        await desk.Clerk.Decide(objection.TaskId, "dismiss", "经核查不成立");
        await desk.Desk.AdvanceTo("2026-11-20 09:00");
        Assert.Equal(notice.Lines, (await desk.Reader.ReadAsync(notice.Id, CaseDesk.Local("2026-09-22 09:00"), desk.Clerk.Caller, default)).Lines);
        Assert.Single((await Read(desk, notice.Id, "notice-clerk")).Items);
        foreach (var other in (string[])["bureau-reviewer-1", "applicant-li"])
            Assert.Equal(ErrorCodes.Forbidden, await PanelDesk.Code(() => Read(desk, notice.Id, other)));
    }

    [Fact]
    public async Task Objections_WhenThereAreMany_ThenEachIsOnOnePageInTheOrderOfFiling_R_NOT_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        for (var i = 1; i <= 5; i++)
            await desk.Object(notice.Id, from: $"198.51.100.{i}");

        var read = new List<ObjectionView>();
        string? cursor = null;
        do
        {
            var page = await desk.Reader.ObjectionsAsync(notice.Id, cursor, 2, desk.Clerk.Caller, default);
            Assert.InRange(page.Items.Count, 1, 2);
            read.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(5, read.DistinctBy(o => o.Id).Count());
        Assert.Equal(read.OrderBy(o => o.FiledAt).ThenBy(o => o.Id.ToString(), StringComparer.Ordinal).Select(o => o.Id), read.Select(o => o.Id));
        Assert.Equal(ErrorCodes.InvalidRequest, await PanelDesk.Code(() => desk.Reader.ObjectionsAsync(notice.Id, "nonsense", 2, desk.Clerk.Caller, default)));
    }

    [Fact]
    public async Task Feed_WhenMoreAreUpThanItHas_ThenWhatWasPostedLastIsInIt_R_NOT_1()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        // They were posted before it, and close before it.
        await desk.Desk.Execute("""
            insert into approvals.notices (id, case_id, opened_at, closes_at, stage, organisation_id, number, content_hash, notice)
            select gen_random_uuid(), n.case_id, n.opened_at - i * interval '1 minute', n.closes_at - interval '1 hour', n.stage, n.organisation_id, n.number || '-' || i, n.content_hash, n.notice
            from approvals.notices n, generate_series(1, 150) i
            """);

        var newest = await desk.Reader.NewestAsync(default);

        Assert.Equal((100, notice.Id), (newest.Count, newest[0].Id));
        Assert.Equal(newest.OrderByDescending(n => n.From).Select(n => n.Id), newest.Select(n => n.Id));
    }

    private static readonly byte[] Pdf = SampleFiles.Pdf();

    private static Task<ObjectionReceipt> Prove(NoticeDesk desk, Guid notice) => desk.Commands.ObjectAsync(notice,
        new Objection { ContactName = "白路人", Email = "objector@public.example.org", Statement = "申报材料与事实不符。", Evidence = [new Evidence(Pdf)] }, IPAddress.Parse("203.0.113.7"), default);

    private static Task<Talent.Workflows.Approvals.Cases.Page<ObjectionView>> Read(NoticeDesk desk, Guid notice, string user) =>
        desk.Reader.ObjectionsAsync(notice, null, null, desk.Desk.As(user).Caller, default);
}
