using System.Reflection;

namespace Talent.Workflows.Engine.Tests;

public sealed class WorkflowExceptionTests
{
    public static TheoryData<string> Codes => [.. typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(code => (string)code.GetValue(null)!)];

    [Theory]
    [MemberData(nameof(Codes))]
    public void MessageZh_WhenNobodyWroteOne_ThenTheCodeSaysItInChineseAlone(string code)
    {
        var message = new WorkflowException(code, "Variable 'n' is missing. Declare it.").MessageZh;

        Assert.EndsWith("。", message, StringComparison.Ordinal);
        Assert.DoesNotContain(message, char.IsAsciiLetter);
        Assert.NotEqual(new WorkflowException("", "x").MessageZh, message);
    }

    [Fact]
    public void MessageZh_WhenTheCodeIsAFeaturesOwn_ThenItIsChineseAndNamesTheCode()
    {
        var message = new WorkflowException("panel_full", "The panel is full. Choose another.").MessageZh;

        Assert.Contains("panel_full", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Choose", message, StringComparison.Ordinal);
    }
}
