using Talent.Workflows.Approvals.Eligibility;

namespace Talent.Workflows.Approvals.Tests.Eligibility;

/// <summary>问答测试 of 在职人才引进入户: step by step as in the manual (1.2.2).</summary>
public sealed class QuestionnaireTests
{
    private static readonly Questionnaire Tree = Settlement.Rules.Questionnaire!;

    [Fact]
    public void Questions_WhenNothingFits_ThenTheyComeInTheManualsOrderAndTheResultIsAHint_R_ELG_2()
    {
        string[] none = ["no", "none", "none", "no", "none"];
        var (given, asked) = (new List<GivenAnswer>(), new List<string>());
        foreach (var option in none)
        {
            var open = Tree.Follow(given).Open!;
            asked.Add(open.Id);
            given.Add(new GivenAnswer(open.Id, option));
        }

        var place = Tree.Follow(given);

        Assert.Equal(["insurance", "degree", "title", "talent", "skill"], asked);
        Assert.Null(place.Open);
        Assert.Empty(place.Result!.Conditions);
        Assert.Contains("自主选择入户条件申报", place.Result.Zh, StringComparison.Ordinal);
        Assert.Equal(["否", "以上均不是", "以上均不具有", "否", "以上均不具有"], place.Given.Select(g => g.Option.Zh));
    }

    [Theory]
    [InlineData("yes bachelor", "A1")]
    [InlineData("no none senior", "B1")]
    [InlineData("no none intermediate", "B2")]
    [InlineData("no none none yes", "D1 D2")]
    [InlineData("no none none no senior-technician", "C2")]
    [InlineData("no none none no technician", "C3")]
    [InlineData("no none none no professional", "C1")]
    [InlineData("no none none no senior-worker", "C4")]
    [InlineData("no none none no shortage", "C5")]
    [InlineData("yes doctor", "A1")]
    public void Questions_WhenSomethingFits_ThenItsConditionsAreTheResult_R_ELG_2(string options, string conditions)
    {
        var given = new List<GivenAnswer>();
        foreach (var option in options.Split(' '))
            given.Add(new GivenAnswer(Tree.Follow(given).Open!.Id, option));

        Assert.Equal(conditions, string.Join(' ', Tree.Follow(given).Result!.Conditions));
    }

    [Fact]
    public void Answers_WhenTheyFitTheTreeNoMore_ThenWhatIsLeftOfThemCounts_R_ELG_2()
    {
        var place = Tree.Follow([new("insurance", "yes"), new("degree", "an-option-of-last-year"), new("title", "senior")]);

        Assert.Equal(("degree", 1), (place.Open!.Id, place.Given.Count));
    }
}
