using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime.Tests.Timers;

public sealed class BusinessClockTests
{
    [Fact]
    public void Follow_WhenAnOffsetWasReadBeforeItWasAdvanced_ThenTheClockDoesNotGoBack()
    {
        var clock = new BusinessClock(TimeProvider.System);
        clock.Follow(TimeSpan.FromDays(20));

        clock.Follow(TimeSpan.FromDays(3));

        Assert.Equal(TimeSpan.FromDays(20), clock.Offset);
    }
}
