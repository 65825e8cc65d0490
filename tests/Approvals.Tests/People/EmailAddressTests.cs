using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Tests.People;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("li.shili@example.cn", "li.shili@example.cn")]
    [InlineData(" Li.Shili@Example.CN ", "li.shili@example.cn")]
    [InlineData("ｌｉ＠example．cn", "li@example.cn")]
    public void TryParse_WhenItIsAnAddress_ThenSpellingsHaveOneForm(string text, string normalised)
    {
        Assert.True(EmailAddress.TryParse(text, out var email, out _));

        Assert.Equal(normalised, email.Normalised);
        Assert.Equal($"{email.Value[0]}***@{email.Value.Split('@')[1]}", email.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("li")]
    [InlineData("li@")]
    [InlineData("li@example")]
    [InlineData("li@@example.cn")]
    [InlineData("li shili@example.cn")]
    [InlineData("李@example.cn")]
    [InlineData("<li@example.cn>")]
    [InlineData("li@example.cn\r\nBcc: x@example.cn")]
    public void TryParse_WhenItIsNone_ThenThatIsSaidWithoutIt(string? text)
    {
        Assert.False(EmailAddress.TryParse(text, out _, out var fault));

        Assert.Equal("email_format", fault.Code);
        if (text is { Length: > 2 })
            Assert.DoesNotContain(text, fault.Zh + fault.En, StringComparison.Ordinal);
    }
}
