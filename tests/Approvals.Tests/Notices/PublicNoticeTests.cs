using System.Text.Json;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Notices;
using static Talent.Workflows.Approvals.Tests.Calendars.ChineseCalendars;

namespace Talent.Workflows.Approvals.Tests.Notices;

public sealed class PublicNoticeTests
{
    private static readonly NoticeRule Five = new() { Workdays = 5 };

    private static readonly NoticeContent Content = NoticeContent.Of("政工职评公示",
    [
        new NoticeField("姓名", NoticeFieldKind.Name, "张小三"),
        new NoticeField("身份证号", NoticeFieldKind.ResidentId, "11010519491231002X"),
        new NoticeField("手机", NoticeFieldKind.Phone, "13800138000"),
        new NoticeField("邮箱", NoticeFieldKind.Email, "zhang@example.cn"),
        new NoticeField("单位", NoticeFieldKind.Text, " 示例单位 "),
        new NoticeField("备注", NoticeFieldKind.Text, " "),
    ]);

    [Fact]
    public void Post_WhenAcrossTheNationalDay_ThenOpenUntil24OfTheFifthWorkingDay_R_NOT_1()
    {
        var notice = PublicNotice.Post(Content, Five, Local("2026-09-28 10:00"), Shipped);

        Assert.Equal(Local("2026-10-11 00:00"), notice.ClosesAt);
        Assert.False(notice.IsOpen(Local("2026-09-28 09:59")));
        Assert.True(notice.IsOpen(Local("2026-09-28 10:00")));
        Assert.True(notice.IsOpen(Local("2026-10-10 23:59")));
        Assert.False(notice.IsOpen(Local("2026-10-11 00:00")));
    }

    [Fact]
    public void Post_WhenAnyTimeAndLength_ThenThatManyWholeWorkingDaysAreOpen_R_NOT_1() =>
        Property.Holds(Gen.Zip(Instants, Gen.Choose(1, 30)), pair =>
        {
            var notice = PublicNotice.Post(Content, new NoticeRule { Workdays = pair.Item2 }, pair.Item1, Shipped);
            var whole = Enumerable.Range(1, 80).Select(i => ChinaTime.DateOf(pair.Item1).AddDays(i))
                .Count(d => Shipped.IsWorkday(d) && notice.IsOpen(ChinaTime.At(d, TimeSpan.Zero)) && notice.IsOpen(ChinaTime.EndOf(d).AddTicks(-1)));

            Assert.Equal(pair.Item2, whole);
        });

    [Fact]
    public void Notice_WhenKeptAsJson_ThenReadsBackWithAllThatWasShown_R_NOT_2()
    {
        var notice = PublicNotice.Post(Content, Five, Local("2026-12-28 10:00"), Shipped);

        var kept = JsonSerializer.Deserialize<PublicNotice>(JsonSerializer.Serialize(notice))!;

        Assert.Equal(JsonSerializer.Serialize(notice), JsonSerializer.Serialize(kept));
        Assert.Equal((notice.ClosesAt, Content.Hash(), true), (kept.ClosesAt, kept.Current.Content.Hash(), kept.Current.Window.Provisional));
        Assert.Equal(notice.Current.Window.Skipped.AsEnumerable(), kept.Current.Window.Skipped.AsEnumerable());
    }

    [Fact]
    public void Content_WhenBuilt_ThenNothingIdentifyingIsLeft_AndOnlyItDecidesTheHash_R_NOT_1()
    {
        Assert.Equal(
            [new("姓名", "张*三"), new("身份证号", "**************002X"), new("手机", "***"), new("邮箱", "***"), new NoticeLine("单位", "示例单位")],
            Content.Lines.AsEnumerable());
        string Hash(string title, string label, string value) => NoticeContent.Of(title, [new NoticeField(label, NoticeFieldKind.Text, value)]).Hash();
        Assert.Equal(Hash("t", "l", "v"), Hash("t", "l", "v "));
        Assert.Equal(4, new[] { Hash("t", "l", "v"), Hash("tl", "v", "x"), Hash("t", "lv", "x"), Hash("t", "l", "vx") }.Distinct().Count());
        Assert.Matches("^[0-9a-f]{64}$", Content.Hash());
    }

    [Theory]
    [InlineData("2026-11-05 10:00", "王五", "13800138000", null, "有异议", null)]
    [InlineData("2026-11-05 10:00", "王五", null, "wang@example.cn", "有异议", null)]
    [InlineData("2026-11-10 00:00", "王五", "13800138000", null, "有异议", "notice_not_open")]
    [InlineData("2026-11-01 10:00", "王五", "13800138000", null, "有异议", "notice_not_open")]
    [InlineData("2026-11-05 10:00", "王五", null, " ", "有异议", "objection_contact")]
    [InlineData("2026-11-05 10:00", " ", "13800138000", null, "有异议", "objection_name")]
    [InlineData("2026-11-05 10:00", "王五", "12345", null, "有异议", "phone_format")]
    [InlineData("2026-11-05 10:00", "王五", "13800138000", "wang", "有异议", "email_format")]
    [InlineData("2026-11-05 10:00", "王五", null, "王五 <wang@example.cn>", "有异议", "email_format")]
    [InlineData("2026-11-05 10:00", "王五", null, "wang@example", "有异议", "email_format")]
    [InlineData("2026-11-05 10:00", "王五", "13800138000", null, "", "objection_statement")]
    public void Objection_WhenChecked_ThenOnlyWhileOpenAndWithContact_R_NOT_1(string at, string name, string? phone, string? email, string statement, string? fault)
    {
        var notice = PublicNotice.Post(Content, Five, Local("2026-11-02 10:00"), Shipped);
        var objection = new Objection { ContactName = name, Phone = phone, Email = email, Statement = statement };

        Assert.Equal(fault, objection.Check(notice, Local(at))?.Code);
        Assert.Equal("objection_statement", fault is null ? (objection with { Statement = new string('长', Objection.LongestStatement + 1) }).Check(notice, Local(at))?.Code : "objection_statement");
    }
}
