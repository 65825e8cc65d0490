using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Letters;
using Talent.Workflows.Approvals.Tests.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Letters;

/// <summary>What is wrong with letters is said when they are loaded.</summary>
public sealed class LetterContentTests
{
    [Fact]
    public void Letters_WhenTheServiceNamesAKindAlone_ThenTheRestIsAsInTheSharedOne_R_DOC_1()
    {
        using var content = new ShippedContent();

        var letters = content.Load().Letters;

        Assert.Equal(["qualification", "correction", "dismissal", "notice", "completion"], letters.All.Select(l => l.Kind));
        var correction = letters.Find("correction")!;
        Assert.Equal(("补正告知书", "case.returned", "stage"), (correction.Zh, correction.On, correction.Issuer));
        Assert.Equal("评审结果通知书", letters.Find("completion")!.Zh);
        Assert.Contains("复核", letters.Find("dismissal")!.Remedy!.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void Letters_WhenTheServiceHasNoFileOrAnEmptyList_ThenItHasTheSharedOnesOrNone_R_DOC_1()
    {
        using var content = new ShippedContent();
        Directory.Delete(Path.Combine(content.Folder, "letters"), recursive: true);
        content.Write("letters.json", """{ "letters": [] }""");
        Assert.Empty(content.Load().Letters.All);

        File.Delete(Path.Combine(content.Folder, "letters.json"));

        Assert.Equal(["acceptance", "correction", "refusal", "dismissal", "notice", "completion"], content.Load().Letters.All.Select(l => l.Kind));
    }

    [Fact]
    public void Version_WhenALetterChanges_ThenItIsAnother_R_DOC_1()
    {
        using var content = new ShippedContent();
        var before = content.Load().Version;

        content.Replace("letters/qualification.zh-CN.md", "特此通知。", "特此告知。");
        var own = content.Load().Version;
        File.AppendAllText(Path.Combine(content.SharedLetters, "acceptance.zh-CN.md"), "\n此致\n");

        Assert.Distinct([before, own, content.Load().Version]);
    }

    [Theory]
    [InlineData("letters/qualification.zh-CN.md", "{{titleName}}", "{{salary}}", "letters/qualification.zh-CN.md", "'salary' isn't one of the letter's")]
    [InlineData("letters/qualification.en.md", "{{titleName}}", "{{titleName", "letters/qualification.en.md", "never closed")]
    [InlineData("letters/qualification.en.md", "{{titleName}}", "{{{titleName}}}", "letters/qualification.en.md", "isn't possible here")]
    [InlineData("letters.json", "\"titleName\", \"dueDate?\"", "\"titleName\", \"salary\", \"dueDate?\"", "letters.json", "'salary' isn't known")]
    [InlineData("letters.json", "phase2.opened", "phase2.closed", "letters.json", "'phase2.closed' isn't known")]
    [InlineData("letters.json", "\"unit-review\"", "\"unit-revue\"", "letters.json", "'unit-revue' is no stage")]
    [InlineData("letters.json", "资审字〔{year}〕{serial}号", "资审字〔{year}〕号", "letters.json", "is no rule of a number")]
    [InlineData("letters.json", "资审字〔{year}〕{serial}号", "资审字〔{year}〕{serial}{month}号", "letters.json", "is no rule of a number")]
    [InlineData("letters.json", "{issuer}资审字〔{year}〕{serial}号", "{issuer}补字〔{year}〕{serial}号", "letters.json", "numbers another kind already")]
    [InlineData("letters.json", "{issuer}资审字〔{year}〕{serial}号", "{notice}", "letters.json", "is known on notice.opened alone")]
    [InlineData("letters.json", "\"kind\": \"notice\"", "\"kind\": \"completion\"", "letters.json", "the kind stands twice")]
    [InlineData("letters.json", "\"kind\": \"notice\"", "\"kind\": \"minutes\"", "letters.json", "give its title in zh and en")]
    [InlineData("letters.json", "\"issuer\": \"stage\"", "\"issuer\": \"court\"", "letters.json", "'court' isn't known")]
    [InlineData("letters.json", "\"addressee\": \"applicant\"", "\"addressee\": \"everybody\"", "letters.json", "'everybody' isn't known")]
    [InlineData("letters.json", "\"letters\": [", "\"codes\": { \"bureau\": \"\" }, \"letters\": [", "letters.json", "a code has 1 to 20 characters")]
    [InlineData("letters.json", "\"kind\": \"notice\"", "\"kind\": \"notice\", \"seal\": true", "letters.json", "seal")]
    [InlineData("letters.json", "\"kind\": \"notice\"", "\"kind\": \"notice\", \"exceptStages\": [\"unit-revue\"]", "letters.json", "'unit-revue' is no stage")]
    [InlineData("letters.json", "\"kind\": \"notice\"", "\"kind\": \"notice\", \"stages\": [\"unit-review\"], \"exceptStages\": [\"bureau-review\"]", "letters.json", "not both")]
    [InlineData("letters.json", "\"letters\": [", "\"reissuedBy\": [\"applicant\"], \"letters\": [", "letters.json", "'applicant' isn't a role of an office")]
    public void File_WhenSomethingInItIsWrong_ThenTheErrorNamesThePlace_R_DOC_1(string file, string old, string with, string at, string message)
    {
        using var content = new ShippedContent();

        content.Replace(file, old, with);

        Assert.Contains(content.Errors(), e => e.File == at && e.Message.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public void Files_WhenOneIsMissingOrBelongsToNoLetter_ThenTheErrorNamesIt_R_DOC_1()
    {
        using var content = new ShippedContent();
        File.Move(content.PathOf("letters/qualification.en.md"), Path.Combine(content.Folder, "letters", "qualifikation.en.md"));

        var errors = content.Errors().Select(e => $"{e.File}: {e.Message}").Order(StringComparer.Ordinal).ToArray();

        Assert.Collection(errors, e => Assert.StartsWith("letters/qualification.en.md: the file is missing", e, StringComparison.Ordinal), e => Assert.StartsWith("letters/qualifikation.en.md: the file belongs to no kind", e, StringComparison.Ordinal));
    }

    [Fact]
    public void Refusal_WhenItSaysNothingOfItsReview_ThenItIsRefused_R_DOC_1()
    {
        using var content = new ShippedContent();
        var file = Path.Combine(content.SharedLetters, "letters.json");
        var shared = JsonNode.Parse(File.ReadAllText(file))!;
        shared["letters"]!.AsArray().Single(l => (string?)l!["kind"] == "refusal")!.AsObject().Remove("remedy");
        File.WriteAllText(file, shared.ToJsonString());
        Directory.Delete(Path.Combine(content.Folder, "letters"), recursive: true);
        File.Delete(Path.Combine(content.Folder, "letters.json"));

        Assert.Contains("行政复议", Assert.Single(content.Errors()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Definition_WhenItIssuesALetterThatThereIsNot_ThenTheErrorNamesTheActivity_R_DOC_1()
    {
        using var content = new ShippedContent();
        var definition = JsonNode.Parse(content.Read("definition.json"))!;
        definition["root"]!["activities"]!.AsArray().Add(JsonNode.Parse("""{"id":"send","type":"Talent.IssueLetter","letter":{"typeName":"String","expression":{"type":"Literal","value":"diploma"}}}"""));
        content.Write("definition.json", definition.ToJsonString());

        var error = Assert.Single(content.Errors());

        Assert.Equal(("definition.json", "send.letter"), (error.File, error.Path));
        Assert.Contains("no letter 'diploma'", error.Message, StringComparison.Ordinal);
    }
}
