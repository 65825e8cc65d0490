using Talent.Workflows.Approvals.Messages.Channels;

namespace Talent.Workflows.Approvals.Tests.Messages.Channels;

public sealed class DeliveryRulesTests
{
    [Theory]
    [InlineData("19900001234", "199****1234")]
    [InlineData("applicant-li@talent.example.org", "a***@talent.example.org")]
    [InlineData("user-7", "***")]
    [InlineData("", "***")]
    [InlineData("@", "***")]
    public void Mask_WhenARecipientIsShown_ThenLittleOfItIs_R_AUD_2(string recipient, string shown) => Assert.Equal(shown, RecipientMask.Of(recipient));

    [Theory]
    [InlineData("2026-09-21T21:59:00+08:00", "2026-09-21T21:59:00+08:00")]
    [InlineData("2026-09-21T22:00:00+08:00", "2026-09-22T08:00:00+08:00")]
    [InlineData("2026-09-22T07:59:59+08:00", "2026-09-22T08:00:00+08:00")]
    [InlineData("2026-09-22T00:00:00Z", "2026-09-22T08:00:00+08:00")]
    [InlineData("2026-12-31T15:00:00Z", "2027-01-01T08:00:00+08:00")]
    public void QuietHours_WhenItIsNight_ThenTheMessageWaitsForTheMorning_R_NTF_4(string instant, string allowed) =>
        Assert.Equal(Parse(allowed), QuietHours.Default.NextAllowed(Parse(instant)));

    [Fact]
    public void QuietHours_WhenTheyLieWithinOneDay_ThenTheSameDaysEndCounts_R_NTF_4()
    {
        QuietHours noon = new(new TimeOnly(12, 0), new TimeOnly(13, 0));

        Assert.Equal(Parse("2026-09-21T13:00:00+08:00"), noon.NextAllowed(Parse("2026-09-21T12:30:00+08:00")));
        Assert.Equal(Parse("2026-09-21T13:00:00+08:00"), noon.NextAllowed(Parse("2026-09-21T13:00:00+08:00")));
        Assert.Equal(Parse("2026-09-21T23:00:00+08:00"), new QuietHours(default, default).NextAllowed(Parse("2026-09-21T23:00:00+08:00")));
    }

    [Fact]
    public async Task Capture_WhenNothingIsConfigured_ThenTheMessageIsKeptAsItIs_R_NTF_3()
    {
        List<Message> kept = [];
        CaptureChannel channel = new("sms", (m, _) => { kept.Add(m); return ValueTask.CompletedTask; });
        Message message = new() { Id = "e1", Channel = "sms", To = "19900000001", Text = "您好" };

        Assert.Equal(new DeliveryResult.Sent("captured:e1"), await channel.SendAsync(message, CancellationToken.None));
        Assert.Same(message, Assert.Single(kept));
        Assert.Equal("sms", channel.Name);
    }

    private static DateTimeOffset Parse(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
