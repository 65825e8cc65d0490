using System.Text.Json;
using Talent.Workflows.Approvals.Filings.Sources;

namespace Talent.Workflows.Approvals.Tests.Filings;

/// <summary>Sources of values as data changes: no values, and no source lost that still holds (R-CASE-5).</summary>
public sealed class SourceMapTests
{
    private static readonly DateTimeOffset At = new(2026, 9, 21, 1, 0, 0, TimeSpan.Zero);

    private static readonly JsonElement Before = Json("""{"name":"李示例","school":"示例大学","rows":[{"a":"1","b":"x"},{"a":"2","b":"y"}]}""");

    [Fact]
    public void Sources_WhenNothingChanges_ThenTheyStay()
    {
        var map = Read(Before);

        Assert.Equal(map.Write(), map.After(Before, Before, _ => throw new InvalidOperationException()).Write());
    }

    [Fact]
    public void Sources_WhenAValueChangesComesOrGoes_ThenOnlyThatIsGivenAnother()
    {
        var after = Read(Before).After(Before, Json("""{"name":"李改名","rows":[{"a":"1","b":"z"},{"a":"2","b":"y"},{"a":"3"}]}"""), _ => Typed);

        Assert.Equal("name typed, rows[0].a recognition, rows[0].b typed, rows[1].a recognition, rows[1].b recognition, rows[2].a typed", Told(after));
    }

    [Fact]
    public void Sources_WhenRowsChangePlaces_ThenTheyMoveWithThem()
    {
        var map = SourceMap.Empty.After(Json("{}"), Before, path => path.StartsWith("rows[1]", StringComparison.Ordinal) ? Recognised : Typed);

        var after = map.After(Before, Json("""{"rows":[{"b":"y","a":"2"},{"a":"1","b":"x"}]}"""), _ => throw new InvalidOperationException());

        Assert.Equal("rows[0].a recognition, rows[0].b recognition, rows[1].a typed, rows[1].b typed", Told(after));
    }

    [Fact]
    public void Sources_WhenWritten_ThenTheyHoldNoValueAndReadTheSame()
    {
        var written = Read(Before).Write();

        Assert.DoesNotContain("李示例", System.Text.RegularExpressions.Regex.Unescape(written.Json), StringComparison.Ordinal);
        Assert.Equal(written, SourceMap.Parse(written.Json).Write());
        Assert.Empty(SourceMap.Parse(null).All);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[1,2]")]
    [InlineData("\"x\"")]
    [InlineData("""{"rows":[1,[2],null,{"a":null}]}""")]
    public void Sources_WhenDataIsOddlyShaped_ThenNothingFails(string data) => Assert.Empty(Read(Before).After(Before, Json(data), _ => Typed).All);

    private static ValueSource Typed => new(ValueSources.Typed, At, "applicant-li");

    private static ValueSource Recognised => new(ValueSources.Recognition, At, "applicant-li") { Slot = "diploma", Material = Guid.Empty };

    private static SourceMap Read(JsonElement data) => SourceMap.Empty.After(Json("{}"), data, _ => Recognised);

    private static string Told(SourceMap map) => string.Join(", ", map.All.Select(s => $"{s.Key} {s.Value.Source}"));

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
