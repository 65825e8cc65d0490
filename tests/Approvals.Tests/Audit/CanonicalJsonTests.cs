using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Audit;

namespace Talent.Workflows.Approvals.Tests.Audit;

public sealed class CanonicalJsonTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Theory]
    [InlineData(""" { "b" : 1 , "a" : { "d" : [ ] , "c" : "x" } } """, """{"a":{"c":"x","d":[]},"b":1}""")]
    [InlineData("[1.0, 1e2, 100, 1E+2, -0, -0.0, 0.10, 1.5e-3]", "[1,100,100,100,0,0,0.1,0.0015]")]
    [InlineData("\"\\u5ba1\\/\\u0041\\n\\u001f\\\"\"", "\"审/A\\n\\u001f\\\"\"")]
    [InlineData("""{"\u0062":1,"a":2}""", """{"a":2,"b":1}""")]
    [InlineData("null", "null")]
    [InlineData("1234567890123456789012345678", "1234567890123456789012345678")]
    [InlineData("1e-28", "0.0000000000000000000000000001")]
    public void Of_WhenWrittenInAnyWay_ThenOneText_R_AUD_1(string json, string canonical)
    {
        Assert.Equal(canonical, CanonicalJson.Of(json));
        Assert.Equal(canonical, CanonicalJson.Of(canonical));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{'a':1}")]
    [InlineData("""{"a":1,"\u0061":2}""")]
    [InlineData("\"\\ud800\"")]
    [InlineData("12345678901234567890123456789")]
    [InlineData("1.5e-28")]
    [InlineData("1e-99999999999")]
    [InlineData("1e400")]
    public void Of_WhenItCantBeKeptExactly_ThenRefused_R_AUD_1(string json) => Assert.Throws<FormatException>(() => CanonicalJson.Of(json));

    [Fact]
    public void Of_WhenAnyValue_ThenIndentingAndReorderingChangeNothing_R_AUD_1()
    {
        var cases =
            from keys in Gen.SubListOf("a", "B", "审", "\"", "\n", "aa", "𠮷", "é")
            from numbers in Gen.ArrayOf(Gen.Choose(-100000, 100000), 8)
            select keys.Select((k, i) => KeyValuePair.Create(k, numbers[i] / 100m)).ToArray();
        Property.Holds(cases, pairs =>
        {
            var plain = JsonSerializer.Serialize(pairs.ToDictionary(p => p.Key, p => p.Value));
            var other = JsonSerializer.Serialize(pairs.Reverse().ToDictionary(p => p.Key, p => p.Value), Indented);

            Assert.Equal(CanonicalJson.Of(plain), CanonicalJson.Of(other));
            Assert.Equal(pairs.Length, JsonDocument.Parse(CanonicalJson.Of(plain)).RootElement.EnumerateObject().Count());
        });
    }
}
