using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Tests.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Messages;

/// <summary>Values of a form as lists, notices, outside calls, messages and letters know them.</summary>
public sealed class MessageFactsTests
{
    [Theory]
    [InlineData("\"engineer\"", "engineer")]
    [InlineData("28.60", "28.60")]
    [InlineData("true", "true")]
    [InlineData("false", "false")]
    [InlineData("null", null)]
    [InlineData("[1]", null)]
    [InlineData("{}", null)]
    [InlineData("\"\\ud800\"", null)]
    public void Values_WhenTheyAreKnownAsText_ThenWhatIsTickedIsToo(string json, string? known) => Assert.Equal(known, FormData.Value(JsonDocument.Parse(json).RootElement));

    [Theory]
    [InlineData("true", "是", "yes")]
    [InlineData("false", "否", "no")]
    public void Words_WhenSomethingIsTicked_ThenMessagesAndLettersSayIt(string json, string zh, string en)
    {
        using var content = new ShippedContent();
        var package = content.Load();
        var given = MessageFacts.Given($$"""{ "1": { "examExempt": {{json}} } }""", "examExempt");

        Assert.Equal((zh, en), (MessageFacts.Choice(package, "examExempt", given, chinese: true), MessageFacts.Choice(package, "examExempt", given, chinese: false)));
    }
}
