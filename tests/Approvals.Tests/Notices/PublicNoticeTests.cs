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
            [("姓名", "张*三"), ("身份证号", "**************002X"), ("手机", "***"), ("邮箱", "***"), ("单位", "示例单位")],
            Content.Lines.Select(l => (l.Label, l.Text)));
        string Hash(string title, string label, string value) => NoticeContent.Of(title, [new NoticeField(label, NoticeFieldKind.Text, value)]).Hash();
        Assert.Equal(Hash("t", "l", "v"), Hash("t", "l", "v "));
        Assert.Equal(4, new[] { Hash("t", "l", "v"), Hash("tl", "v", "x"), Hash("t", "lv", "x"), Hash("t", "l", "vx") }.Distinct().Count());
        Assert.Matches("^[0-9a-f]{64}$", Content.Hash());
    }

    [Fact]
    public void Content_WhenALineIsCorrected_ThenItIsMaskedAsItWasAndTheRestStays_R_NOT_2()
    {
        var kept = JsonSerializer.Deserialize<NoticeContent>(JsonSerializer.Serialize(Content))!;

        var corrected = kept.With(null, [new NoticeField("姓名", NoticeFieldKind.Text, "张改三"), new NoticeField("手机", NoticeFieldKind.Text, " "), new NoticeField("单位", NoticeFieldKind.Text, "新单位，联系13800138000"), new NoticeField("学历", NoticeFieldKind.Text, "本科")]);

        Assert.Equal([("姓名", "张*三"), ("身份证号", "**************002X"), ("邮箱", "***"), ("单位", "新单位，联系***"), ("学历", "本科")], corrected.Lines.Select(l => (l.Label, l.Text)));
        Assert.Equal(Content.Title, corrected.Title);
        // A notice of the release before doesn't say which line is a name.
        var old = NoticeContent.Of("t", [new NoticeField("姓名", NoticeFieldKind.Text, "张*三")]);
        Assert.Equal("李*五", Assert.Single(old.With(null, [new NoticeField("姓名", NoticeFieldKind.Text, "李小五")]).Lines).Text);
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
        var notice = PublicNotice.Post(Content, Five with { Objections = ObjectorRule.Named }, Local("2026-11-02 10:00"), Shipped);
        var objection = new Objection { ContactName = name, Phone = phone, Email = email, Statement = statement };

        Assert.Equal(fault, objection.Check(notice, Local(at))?.Code);
        Assert.Equal("objection_statement", fault is null ? (objection with { Statement = new string('长', Objection.LongestStatement + 1) }).Check(notice, Local(at))?.Code : "objection_statement");
    }

    [Theory]
    [InlineData(ObjectorRule.Reachable, null, "13800138000", null)]
    [InlineData(ObjectorRule.Reachable, "王五", null, "objection_contact")]
    [InlineData(ObjectorRule.Named, null, "13800138000", "objection_name")]
    [InlineData(ObjectorRule.Named, "王五", null, "objection_contact")]
    [InlineData(ObjectorRule.Any, null, null, null)]
    [InlineData(ObjectorRule.Any, null, "12345", "phone_format")]
    public void Objection_WhenTheRuleSaysWhoMay_ThenNameAndContactAreAskedForAccordingly_R_NOT_1(ObjectorRule rule, string? name, string? phone, string? fault)
    {
        var notice = PublicNotice.Post(Content, Five with { Objections = rule }, Local("2026-11-02 10:00"), Shipped);

        Assert.Equal(fault, new Objection { ContactName = name, Phone = phone, Statement = "有异议" }.Check(notice, Local("2026-11-05 10:00"))?.Code);
    }

    [Fact]
    public void Evidence_WhenChecked_ThenItsBytesDecideAndNotItsName_R_NOT_1()
    {
        var notice = PublicNotice.Post(Content, Five, Local("2026-11-02 10:00"), Shipped);
        string? Fault(params byte[][] files) =>
            new Objection { Phone = "13800138000", Statement = "有异议", Evidence = [.. files.Select(f => new Evidence(f))] }.Check(notice, Local("2026-11-05 10:00"))?.Code;
        byte[] pdf = SampleFiles.Pdf(), jpg = SampleFiles.Jpeg(), png = SampleFiles.Png();

        Assert.Null(Fault(pdf, jpg, png));
        Assert.Equal(["pdf", "jpg", "png"], new[] { pdf, jpg, png }.Select(f => new Evidence(f).Extension));
        Assert.Equal("evidence_count", Fault(pdf, jpg, png, pdf));
        Assert.Equal("evidence_type", Fault("<html>%PDF-"u8.ToArray()));
        Assert.Equal("evidence_type", Fault([[]]));
        Assert.Equal("file_hidden", Fault([.. jpg, .. SampleFiles.Zip()]));
        Assert.Equal("file_damaged", Fault(png[..^1]));
        Assert.Null(Fault(SampleFiles.Pdf(size: Evidence.Largest)));
        Assert.Equal("evidence_size", Fault(SampleFiles.Pdf(size: Evidence.Largest + 1)));
    }
}
