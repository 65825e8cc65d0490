using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Messages.Channels;

namespace Talent.Workflows.Approvals.Tests.Messages.Channels;

public sealed class SmtpChannelTests
{
    private static readonly Message Mail = new()
    {
        Id = "effect-1",
        Channel = "email",
        To = "applicant-li@talent.example.org",
        Subject = "请补正：政工职评申报被退回（ZGZP-119900-2026-000128-4）",
        Text = "李示例，您好：\n.开头的点\n",
        Html = "<p>李示例，您好</p>",
    };

    [Theory]
    [InlineData(SmtpSecurity.None)]
    [InlineData(SmtpSecurity.StartTls)]
    [InlineData(SmtpSecurity.ImplicitTls)]
    public async Task Smtp_WhenTheServerTakesTheMail_ThenItArrivesWhole_R_NTF_4(SmtpSecurity security)
    {
        await using TestMailServer server = new(security);

        DeliveryResult result = await SendAsync(server);

        Assert.IsType<DeliveryResult.Sent>(result);
        string mail = Assert.Single(server.Messages);
        Assert.Contains("Message-ID: <effect-1@talent.example.org>\r\n", mail, StringComparison.Ordinal);
        Assert.Equal(Mail.Subject, Decoded(Header(mail, "Subject")));
        Assert.StartsWith("示例市人才工作局", Decoded(Header(mail, "From")), StringComparison.Ordinal);
        Assert.EndsWith("<notice@talent.example.org>", Header(mail, "From"), StringComparison.Ordinal);
        Assert.Equal("Mon, 21 Sep 2026 09:30:00 +0800", Header(mail, "Date"));
        string[] parts = [.. Regex.Matches(mail, @"base64\r\n\r\n([A-Za-z0-9+/=\r\n]+?)\r\n--").Select(m => Encoding.UTF8.GetString(Convert.FromBase64String(m.Groups[1].Value)))];
        Assert.Equal([Mail.Text.ReplaceLineEndings("\r\n"), Mail.Html!], parts);
        Assert.All(mail.Split("\r\n"), line => Assert.True(line.Length <= 78 && line.All(char.IsAscii), line));
        Assert.Contains("MAIL FROM:<notice@talent.example.org>", server.Commands);
        Assert.Contains("RCPT TO:<applicant-li@talent.example.org>", server.Commands);
    }

    [Fact]
    public async Task Smtp_WhenTheServerOffersOnlyLogin_ThenItSignsInThatWay_R_NTF_4()
    {
        await using TestMailServer server = new(SmtpSecurity.StartTls) { Extensions = ["AUTH LOGIN"] };

        Assert.IsType<DeliveryResult.Sent>(await SendAsync(server));

        Assert.Contains(Convert.ToBase64String(Encoding.UTF8.GetBytes("授权码")), server.Commands);
    }

    [Fact]
    public async Task Smtp_WhenItSignsIn_ThenThePasswordCameOnlyAfterTls_R_NTF_4()
    {
        await using TestMailServer server = new(SmtpSecurity.StartTls);

        await SendAsync(server);

        int tls = server.Commands.IndexOf("STARTTLS");
        int auth = server.Commands.FindIndex(c => c.StartsWith("AUTH PLAIN ", StringComparison.Ordinal));
        Assert.True(tls >= 0 && auth > tls);
        Assert.Equal("\0sender\0授权码", Encoding.UTF8.GetString(Convert.FromBase64String(server.Commands[auth][11..])));
    }

    [Theory]
    [InlineData("RCPT", "550 no such user applicant-li@talent.example.org", typeof(DeliveryResult.Dead))]
    [InlineData("RCPT", "450 mailbox busy", typeof(DeliveryResult.Retry))]
    [InlineData("MAIL", "550 sender not allowed", typeof(DeliveryResult.Retry))]
    [InlineData("DATA", "451 later", typeof(DeliveryResult.Retry))]
    [InlineData("DATA", "554 no", typeof(DeliveryResult.Dead))]
    [InlineData(".", "452 full", typeof(DeliveryResult.Retry))]
    [InlineData(".", "554 looks like spam", typeof(DeliveryResult.Dead))]
    [InlineData("EHLO", "421 closing", typeof(DeliveryResult.Retry))]
    [InlineData("AUTH", "535 wrong password", typeof(DeliveryResult.Retry))]
    [InlineData("RCPT", "close", typeof(DeliveryResult.Retry))]
    [InlineData("RCPT", "what?", typeof(DeliveryResult.Retry))]
    [InlineData(".", "close", typeof(DeliveryResult.Unknown))]
    [InlineData(".", "what?", typeof(DeliveryResult.Unknown))]
    public async Task Smtp_WhenTheServerAnswersOtherwise_ThenTheResultSaysWhetherToTryAgain_R_NTF_3(string command, string reply, Type expected)
    {
        await using TestMailServer server = new(SmtpSecurity.ImplicitTls);
        server.Replies[command] = reply;

        DeliveryResult result = await SendAsync(server);

        Assert.IsType(expected, result);
        Assert.DoesNotContain("applicant-li", result.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RCPT", typeof(DeliveryResult.Retry))]
    [InlineData(".", typeof(DeliveryResult.Unknown))]
    public async Task Smtp_WhenTheServerFallsSilent_ThenItGivesUpInTime_R_NTF_3(string command, Type expected)
    {
        await using TestMailServer server = new(SmtpSecurity.StartTls);
        server.Replies[command] = "hang";
        SmtpOptions options = server.Options();
        options.TimeoutSeconds = 1;

        DeliveryResult result = await new SmtpChannel(options, new FixedTime()).SendAsync(Mail, CancellationToken.None);

        Assert.IsType(expected, result);
    }

    [Fact]
    public async Task Smtp_WhenTheServerStopsOfferingTls_ThenNothingIsSentInPlain_R_NTF_4()
    {
        await using TestMailServer server = new(SmtpSecurity.None);
        SmtpOptions options = server.Options();
        (options.Security, options.UserName, options.Password) = (SmtpSecurity.StartTls, "sender", "secret");

        DeliveryResult result = await new SmtpChannel(options, new FixedTime()).SendAsync(Mail, CancellationToken.None);

        Assert.Contains("STARTTLS", Assert.IsType<DeliveryResult.Retry>(result).Reason, StringComparison.Ordinal);
        Assert.Empty(server.Messages);
        Assert.DoesNotContain(server.Commands, c => c.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SmtpSecurity.StartTls)]
    [InlineData(SmtpSecurity.ImplicitTls)]
    public async Task Smtp_WhenTheCertificateIsNotTrusted_ThenNothingIsSent_R_NTF_4(SmtpSecurity security)
    {
        await using TestMailServer server = new(security);
        SmtpOptions options = server.Options();
        options.TrustedRootsFile = null;

        Assert.IsType<DeliveryResult.Retry>(await new SmtpChannel(options, new FixedTime()).SendAsync(Mail, CancellationToken.None));
        Assert.Empty(server.Messages);
    }

    [Fact]
    public async Task Smtp_WhenNobodyListens_ThenItIsTriedAgain_R_NTF_3()
    {
        SmtpOptions options;
        await using (TestMailServer server = new(SmtpSecurity.None))
        {
            options = server.Options();
        }

        Assert.IsType<DeliveryResult.Retry>(await new SmtpChannel(options, new FixedTime()).SendAsync(Mail, CancellationToken.None));
    }

    [Theory]
    [InlineData("not an address")]
    [InlineData("a@b.test>\r\nRCPT TO:<c@d.test")]
    [InlineData("李@example.org")]
    [InlineData("Name <a@b.test>")]
    [InlineData("")]
    public async Task Smtp_WhenTheAddressIsNone_ThenItIsDeadWithoutAConnection_R_NTF_3(string to)
    {
        await using TestMailServer server = new(SmtpSecurity.None);

        DeliveryResult result = await new SmtpChannel(server.Options(), new FixedTime()).SendAsync(Mail with { To = to }, CancellationToken.None);

        Assert.IsType<DeliveryResult.Dead>(result);
        Assert.Empty(server.Commands);
    }

    [Fact]
    public async Task Smtp_WhenASubjectHoldsLineBreaks_ThenNoHeaderIsAdded()
    {
        await using TestMailServer server = new(SmtpSecurity.None);

        await new SmtpChannel(server.Options(), new FixedTime()).SendAsync(Mail with { Subject = "a\r\nBcc: x@evil.test", Id = "e\r\nX: y" }, CancellationToken.None);

        Assert.DoesNotMatch(@"(?m)^(Bcc|X):", Assert.Single(server.Messages));
    }

    [Theory]
    [InlineData(465, SmtpSecurity.StartTls, null)]
    [InlineData(25, SmtpSecurity.None, "sender")]
    [InlineData(587, SmtpSecurity.StartTls, "sender")]
    public void SmtpOptions_WhenTheyContradict_ThenTheyAreRefused(int port, SmtpSecurity security, string? user)
    {
        SmtpOptions options = new() { Host = "mail.test", From = "a@b.test", Port = port, Security = security, UserName = user };

        Assert.False(Validator.TryValidateObject(options, new ValidationContext(options), [], validateAllProperties: true));
    }

    private static Task<DeliveryResult> SendAsync(TestMailServer server) =>
        new SmtpChannel(server.Options(), new FixedTime()).SendAsync(Mail, CancellationToken.None);

    private static string Header(string mail, string name) =>
        Regex.Match(mail, $@"(?m)^{name}: ((?:.*\r\n )*.*)\r\n").Groups[1].Value.Replace("\r\n ", " ", StringComparison.Ordinal).TrimEnd('\r');

    private static string Decoded(string header) =>
        Encoding.UTF8.GetString([.. Regex.Matches(header, @"=\?utf-8\?B\?([^?]+)\?=").SelectMany(m => Convert.FromBase64String(m.Groups[1].Value))]);

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 9, 21, 1, 30, 0, TimeSpan.Zero);
    }
}
