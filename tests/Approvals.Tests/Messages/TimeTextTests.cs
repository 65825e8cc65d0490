using Talent.Workflows.Approvals.Messages;
using static Talent.Workflows.Approvals.Tests.Calendars.ChineseCalendars;

namespace Talent.Workflows.Approvals.Tests.Messages;

public sealed class TimeTextTests
{
    [Theory]
    [InlineData("2026-09-24", "2026-09-29", "还有2个工作日", "2 working days left")]
    [InlineData("2026-09-28", "2026-09-29", "还有1个工作日", "1 working day left")]
    [InlineData("2026-09-29", "2026-09-29", "今天到期", "due today")]
    [InlineData("2026-10-03", "2026-10-05", "即将到期", "due soon")]
    [InlineData("2026-10-03", "2026-09-30", "已逾期", "overdue")]
    [InlineData("2026-10-09", "2026-09-30", "已逾期2个工作日", "2 working days overdue")]
    public void Of_WhenADayIsGiven_ThenItSaysHowFarTheDeadlineIs_R_REV_4(string today, string last, string zh, string en)
    {
        Assert.Equal(zh, TimeText.Of(DateOnly.Parse(today, null), DateOnly.Parse(last, null), Shipped, chinese: true));
        Assert.Equal(en, TimeText.Of(DateOnly.Parse(today, null), DateOnly.Parse(last, null), Shipped, chinese: false));
    }
}
