using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Services;

namespace Talent.Workflows.Approvals.Tests.Cases.Forms;

/// <summary>Forms as JSON Schema, held against every shipped sample by a check that knows nothing of forms.</summary>
public sealed class FormSchemaTests
{
    // What a schema says too. The rest (check digits, orders of dates, rules) stands in it as x- words.
    private static readonly HashSet<string> Sayable = new(StringComparer.Ordinal)
    {
        FormErrorCodes.UnknownField, FormErrorCodes.NotOpenYet, FormErrorCodes.Required, FormErrorCodes.WrongType, FormErrorCodes.TooShort, FormErrorCodes.TooLong, FormErrorCodes.OutOfRange,
        FormErrorCodes.NotInTable, FormErrorCodes.MustConfirm, FormErrorCodes.TooFewRows, FormErrorCodes.TooManyRows, FormErrorCodes.TooFewChoices, FormErrorCodes.TooManyChoices, FormErrorCodes.WrongLevel, FormErrorCodes.NotApplicable,
    };

    public static TheoryData<string> Services => [.. ServiceFolders.All.Keys];

    [Theory]
    [MemberData(nameof(Services))]
    public void Samples_WhenHeldAgainstTheSchema_ThenTheGoodAreValidAndEveryMissingOrWrongValueIsNot_R_CASE_2(string service)
    {
        var package = ServicePackage.Load(ServiceFolders.All[service], ShippedContent.Shared);
        var damaged = 0;
        foreach (var sample in package.Samples)
            foreach (var (phase, data) in Phases(sample))
            {
                var check = Schema(package.Form, phase);
                Agree(data);
                foreach (var one in Damages(JsonNode.Parse(data.GetRawText())!.AsObject()))
                {
                    Agree(JsonSerializer.SerializeToElement(one));
                    damaged++;
                }

                void Agree(JsonElement given)
                {
                    var errors = package.Form.Validate(given, phase, FormMode.Submit, ShippedContent.Today);
                    var invalid = check.Errors(given);
                    if (errors.Count == 0)
                        Assert.True(invalid.Count == 0, $"{sample.Name}: the form takes what the schema doesn't: {string.Join("; ", invalid)} in {given.GetRawText()}");
                    else if (errors.Any(e => Sayable.Contains(e.Code)))
                        Assert.True(invalid.Count > 0, $"{sample.Name}: the schema takes what the form doesn't: {errors.First(e => Sayable.Contains(e.Code))} in {given.GetRawText()}");
                }
            }
        Assert.True(damaged > 20, $"Only {damaged} damaged samples were looked at.");
    }

    [Fact]
    public void Schema_WhenTheFormUsesEverything_ThenItAgreesWithTheForm_R_CASE_2()
    {
        var form = FormText.Of("""
            { "key": "district", "type": "region", "zh": "落户地", "en": "District", "level": "district", "required": true },
            { "key": "mail", "type": "email", "zh": "电子邮箱", "en": "E-mail" },
            { "key": "areas", "type": "choices", "zh": "留学国家", "en": "Countries", "codeTable": "countries", "min": 1, "max": 2 },
            { "key": "kind", "type": "choice", "zh": "证件类型", "en": "Document", "codeTable": "documentTypes" },
            { "key": "number", "type": "documentNumber", "zh": "证件号码", "en": "Number", "kind": "kind", "required": true, "when": { "field": "kind", "present": true } },
            { "key": "abroad", "type": "boolean", "zh": "留学", "en": "Abroad" },
            { "key": "why", "type": "text", "zh": "理由", "en": "Why", "maxLength": 5, "required": true, "when": { "all": [ { "field": "abroad", "equals": true }, { "any": [ { "field": "areas", "in": [ "USA" ] }, { "field": "mail", "present": false } ] } ] } },
            { "key": "rate", "type": "number", "zh": "占比", "en": "Rate", "min": 0, "max": 100, "decimals": 2 },
            { "key": "rows", "type": "group", "zh": "列表", "en": "Rows", "maxRows": 2, "fields": [
              { "key": "done", "type": "boolean", "zh": "完成", "en": "Done" }, { "key": "on", "type": "date", "zh": "日期", "en": "On", "required": true, "when": { "field": "done", "equals": false } } ] }
            """);
        var check = Schema(form, 1);

        foreach (var (data, valid) in (IEnumerable<(string, bool)>)[
            ("""{ "district": "119908" }""", true), ("""{ "district": "119900" }""", false), ("""{ }""", false), ("""{ "district": " " }""", false),
            ("""{ "district": "119908", "mail": "a@talent.example.org", "areas": [ "USA", "GBR" ], "rate": 12.25, "kind": "" }""", true),
            ("""{ "district": "119908", "mail": "a" }""", false), ("""{ "district": "119908", "areas": [ "USA", "GBR", "JPN" ] }""", false), ("""{ "district": "119908", "areas": [ "USA", "USA" ] }""", false), ("""{ "district": "119908", "areas": [] }""", true),
            ("""{ "district": "119908", "kind": "passport", "number": "E12345678" }""", true), ("""{ "district": "119908", "kind": "passport", "number": "E1" }""", false), ("""{ "district": "119908", "kind": "passport" }""", false), ("""{ "district": "119908", "number": "E12345678" }""", false),
            ("""{ "district": "119908", "abroad": true }""", false), ("""{ "district": "119908", "abroad": true, "why": "因为" }""", true), ("""{ "district": "119908", "abroad": true, "mail": "a@b.cn" }""", true), ("""{ "district": "119908", "abroad": true, "mail": "a@b.cn", "areas": [ "USA" ] }""", false),
            ("""{ "district": "119908", "why": "因为" }""", false), ("""{ "district": "119908", "why": "", "rate": 12.345 }""", false), ("""{ "district": "119908", "rate": 100.5 }""", false),
            ("""{ "district": "119908", "rows": [ { "done": true }, { "on": "2026-05-31" } ] }""", true), ("""{ "district": "119908", "rows": [ { "done": true, "on": "2026-05-31" } ] }""", false), ("""{ "district": "119908", "rows": [ {} ] }""", false), ("""{ "district": "119908", "rows": [ { "done": true }, { "done": true }, { "done": true } ] }""", false)])
        {
            Assert.Equal(valid, form.Submit(data).Length == 0);
            Assert.True(valid == (check.Errors(FormText.Json(data)).Count == 0), $"{data}: {string.Join("; ", check.Errors(FormText.Json(data)))}");
        }
    }

    [Fact]
    public void Schema_WhenRead_ThenItNamesFieldsStepsAndWordsInBothLanguages_R_CASE_2()
    {
        var package = ServicePackage.Load(Path.Combine(ShippedContent.Workflows, "political-work-title"), ShippedContent.Shared);

        var schema = FormSchema.Of(package.Form, "political-work-title", "政工职评", "Title", 1, ShippedContent.Today);

        Assert.Equal("https://json-schema.org/draft/2020-12/schema", (string?)schema["$schema"]);
        Assert.Equal(package.Form.Version, (string?)schema["x-form-version"]);
        Assert.Equal(("民族", "Ethnicity", "basics"), ((string?)schema["properties"]!["ethnicity"]!["title"], (string?)schema["properties"]!["ethnicity"]!["x-title-en"], (string?)schema["properties"]!["ethnicity"]!["x-step"]));
        Assert.Equal("基诺族", (string?)schema["properties"]!["ethnicity"]!["x-labels"]!["56"]!["zh"]);
        // No longer offered.
        Assert.DoesNotContain("99", schema["properties"]!["ethnicity"]!["enum"]!.AsArray().Select(v => (string?)v));
        Assert.False(schema["properties"]!.AsObject().ContainsKey("workSummary"));
        Assert.True(FormSchema.Of(package.Form, "political-work-title", "政工职评", "Title", 2, ShippedContent.Today)["properties"]!.AsObject().ContainsKey("workSummary"));
    }

    private static SchemaCheck Schema(Form form, int phase) => new(JsonNode.Parse(FormSchema.Of(form, "service", "事项", "Service", phase, FormText.Today).ToJsonString())!.AsObject());

    private static IEnumerable<(int Phase, JsonElement Data)> Phases(ServiceSample sample)
    {
        yield return (1, sample.Phase1);
        if (sample.Phase2 is not { } second)
            yield break;
        var whole = JsonObject.Create(sample.Phase1)!;
        foreach (var field in second.EnumerateObject())
            whole[field.Name] = JsonNode.Parse(field.Value.GetRawText());
        yield return (2, JsonSerializer.SerializeToElement(whole));
    }

    /// <summary>The data with one value each gone, emptied or of another kind, in rows too.</summary>
    private static IEnumerable<JsonObject> Damages(JsonObject good)
    {
        foreach (var with in (string?[])["gone", "null", "7", "\"七\"", "[]", "true"])
        {
            foreach (var key in good.Select(p => p.Key).ToArray())
                yield return Put((JsonObject)good.DeepClone(), key, with);
            foreach (var (key, rows) in good.Where(p => p.Value is JsonArray { Count: > 0 } list && list[0] is JsonObject).Select(p => (p.Key, (JsonArray)p.Value!)).ToArray())
                foreach (var inner in rows[0]!.AsObject().Select(p => p.Key).ToArray())
                {
                    var copy = (JsonObject)good.DeepClone();
                    Put(copy[key]![0]!.AsObject(), inner, with);
                    yield return copy;
                }
        }

        static JsonObject Put(JsonObject data, string key, string? with)
        {
            data.Remove(key);
            if (with != "gone")
                data[key] = JsonNode.Parse(with!);
            return data;
        }
    }
}
