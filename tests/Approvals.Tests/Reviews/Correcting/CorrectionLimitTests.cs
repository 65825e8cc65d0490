using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Approvals.Reviews.Correcting;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Services;

namespace Talent.Workflows.Approvals.Tests.Reviews.Correcting;

/// <summary>What a correction that is limited to what is named lets the applicant change (R-REV-3).</summary>
public sealed class CorrectionLimitTests
{
    private const string Two = """{ "school": "示例大学", "work": [ { "employer": "甲", "from": "2012-07" }, { "employer": "乙", "from": "2015-03" } ] }""";

    private static readonly ServicePackage Rounds = Load("intake-rounds");
    private static readonly ServicePackage Titles = Load("political-work-title");

    [Theory]
    [InlineData("work[1].employer", """{ "school": "示例大学", "work": [ { "employer": "甲", "from": "2012-07" }, { "employer": "丙", "from": "2015-03" } ] }""", "")]
    [InlineData("work[1].employer", """{ "school": "示例大学", "work": [ { "employer": "甲", "from": "2012-07" }, { "employer": "丙", "from": "2016-03" } ] }""", "work[1].from")]
    [InlineData("work[1].employer", """{ "school": "示例大学", "work": [ { "employer": "丙", "from": "2012-07" }, { "employer": "丙", "from": "2015-03" } ] }""", "work[0].employer")]
    [InlineData("work[1]", """{ "school": "示例大学", "work": [ { "employer": "甲", "from": "2012-07" }, { "employer": "丙", "from": "2016-03" } ] }""", "")]
    [InlineData("work[1]", """{ "school": "示例大学", "work": [ { "employer": "甲", "from": "2012-07" } ] }""", "work[1]")]
    [InlineData("work[1]", """{ "school": "示例大学", "work": [ { "employer": "甲", "from": "2012-07" }, { "employer": "乙", "from": "2015-03" }, { "employer": "丁" } ] }""", "work[2]")]
    [InlineData("work[1]", """{ "school": "示例大学" }""", "work")]
    [InlineData("work[1]", """{ "school": "示例大学", "work": [ { "employer": "甲", "from": "2012-07" }, 7 ] }""", "")]
    [InlineData("work[1].from", """{ "school": "示例大学", "work": [ { "employer": "甲", "from": "2012-07" }, 7 ] }""", "work[1]")]
    [InlineData("work", """{ "school": "示例大学", "work": [ { "employer": "丁", "from": "2012-07" } ] }""", "")]
    [InlineData("work", """{ "school": "别的大学", "work": [] }""", "school")]
    [InlineData("school", """{ "work": [ { "employer": "甲", "from": "2012-07" }, { "employer": "乙", "from": "2015-03" } ], "phone": "" }""", "")]
    public void Change_WhenWithinRows_ThenOnlyWhatIsNamedThereMayBe_R_REV_3(string named, string after, string refused)
    {
        var asked = Asked(true, named);

        Assert.Equal(refused, string.Join(' ', asked.Unasked(Rounds, Json(Two), Json(after)).Select(e => e.Path)));
        Assert.Empty(Asked(false, named).Unasked(Rounds, Json(Two), Json(after)));
    }

    [Fact]
    public void Material_WhenItIsOfRows_ThenTheirFileFieldsMayChangeAndNothingElseOfThem_R_REV_3_R_CASE_3()
    {
        const string Before = """{ "workExperience": [ { "organisation": "甲", "proofFile": "a" }, { "organisation": "乙", "proofFile": "b" } ] }""";
        var named = new Corrections([new CaseReturn(Guid.NewGuid(), "初审", null, true, [new Correction(null, "experience-proof", "缺公章")])], true);
        var field = Asked(true, "workExperience[1].proofFile");
        var other = Asked(true, "workExperience[1].organisation");
        var slot = Titles.Materials.Slot("experience-proof")!;

        Assert.Empty(named.Unasked(Titles, Json(Before), Json(Before.Replace("\"b\"", "\"c\"", StringComparison.Ordinal))));
        Assert.Equal(["workExperience[0].organisation"], named.Unasked(Titles, Json(Before), Json(Before.Replace("甲", "丙", StringComparison.Ordinal))).Select(e => e.Path));
        Assert.Equal(["workExperience[1]"], named.Unasked(Titles, Json(Before), Json("""{ "workExperience": [ { "organisation": "甲", "proofFile": "a" } ] }""")).Select(e => e.Path));
        Assert.Equal((true, true, false), (named.Allows(slot), field.Allows(slot), other.Allows(slot)));
        Assert.True(Asked(true, "workExperience[0]").Allows(slot) && Asked(true, "workExperience").Allows(slot));
        Assert.False(named.Allows(Titles.Materials.Slot("declaration")!));
    }

    [Fact]
    public void Change_WhateverTheDataAndWhatIsNamed_ThenItIsTakenExactlyWhereEveryChangedLeafLiesInSomethingNamed_R_REV_3()
    {
        var text = Gen.Elements("", "甲", "乙", "2012-07");
        var row = from employer in text from month in text select new JsonObject { ["employer"] = employer, ["from"] = month };
        var data = from school in text from phone in text from count in Gen.Choose(0, 3) from rows in Gen.ArrayOf(row, count)
                   select new JsonObject { ["school"] = school, ["phone"] = phone, ["work"] = new JsonArray([.. rows]) };
        // Most pairs differ in little, as corrections do.
        var pair = from before in data from other in data from takes in Gen.ArrayOf(Gen.Choose(0, 3), 3) select (before, Mixed(before, other, takes));
        var path = Gen.OneOf(Gen.Elements("school", "phone", "work", "residentId"), from i in Gen.Choose(0, 3) select $"work[{i}]", from i in Gen.Choose(0, 3) from f in Gen.Elements("employer", "from") select $"work[{i}].{f}");
        var (taken, refused) = (0, 0);

        Property.Holds(from p in pair from count in Gen.Choose(1, 4) from named in Gen.ArrayOf(path, count) select (p, named), c =>
        {
            var ((before, after), named) = c;
            var errors = Asked(true, named).Unasked(Rounds, Json(before.ToJsonString()), Json(after.ToJsonString())).ToArray();

            var expected = Changed(before, after).All(leaf => named.Any(n => Lies(leaf, n)));
            Assert.Equal(expected, errors.Length == 0);
            Assert.All(errors, e => Assert.DoesNotContain(named, n => Lies(e.Path, n) && e.Path.EndsWith(']') is false));
            _ = expected ? taken++ : refused++;
        }, 400);

        Assert.True(taken > 40 && refused > 40, $"{taken} taken, {refused} refused");
    }

    [Theory]
    [InlineData("work[2]", "corrections[0].field")]
    [InlineData("work[2].from", "corrections[0].field")]
    [InlineData("work[01]", "corrections[0].field")]
    [InlineData("work[-1]", "corrections[0].field")]
    [InlineData("work[1].no", "corrections[0].field")]
    [InlineData("work.from", "corrections[0].field")]
    [InlineData("school[0]", "corrections[0].field")]
    [InlineData("work[1][0]", "corrections[0].field")]
    [InlineData("work[99999999999]", "corrections[0].field")]
    [InlineData("work[1].from", "")]
    [InlineData("work[0]", "")]
    [InlineData("work", "")]
    [InlineData("residentId", "")]
    public void Request_WhenAPathIsInNeitherFormNorData_ThenItIsRefusedByItsPlace_R_REV_2(string named, string refused) =>
        Assert.Equal(refused, string.Join(' ', new CorrectionCheck(Rounds, 1, "first-review").Of([new Correction(named, null, "x")], Json(Two)).Select(e => e.Path)));

    /// <summary>Leaves that differ, by path; <c>work[+]</c>: rows came or went.</summary>
    private static IEnumerable<string> Changed(JsonObject before, JsonObject after)
    {
        var (old, now) = (Leaves(before), Leaves(after));
        foreach (var leaf in old.Keys.Union(now.Keys).Where(k => old.GetValueOrDefault(k, "") != now.GetValueOrDefault(k, "")))
            yield return leaf;
        if (before["work"]!.AsArray().Count != after["work"]!.AsArray().Count)
            yield return "work[+]";
    }

    private static Dictionary<string, string> Leaves(JsonObject data)
    {
        var leaves = new Dictionary<string, string> { ["school"] = data["school"]!.GetValue<string>(), ["phone"] = data["phone"]!.GetValue<string>() };
        foreach (var (row, i) in data["work"]!.AsArray().Select((r, i) => (r!.AsObject(), i)))
            foreach (var (key, value) in row)
                leaves[$"work[{i}].{key}"] = value!.GetValue<string>();
        return leaves;
    }

    private static bool Lies(string leaf, string named) => leaf == named || leaf.StartsWith(named + "[", StringComparison.Ordinal) || leaf.StartsWith(named + ".", StringComparison.Ordinal);

    private static JsonObject Mixed(JsonObject before, JsonObject other, int[] takes)
    {
        var mixed = before.DeepClone().AsObject();
        foreach (var (key, take) in new[] { "school", "phone", "work" }.Zip(takes))
            if (take == 0)
                mixed[key] = other[key]!.DeepClone();
            else if (take == 1 && key == "work" && mixed[key]!.AsArray() is [.., var last] && other[key]!.AsArray() is [var first, ..])
                last!["employer"] = first!["employer"]!.DeepClone();
        return mixed;
    }

    private static Corrections Asked(bool only, params string[] fields) =>
        new([new CaseReturn(Guid.Parse("0199d3a0-0000-7000-8000-000000000001"), "初审", "请补正", only, [.. fields.Select(f => new Correction(f, null, "x"))])], only);

    private static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);

    private static ServicePackage Load(string service) =>
        ServicePackage.Load(ServiceFolders.All[service], ShippedContent.Shared);
}
