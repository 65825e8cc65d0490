using System.Text.Json;

namespace Talent.Workflows.Server.Tests.ElsaApi;

public sealed class DescriptorTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Theory]
    [InlineData("descriptors/activities?Refresh=True", "activity-descriptors", 25)]
    [InlineData("descriptors/expression-descriptors", "expression-descriptors", 5)]
    [InlineData("descriptors/variables", "variables", 20)]
    [InlineData("descriptors/storage-drivers", "storage-drivers", 3)]
    [InlineData("descriptors/workflow-activation-strategies", "strategies", 4)]
    [InlineData("descriptors/incident-strategies", "strategies", 2)]
    [InlineData("descriptors/log-persistence-strategies", "strategies", 3)]
    [InlineData("descriptors/commit-strategies/workflows", "nothing", 0)]
    [InlineData("descriptors/commit-strategies/activities", "nothing", 0)]
    [InlineData("descriptors/output-converters?sourceType=String&destinationType=Int32", "nothing", 0)]
    [InlineData("features/installed", "features", 5)]
    public async Task List_WhenAsked_ThenItHasElsasShape(string path, string shape, int atLeast)
    {
        var answer = (await server.SendAsync("GET", $"/elsa/api/{path}")).Is(200).Json;

        Shape.Matches(shape, answer);
        Assert.Equal(answer.GetProperty("items").GetArrayLength(), answer.GetProperty("count").GetInt32());
        Assert.True(answer.GetProperty("count").GetInt32() >= atLeast);
    }

    [Fact]
    public async Task Activities_WhenComparedWithTheGuide_ThenEachIsInItsTable()
    {
        var guide = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "guides", "elsa-compatibility.md"));
        var table = guide[guide.IndexOf("\n## Activities", StringComparison.Ordinal)..guide.IndexOf("\nNot there:", StringComparison.Ordinal)];
        var written = table.Split('`').Where(word => word.StartsWith("Elsa.", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

        var offered = (await ActivitiesAsync(null)).Select(a => a.GetProperty("typeName").GetString()!).Distinct(StringComparer.Ordinal);

        Assert.Equal(offered.Where(t => t.StartsWith("Elsa.", StringComparison.Ordinal) && t != "Elsa.NotFoundActivity").Order(StringComparer.Ordinal), written);
    }

    [Theory]
    [InlineData("zh-CN,zh;q=0.9,en;q=0.8", "开始", "审核环节", "通过")]
    [InlineData("en-US,en;q=0.9,zh;q=0.8", "Start", "Review Stage", "Approve")]
    [InlineData(null, "Start", "Review Stage", "Approve")]
    public async Task Activities_WhenTheBrowserPrefersALanguage_ThenTheirTextsAreInIt(string? language, string start, string stage, string port)
    {
        var activities = await ActivitiesAsync(language);

        Assert.Equal(start, Named(activities, "Elsa.Start").GetProperty("displayName").GetString());
        Assert.Equal(stage, Named(activities, "Talent.ReviewStage").GetProperty("displayName").GetString());
        Assert.Equal(port, Named(activities, "Talent.ReviewStage").GetProperty("ports")[0].GetProperty("displayName").GetString());
    }

    [Fact]
    public async Task Activities_WhenInChinese_ThenEveryTextIsChineseAndInEnglishNoneIs()
    {
        var wrong = new List<string>();
        foreach (var (language, chinese) in new[] { ("zh-CN", true), ("en", false) })
            foreach (var activity in await ActivitiesAsync(language))
                foreach (var (place, text) in Texts(activity))
                    if (text.Any(c => c is >= '\u4e00' and <= '\u9fff') != chinese && !(chinese && text.Length == 0))
                        wrong.Add($"{language} {activity.GetProperty("typeName")} {place}: '{text}'");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Activities_WhenStudioAsks_ThenItsPlaceholdersAreListedAndNothingTwice()
    {
        var activities = await ActivitiesAsync(null);

        foreach (var type in (string[])["Elsa.Workflow", "Elsa.Flowchart", "Elsa.Sequence", "Elsa.NotFoundActivity"])
            Assert.False(Named(activities, type).GetProperty("isBrowsable").GetBoolean());
        Assert.Equal(activities.Count, activities.DistinctBy(a => (a.GetProperty("typeName").GetString(), a.GetProperty("version").GetInt32())).Count());
    }

    [Fact]
    public async Task Activities_WhenADefinitionNamesAnotherVersion_ThenItIsListedToo()
    {
        (await server.SendAsync("POST", "/api/v1/workflows/definitions", """{"definitionId":"old-type","name":"Old","root":{"id":"r","type":"Elsa.WriteLine","version":7}}""")).Is(200);

        var activities = await ActivitiesAsync(null);

        Assert.Equal([1, 7], activities.Where(a => a.GetProperty("typeName").GetString() == "Elsa.WriteLine").Select(a => a.GetProperty("version").GetInt32()));
    }

    [Fact]
    public async Task ReviewStage_WhenDescribed_ThenItsOutcomesFollowItsInputAndRolesAreADropDown()
    {
        var stage = (await server.SendAsync("GET", "/elsa/api/descriptors/activities/Talent.ReviewStage")).Is(200).Json;

        var role = Input(stage, "Role");
        Assert.Equal("dropdown", role.GetProperty("uiHint").GetString());
        Assert.Contains("employer.reviewer", role.GetProperty("uiSpecifications").GetProperty("dropdown").GetProperty("selectList").GetProperty("items").EnumerateArray().Select(i => i.GetProperty("value").GetString()));
        var outcomes = Input(stage, "Outcomes");
        Assert.Equal("dynamic-outcomes", outcomes.GetProperty("uiHint").GetString());
        Assert.Equal("Timeout", outcomes.GetProperty("uiSpecifications").GetProperty("DynamicOutcomesOptions").GetProperty("fixedOutcomes")[0].GetString());
        var given = stage.GetProperty("constructionProperties").GetProperty("outcomes").GetProperty("expression");
        Assert.Equal("Object", given.GetProperty("type").GetString());
        Assert.Equal(["Approve", "Return", "Reject"], JsonSerializer.Deserialize<string[]>(given.GetProperty("value").GetString()!)!);
    }

    [Fact]
    public async Task Options_WhenAskedForAnInput_ThenItsChoicesAndAnUnknownOneIsNotFound()
    {
        var options = (await server.SendAsync("POST", "/elsa/api/descriptors/activities/Talent.ReviewStage/options/role", "{}")).Is(200).Json;

        Assert.NotEmpty(options.GetProperty("items").GetProperty("dropdown").GetProperty("selectList").GetProperty("items").EnumerateArray());
        var messages = (await server.SendAsync("POST", "/elsa/api/descriptors/activities/Talent.Notify/options/event", "{}")).Is(200).Text;
        Assert.Contains("case.submitted", messages, StringComparison.Ordinal);
        // No workflow has a code to send.
        Assert.DoesNotContain("verification.code", messages, StringComparison.Ordinal);
        (await server.SendAsync("POST", "/elsa/api/descriptors/activities/Talent.ReviewStage/options/nothing", "{}")).Is(404);
        (await server.SendAsync("GET", "/elsa/api/descriptors/activities/No.Such")).Is(404);
    }

    [Fact]
    public async Task Features_WhenReadByName_ThenOneOrNotFoundAndTheVersionIsElsas()
    {
        Assert.Equal("Elsa.Flowchart", (await server.SendAsync("GET", "/elsa/api/features/installed/Elsa.Flowchart")).Is(200).Json.GetProperty("fullName").GetString());
        (await server.SendAsync("GET", "/elsa/api/features/installed/Elsa.Nothing")).Is(404);
        Assert.True(Version.TryParse((await server.SendAsync("GET", "/elsa/api/package/version")).Is(200).Json.GetProperty("packageVersion").GetString(), out _));
    }

    [Fact]
    public async Task TypeDefinitions_WhenADefinitionHasVariables_ThenTheyAreDeclaredAndNoStrangeNames()
    {
        (await server.SendAsync("POST", "/api/v1/workflows/definitions", """
            {"definitionId":"declared","name":"D","variables":[{"id":"v","name":"amount","typeName":"Int32"},{"id":"w","name":"x; evil()","typeName":"String"}],"root":{"id":"r","type":"Elsa.Event","version":1,"name":"Wait1"}}
            """)).Is(200);

        var answer = (await server.SendAsync("POST", "/elsa/api/scripting/javascript/type-definitions/declared", """{"workflowDefinitionId":"declared","activityTypeName":"Elsa.RunJavaScript","propertyName":"Script"}""")).Is(200);

        Assert.Equal("text/plain", answer.MediaType);
        Assert.Contains("declare function setAmount(value: number): void;", answer.Text, StringComparison.Ordinal);
        Assert.Contains("getResultFromWait1()", answer.Text, StringComparison.Ordinal);
        Assert.Contains("setOutcome(name: string)", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", answer.Text, StringComparison.Ordinal);
    }

    private async Task<List<JsonElement>> ActivitiesAsync(string? language)
    {
        var answer = language is null ? await server.SendAsync("GET", "/elsa/api/descriptors/activities") : await server.SendAsync("GET", "/elsa/api/descriptors/activities", headers: ("Accept-Language", language));
        return [.. answer.Is(200).Json.GetProperty("items").EnumerateArray()];
    }

    private static IEnumerable<(string Place, string Text)> Texts(JsonElement activity)
    {
        foreach (var name in (string[])["displayName", "description", "category"])
            if (activity.GetProperty(name).GetString() is { } text && text != "HTTP" && !text.EndsWith("JavaScript", StringComparison.Ordinal))
                yield return (name, text);
        foreach (var list in (string[])["inputs", "outputs", "ports"])
            foreach (var item in activity.GetProperty(list).EnumerateArray())
            {
                yield return ($"{list}.{item.GetProperty("name")}", item.GetProperty("displayName").GetString()!);
                if (list == "inputs")
                    yield return ($"{list}.{item.GetProperty("name")} description", item.GetProperty("description").GetString()!);
            }
    }

    private static JsonElement Named(IEnumerable<JsonElement> activities, string type) => activities.Single(a => a.GetProperty("typeName").GetString() == type);

    private static JsonElement Input(JsonElement activity, string name) => activity.GetProperty("inputs").EnumerateArray().Single(i => i.GetProperty("name").GetString() == name);
}
