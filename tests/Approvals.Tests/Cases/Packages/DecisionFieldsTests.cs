namespace Talent.Workflows.Approvals.Tests.Cases.Packages;

/// <summary>What a service's files say of what deciders fill in.</summary>
public sealed class DecisionFieldsTests
{
    [Theory]
    [InlineData("no-such-stage", "approve", "form.json")]
    [InlineData("employer-review", "applaud", "form.json")]
    [InlineData("employer-review", "approve", "definition.json")]
    public void Decisions_WhenTheStageDoesntAskForThem_ThenTheFilesAreRefused_S6(string stage, string outcome, string file)
    {
        using var content = new ShippedContent();
        content.Replace("form.json", "\"steps\": [", $$"""
            "decisions": [{ "stage": "{{stage}}", "outcome": "{{outcome}}", "fields": [{ "key": "position", "type": "text", "zh": "职位", "en": "Position", "required": true, "maxLength": 20 }] }],
              "steps": [
            """);

        var error = Assert.Single(content.Errors());

        Assert.Equal(file, error.File);
        Assert.Contains(stage, error.Path, StringComparison.Ordinal);
    }

    [Fact]
    public void Decisions_WhenNothingIsRequired_ThenAStageNeedntAsk_S6()
    {
        using var content = new ShippedContent();
        content.Replace("form.json", "\"steps\": [", """
            "decisions": [{ "stage": "employer-review", "outcome": "approve", "fields": [{ "key": "remark", "type": "text", "zh": "备注", "en": "Remark", "maxLength": 20 }] }],
              "steps": [
            """);

        var form = content.Load().Form;

        Assert.NotNull(form.Decision("employer-review", "approve"));
        Assert.Null(form.Decision("employer-review", "reject"));
    }
}
