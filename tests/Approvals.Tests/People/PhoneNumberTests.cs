using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Tests.People;

public sealed class PhoneNumberTests
{
    [Theory]
    [InlineData("13800138000")]
    [InlineData(" 138 0013 8000 ")]
    [InlineData("138-0013-8000")]
    [InlineData("+86 138 0013 8000")]
    [InlineData("+8613800138000")]
    [InlineData("008613800138000")]
    [InlineData("8613800138000")]
    [InlineData("１３８００１３８０００")]
    public void TryParse_WhenWrittenInAnyUsualWay_ThenOneForm_R_ACC_1(string text)
    {
        Assert.True(PhoneNumber.TryParse(text, out var phone, out _));

        Assert.Equal(("13800138000", "+8613800138000", "138****8000"), (phone.Value, phone.International, phone.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("010-65099999")]
    [InlineData("12800138000")]
    [InlineData("1380013800")]
    [InlineData("138001380001")]
    [InlineData("1380013800a")]
    [InlineData("+85213800138000")]
    [InlineData("23800138000")]
    public void TryParse_WhenNotAMainlandMobile_ThenRefusedInChinese_R_ACC_1(string? text)
    {
        Assert.False(PhoneNumber.TryParse(text, out _, out var fault));

        Assert.Equal("phone_format", fault.Code);
        Assert.Contains("11位", fault.Zh, StringComparison.Ordinal);
    }
}
