using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Services;

namespace Talent.Workflows.Approvals.Tests.Cases;

/// <summary>The words for where a case stands (R-CASE-9), and what a service may say of the life of its cases.</summary>
public sealed class PositionWordTests
{
    public static TheoryData<string> Services => [.. ServiceFolders.All.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Services))]
    public void Words_WhereverACaseOfTheServiceStands_ThenEachReaderHasOneInBothLanguages_R_CASE_9(string service)
    {
        var package = ServicePackage.Load(ServiceFolders.All[service], ShippedContent.Shared);
        string?[] stages = [null, .. package.Service.Phases.SelectMany(p => p.Stages).Select(s => s.Key)];

        foreach (var status in StatusWord.All)
            foreach (var stage in stages)
                foreach (var reader in Enum.GetValues<WordReader>())
                {
                    var word = PositionWords.Of(package.Service.Words, status.Code, stage is null ? [] : [stage], reader);
                    Assert.Equal(status.Code, word.Code);
                    Assert.NotEmpty(word.Zh.Trim());
                    Assert.NotEmpty(word.En.Trim());
                }
    }

    [Fact]
    public void Words_WhateverTheTableSays_ThenAStageGoesBeforeAStatusAndTheCodeStaysTheStatus()
    {
        string[] places = ["first", "second", "third", .. StatusWord.All.Select(w => w.Code)];
        var cases = from order in Gen.Shuffle(places)
                    from count in Gen.Choose(0, places.Length)
                    from status in Gen.Elements(StatusWord.All.ToArray())
                    from open in Gen.SubListOf("first", "second", "third", "unknown")
                    from reader in Gen.Elements(Enum.GetValues<WordReader>())
                    select (Table: order.Take(count).ToArray(), Status: status, Open: open.ToArray(), Reader: reader);

        Property.Holds(cases, c =>
        {
            PositionWord[] table = [.. c.Table.Select((at, i) => new PositionWord(at, $"词{at}", at) { Reviewer = i % 2 == 0 ? new ReaderWord($"审{at}", at) : null })];

            var word = PositionWords.Of(table, c.Status.Code, c.Open, c.Reader);

            var expected = table.FirstOrDefault(w => c.Open.Contains(w.At)) ?? table.FirstOrDefault(w => w.At == c.Status.Code);
            Assert.Equal(c.Status.Code, word.Code);
            Assert.Equal(expected is null ? c.Status.Zh : c.Reader == WordReader.Reviewer ? expected.Reviewer?.Zh ?? expected.Zh : expected.Zh, word.Zh);
        });
    }

    [Theory]
    [InlineData("words", """[{"at":"no-such","zh":"词","en":"word"}]""", "no stage of phases and no status")]
    [InlineData("words", """[{"at":"rejected","zh":"词","en":"word"},{"at":"rejected","zh":"又","en":"again"}]""", "two words")]
    [InlineData("words", """[{"at":"rejected","zh":" ","en":"word"}]""", "1 to 40 characters")]
    [InlineData("words", """[{"at":"rejected","zh":"词","en":"word","noteZh":"注"}]""", "both languages")]
    [InlineData("refile", """{"after":[]}""", "names the statuses")]
    [InlineData("refile", """{"after":["in_review"]}""", "no status that a case ends in")]
    [InlineData("refile", """{"after":["cancelled"]}""", "no status that a case ends in")]
    [InlineData("refile", """{"after":["rejected"],"zh":""}""", "what the act is called")]
    public void Service_WhenWhatItSaysOfTheLifeOfItsCasesIsWrong_ThenItIsRefusedNamingIt(string property, string json, string message) =>
        Assert.Contains(Errors(service => service[property] = JsonNode.Parse(json)), e => e.Path.StartsWith(property, StringComparison.Ordinal) && e.Message.Contains(message, StringComparison.Ordinal));

    [Fact]
    public void Service_WhenAStageThatAcceptsIsNoReviewOrItsRefusalLeadsElsewhere_ThenItIsRefused_R_CASE_6()
    {
        Assert.Contains(Errors(service => service["phases"]![0]!["stages"]!.AsArray().Add(JsonNode.Parse("""{"key":"correct","zh":"补正","en":"Correction","role":"applicant","acceptance":true}"""))),
            e => e.Message.Contains("is no Talent.ReviewStage", StringComparison.Ordinal));
        Assert.Contains(Errors(_ => { }, definition => definition.Replace("\"value\": \"refused\"", "\"value\": \"rejected\"", StringComparison.Ordinal)), e => e.Path == "first-review.Refuse");
        Assert.Empty(Errors(_ => { }));
    }

    private static IReadOnlyList<ContentError> Errors(Action<JsonObject> change, Func<string, string>? flow = null)
    {
        var root = Directory.CreateTempSubdirectory("talent-life-").FullName;
        try
        {
            var folder = Path.Combine(root, "intake-rounds");
            Directory.CreateDirectory(Path.Combine(folder, "samples"));
            foreach (var file in Directory.EnumerateFiles(ServiceFolders.All["intake-rounds"], "*", SearchOption.AllDirectories))
                File.Copy(file, Path.Combine(folder, Path.GetRelativePath(ServiceFolders.All["intake-rounds"], file)));
            var service = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "service.json")))!.AsObject();
            change(service);
            File.WriteAllText(Path.Combine(folder, "service.json"), service.ToJsonString());
            var definition = Path.Combine(folder, "definition.json");
            File.WriteAllText(definition, flow?.Invoke(File.ReadAllText(definition)) ?? File.ReadAllText(definition));
            ServicePackage.Load(folder, ShippedContent.Shared);
            return [];
        }
        catch (ContentException e)
        {
            return e.Errors;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
