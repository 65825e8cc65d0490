using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Approvals.Tests.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Messages.Templates;

public sealed class MessageCatalogueTests : IDisposable
{
    private readonly ShippedContent _content = new();

    public void Dispose() => _content.Dispose();

    [Fact]
    public void Preview_WhenEveryShippedMessageIsRendered_ThenNothingIsLeftOver_R_NTF_1()
    {
        MessageCatalogue messages = _content.Load().Messages;

        foreach (MessageEvent e in messages.Events)
        {
            foreach (string channel in e.Channels)
            {
                foreach (string language in MessageLanguages.All)
                {
                    RenderedMessage message = messages.Preview(e.Event, channel, language);
                    string all = message.Subject + message.Text + message.Html;
                    Assert.DoesNotContain("{{", all, StringComparison.Ordinal);
                    Assert.DoesNotContain("}}", all, StringComparison.Ordinal);
                    Assert.NotEmpty(message.Text);
                    Assert.Equal(channel == "email", message.Html is not null);
                    Assert.Equal(channel == "sms", message.TemplateCode is not null);
                    Assert.True(language == "en" || Regex.IsMatch(message.Text, @"\p{IsCJKUnifiedIdeographs}"), e.Event);
                    Assert.False(language == "en" && channel != "email" && Regex.IsMatch(message.Text.Replace("示才公〔2026〕18号", "", StringComparison.Ordinal), @"\p{IsCJKUnifiedIdeographs}"), message.Text);
                }
            }
        }

        string[] promised =
        [
            "case.submitted", "stage.opened", "stage.approved", "case.returned", "supplement.due_soon", "task.reminder", "task.overdue", "task.escalated",
            "task.reassigned", "phase2.opened", "panel.invited", "panel.recused", "panel.replaced", "panel.vacant", "panel.short", "panel.closed", "notice.opened",
            "notice.objection_received", "notice.objection_dismissed", "notice.objection_upheld", "notice.objection_accepted", "notice.objection_refused", "notice.changed", "notice.closed", "case.completed", "case.rejected", "case.withdrawn",
            "clock.paused", "limit.extended", "extension.asked", "deadline.moved", "mark.yellow", "mark.red", "case.accepted",
            "submission.sealed", "submission.approved", "submission.rejected", "submission.returned", "submission.left",
            "task.transferred", "task.urged", "task.copied", "stage.recalled", "verification.code", "handler.replaced", "handler.appointed", "identity.released", "identity.rebound",
        ];
        Assert.Equal(promised.Order(), messages.Events.Select(e => e.Event).Order());
    }

    [Fact]
    public void Sms_WhenAShippedOneIsRenderedInChinese_ThenItIsChargedAsAtMostTwoMessages_R_NTF_4()
    {
        MessageCatalogue messages = _content.Load().Messages;

        foreach (MessageEvent e in messages.Events.Where(e => e.Channels.Contains(MessageChannels.Sms)))
        {
            RenderedMessage sms = messages.Preview(e.Event, MessageChannels.Sms, MessageLanguages.Chinese);
            Assert.True(sms.Length!.Segments <= 2, $"{e.Event}: {sms.Length}");
            Assert.Equal(2 + sms.SignName!.Length + sms.Text.Length, sms.Length.Characters);
        }
    }

    [Fact]
    public void Sms_WhenRendered_ThenItsParametersAreTheFieldsItNamesAndLongOnesAreClipped_R_NTF_4()
    {
        MessageCatalogue messages = _content.Load().Messages;
        Dictionary<string, string> data = messages.Samples();
        data["nextStageName"] = new string('很', 60) + "\n长";

        RenderedMessage sms = messages.Render("case.submitted", "sms", "zh-CN", data);

        Assert.Equal(["applicantName", "serviceName", "caseNumber", "nextStageName"], sms.Params.Keys);
        Assert.Equal(new string('很', 34) + "…", sms.Params["nextStageName"]);
        Assert.Equal("SMS_290010001", sms.TemplateCode);
        Assert.Equal("示例市人才工作局", sms.SignName);
        Assert.Equal("${applicantName}您好，您的${serviceName}申报${caseNumber}已提交，现进入${nextStageName}，请留意后续通知。", messages.ProviderText("case.submitted", "zh-CN"));
    }

    [Fact]
    public void Email_WhenDataHoldsMarkup_ThenItIsTextAndNothingMore_R_NTF_2()
    {
        MessageCatalogue messages = _content.Load().Messages;
        Dictionary<string, string> data = messages.Samples();
        data["opinion"] = "<script>alert(1)</script> & \"x\" {{caseNumber}}\n- 假：标签\n\n[点我](http://evil.test)";
        data["link"] = "javascript:alert(1)";
        data["applicantName"] = "李\u202e例\0";

        RenderedMessage email = messages.Render("case.returned", "email", "zh-CN", data);

        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;x&quot; {{caseNumber}}", email.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", email.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("javascript:", email.Html + email.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<a ", email.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", email.Html + email.Text + email.Subject, StringComparison.Ordinal);
        Assert.DoesNotContain("&#", email.Html!.Replace("&#39;", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Email_WhenRenderedInChinese_ThenAnEnglishLineFollowsAndTheTextSaysTheSame_R_NTF_2()
    {
        RenderedMessage email = _content.Load().Messages.Preview("case.returned", "email", "zh-CN");

        Assert.StartsWith("请补正：政工职评申报被退回（ZGZP-119900-2026-000128-4）", email.Subject, StringComparison.Ordinal);
        Assert.Contains("补正意见：工作经历证明未加盖单位公章", email.Text, StringComparison.Ordinal);
        Assert.Contains("Your application ZGZP-119900-2026-000128-4 was returned", email.Text, StringComparison.Ordinal);
        Assert.Contains("Your application ZGZP-119900-2026-000128-4 was returned", email.Html, StringComparison.Ordinal);
        Assert.Contains("href=\"https://talent.example.org/cases/ZGZP-119900-2026-000128-4\"", email.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Email_WhenAnOptionalFieldIsAbsent_ThenItsLineAndItsButtonVanish_R_NTF_2()
    {
        MessageCatalogue messages = _content.Load().Messages;
        Dictionary<string, string> data = messages.Fields.Where(f => f.Key is not ("opinion" or "link")).ToDictionary(f => f.Key, f => f.Value.Sample);

        RenderedMessage email = messages.Render("stage.approved", "email", "zh-CN", data);

        Assert.DoesNotContain("审核意见", email.Text + email.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("查看申报进度", email.Text + email.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_WhenAFieldIsMissingOrTheEventIsUnknown_ThenItSaysWhich()
    {
        MessageCatalogue messages = _content.Load().Messages;

        Assert.Contains("'caseNumber'", Assert.Throws<MessageRenderException>(() => messages.Render("case.submitted", "sms", "zh-CN", new Dictionary<string, string>())).Message, StringComparison.Ordinal);
        Assert.Contains("case.submitted", Assert.Throws<MessageRenderException>(() => messages.Preview("case.nosuch", "sms", "zh-CN")).Message, StringComparison.Ordinal);
        Assert.Throws<MessageRenderException>(() => messages.Preview("case.submitted", "pigeon", "zh-CN"));
        Assert.Throws<MessageRenderException>(() => messages.Preview("case.submitted", "sms", "fr"));
    }

    [Theory]
    [InlineData("{{caseNumber}}", "{{nosuch}}", "{{nosuch}}", "isn't one of the event")]
    [InlineData("{{caseNumber}}", "{{panelName}}", "{{panelName}}", "isn't one of the event")]
    [InlineData("{{caseNumber}}", "{{{caseNumber}}}", "line", "isn't possible here")]
    [InlineData("{{caseNumber}}", "{{&caseNumber}}", "line", "isn't possible here")]
    [InlineData("{{caseNumber}}", "{{> layout}}", "line", "isn't possible here")]
    [InlineData("{{caseNumber}}", "{{#each caseNumber}}{{/each}}", "line", "isn't possible here")]
    [InlineData("{{caseNumber}}", "{{lookup this caseNumber}}", "line", "isn't possible here")]
    [InlineData("{{caseNumber}}", "{{caseNumber", "line", "")]
    [InlineData("{{caseNumber}}", "{{#if caseNumber}}x", "line", "never closed")]
    [InlineData("{{caseNumber}}", "{{/if}}", "line", "closes nothing")]
    [InlineData("{{caseNumber}}", "{{else}}", "line", "outside a block")]
    [InlineData("## sms", "## telex", "line", "headings")]
    [InlineData("## sms", "## inapp", "line", "each once")]
    [InlineData("- 申报类型：", "- 申报类型", "line", "a fact is written")]
    public void Template_WhenItNamesWhatItMayNot_ThenItIsRefusedAtLoad_R_NTF_2(string old, string with, string path, string message)
    {
        _content.Replace("templates/case.submitted.zh-CN.hbs", old, with);

        Assert.Contains(_content.Errors(), e => e.File == "templates/case.submitted.zh-CN.hbs" && e.Path.StartsWith(path, StringComparison.Ordinal) && e.Message.Contains(message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{{title}}", "{{{title}}}")]
    [InlineData("{{title}}", "{{&title}}")]
    [InlineData("{{title}}", "{{> other}}")]
    [InlineData("{{title}}", "{{nosuch}}")]
    [InlineData("{{/each}}", "")]
    public void Layout_WhenItCouldLetMarkupThrough_ThenItIsRefusedAtLoad_R_NTF_2(string old, string with)
    {
        _content.Replace("templates/layout.email.hbs", old, with);

        Assert.Contains(_content.Errors(), e => e.File == "templates/layout.email.hbs");
    }

    [Fact]
    public void Template_WhenItsEventIsUnknown_ThenItIsRefusedAtLoad_R_NTF_2()
    {
        _content.Write("templates/case.nosuch.zh-CN.hbs", "## subject\nx\n");

        Assert.Contains(_content.Errors(), e => e.File == "templates/case.nosuch.zh-CN.hbs" && e.Message.Contains("no event", StringComparison.Ordinal));
    }

    [Fact]
    public void Template_WhenAnSmsHoldsAConditionOrAnOptionalField_ThenItIsRefusedAtLoad_R_NTF_4()
    {
        _content.Replace("templates/case.rejected.zh-CN.hbs", "具体意见请登录平台查看", "{{#if refileAfter}}{{refileAfter}}后可再报{{/if}}");

        IReadOnlyList<ContentError> errors = _content.Errors();

        Assert.Equal(2, errors.Count(e => e.File == "templates/case.rejected.zh-CN.hbs" && e.Path == "## sms"));
    }

    [Theory]
    [InlineData(60, 70, 1)]
    [InlineData(61, 71, 2)]
    [InlineData(124, 134, 2)]
    [InlineData(125, 135, 3)]
    public void SmsLength_WhenCounted_ThenSeventyFitOneAndSixtySevenEachPiece_R_NTF_4(int text, int characters, int segments) =>
        Assert.Equal(new SmsLength(characters, segments), SmsLength.Of("示例市人才工作局", new string('字', text)));
}
