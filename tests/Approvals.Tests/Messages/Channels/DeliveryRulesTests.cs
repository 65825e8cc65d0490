using Talent.Workflows.Approvals.Messages.Channels;

namespace Talent.Workflows.Approvals.Tests.Messages.Channels;

public sealed class DeliveryRulesTests
{
    private static readonly RetryPolicy Policy = new();
    private static readonly DeliveryResult Again = new DeliveryResult.Retry("later");

    [Fact]
    public void Retry_WhenAttemptsFail_ThenWaitsGrowUpToTheLongestAndEndAsADeadLetter_R_NTF_3()
    {
        double[] waits = [.. Enumerable.Range(1, 14).Select(n => Assert.IsType<NextAttempt.Wait>(Policy.After("m", n, Again)).For.TotalSeconds)];

        for (int i = 0; i < waits.Length; i++)
        {
            double least = Math.Min(10 * Math.Pow(2, i), 3600);
            Assert.InRange(waits[i], least, least * 1.2);
        }

        Assert.Equal("later (given up after 15 attempts)", Assert.IsType<NextAttempt.DeadLetter>(Policy.After("m", 15, Again)).Reason);
    }

    [Fact]
    public void Retry_WhenManyMessagesFailTogether_ThenTheyDoNotComeBackTogetherButEachAlwaysAlike_R_NTF_3()
    {
        TimeSpan[] waits = [.. Enumerable.Range(0, 500).Select(i => Assert.IsType<NextAttempt.Wait>(Policy.After($"m{i}", 4, Again)).For)];

        Assert.True(waits.Distinct().Count() > 490);
        Assert.InRange(waits.Average(w => w.TotalSeconds), 86, 90);
        Assert.Equal(Policy.After("m7", 4, Again), Policy.After("m7", 4, Again));
    }

    [Fact]
    public void Retry_WhenTheProviderAsksToWait_ThenItIsHeardWithinTheLongestWait_R_NTF_3()
    {
        Assert.InRange(Assert.IsType<NextAttempt.Wait>(Policy.After("m", 1, new DeliveryResult.Retry("x", TimeSpan.FromSeconds(300)))).For.TotalSeconds, 300, 360);
        Assert.InRange(Assert.IsType<NextAttempt.Wait>(Policy.After("m", 1, new DeliveryResult.Retry("x", TimeSpan.FromDays(9)))).For.TotalSeconds, 3600, 4320);
    }

    [Fact]
    public void Retry_WhenTheResultIsFinal_ThenNothingIsTriedAgain_R_NTF_3()
    {
        Assert.IsType<NextAttempt.Done>(Policy.After("m", 1, new DeliveryResult.Sent(null)));
        Assert.Equal("no", Assert.IsType<NextAttempt.DeadLetter>(Policy.After("m", 1, new DeliveryResult.Dead("no"))).Reason);
        Assert.IsType<NextAttempt.Wait>(Policy.After("m", 1, new DeliveryResult.Unknown("?")));
    }

    [Theory]
    [InlineData("19900001234", "199****1234")]
    [InlineData("applicant-li@talent.example.org", "a****@talent.example.org")]
    [InlineData("user-7", "****")]
    [InlineData("", "****")]
    [InlineData("@", "****")]
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
