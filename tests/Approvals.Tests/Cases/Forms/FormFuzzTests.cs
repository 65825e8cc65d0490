using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.Cases.Forms;

public sealed class FormFuzzTests : IDisposable
{
    private const ulong Seed = 20260921;

    private readonly ShippedContent _content = new();

    public void Dispose() => _content.Dispose();

    [Fact]
    public void Form_WhenGivenAnyJson_ThenItAnswersAndNeverThrows_R_CASE_2()
    {
        ServicePackage package = _content.Load();
        string[] keys = [.. package.Form.Definition.Steps.SelectMany(s => s.Fields).SelectMany(f => (f.Fields ?? []).Select(c => c.Key).Append(f.Key)).Distinct()];

        Prop.ForAll(Arb.From(AnyJson(keys)), json =>
        {
            using JsonDocument document = JsonDocument.Parse(json);
            foreach (int phase in (int[])[1, 2])
            {
                IReadOnlyList<FormError> draft = package.Form.Validate(document.RootElement, phase, FormMode.Draft, ShippedContent.Today);
                IReadOnlyList<FormError> submit = package.Form.Validate(document.RootElement, phase, FormMode.Submit, ShippedContent.Today);
                _ = package.Materials.Missing(document.RootElement, [], phase);
                _ = package.Form.FileReferences(document.RootElement);

                // No random value can be a complete application, and what a draft refuses a submission refuses too.
                Assert.NotEmpty(submit);
                Assert.True(draft.Count <= submit.Count || submit.Count >= 199, json);
                Assert.All(submit, e => Assert.True(e.Zh.Length > 0 && e.En.Length > 0 && e.Code.Length > 0));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Count).WithReplay(Seed, 3));
    }

    /// <summary>Every kind of field and of rule, over the same keys, so that rules meet whatever there can be.</summary>
    [Fact]
    public void Rules_WhenGivenAnyJson_ThenTheyAnswerAndNeverThrow_R_CASE_2()
    {
        string[] keys = ["kind", "number", "areas", "place", "mail", "born", "card", "rows", "from", "to", "share"];
        Form form = FormText.Of("""
            { "key": "kind", "type": "choice", "zh": "证件类型", "en": "Document", "codeTable": "documentTypes" }, { "key": "number", "type": "documentNumber", "zh": "证件号码", "en": "Number", "kind": "kind" },
            { "key": "areas", "type": "choices", "zh": "领域", "en": "Areas", "codeTable": "countries", "min": 1 }, { "key": "place", "type": "region", "zh": "地区", "en": "Place", "level": "city" },
            { "key": "mail", "type": "email", "zh": "电子邮箱", "en": "E-mail" }, { "key": "born", "type": "date", "zh": "出生日期", "en": "Born" }, { "key": "card", "type": "residentId", "zh": "身份证号", "en": "Card", "required": true },
            { "key": "rows", "type": "group", "zh": "经历", "en": "Rows", "maxRows": 5, "fields": [ { "key": "from", "type": "month", "zh": "开始", "en": "From" }, { "key": "to", "type": "date", "zh": "结束", "en": "To" },
              { "key": "share", "type": "number", "zh": "占比", "en": "Share" }, { "key": "kind", "type": "choice", "zh": "证件类型", "en": "Document", "codeTable": "documentTypes" }, { "key": "number", "type": "documentNumber", "zh": "证件号码", "en": "Number", "kind": "kind" } ] }
            """, """
            { "id": "a", "check": "before", "at": "born", "than": "today", "zh": "错", "en": "wrong" }, { "id": "b", "check": "after", "at": "rows.from", "than": "born", "when": { "field": "kind", "in": [ "residentId" ] }, "zh": "错", "en": "wrong" },
            { "id": "c", "check": "unique", "at": "rows", "by": [ "number", "share" ], "zh": "错", "en": "wrong" }, { "id": "d", "check": "noOverlap", "at": "rows", "from": "from", "to": "to", "zh": "错", "en": "wrong" },
            { "id": "e", "check": "noGap", "at": "rows", "from": "from", "to": "to", "months": 600, "zh": "错", "en": "wrong" }, { "id": "f", "check": "sum", "at": "rows", "field": "share", "max": 1, "zh": "错", "en": "wrong" },
            { "id": "g", "check": "ageAtFiling", "at": "card", "min": 18, "max": 40, "zh": "错", "en": "wrong" }, { "id": "h", "check": "ageAtFiling", "at": "born", "max": 40, "zh": "错", "en": "wrong" },
            { "id": "i", "check": "anyOf", "at": "mail", "fields": [ "mail", "areas" ], "zh": "错", "en": "wrong" },
            { "id": "j", "check": "matchesId", "at": "born", "number": "card", "zh": "错", "en": "wrong" }, { "id": "k", "check": "matchesId", "at": "rows.to", "number": "number", "zh": "错", "en": "wrong" },
            { "id": "l", "check": "matchesId", "at": "kind", "number": "number", "male": "residentId", "female": "passport", "zh": "错", "en": "wrong" }
            """);
        FormStep step = form.Definition.Steps[0];

        Prop.ForAll(Arb.From(AnyJson(keys)), Arb.From(AnyJson(keys)), (json, before) =>
        {
            using JsonDocument document = JsonDocument.Parse(json);
            using JsonDocument kept = JsonDocument.Parse(before);
            foreach (FormMode mode in (FormMode[])[FormMode.Draft, FormMode.Submit])
            {
                Assert.All(form.Validate(document.RootElement, 1, mode, ShippedContent.Today, kept.RootElement, new DateOnly(1900, 1, 1)), e => Assert.True(e.Zh.Length > 0 && e.En.Length > 0 && e.Code.Length > 0));
            }

            // What a step can't keep, it leaves as it was.
            (JsonElement data, IReadOnlyList<FormError> errors) = StepData.Put(form, step, FormText.Json("{}"), document.RootElement, drop: false);
            Assert.True(errors.Count == 0 || data.GetRawText() == "{}", json);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Count).WithReplay(Seed, 3));
    }

    [Fact]
    public void Form_WhenAGoodSampleIsDamagedAnywhere_ThenItAnswersAndNeverThrows_R_CASE_2()
    {
        ServicePackage package = _content.Load();
        string good = package.Samples[0].Phase1.GetRawText();
        Gen<string> damaged = from at in Gen.Choose(0, good.Length - 1)
                              from piece in Gen.Elements("\"", "{", "}", "[]", "null", "-1", "\\ud800", "\\u0000", "1e999", ",", "\"x\":", "true", "九")
                              from drop in Gen.Choose(0, 6)
                              select good[..at] + piece + good[Math.Min(good.Length, at + drop)..];

        Prop.ForAll(Arb.From(damaged), text =>
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(text);
                _ = package.Form.Validate(document.RootElement, 1, FormMode.Submit, ShippedContent.Today);
                _ = package.Materials.Missing(document.RootElement, [], 1);
            }
            catch (JsonException)
            {
                // Not JSON at all: the API answers before the form is asked.
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Count * 5).WithReplay(Seed, 3));
    }

    private static int Count => Environment.GetEnvironmentVariable("TALENT_TEST_FULL") == "1" ? 20_000 : 300;

    private static Gen<string> AnyJson(string[] keys)
    {
        Gen<string> text = Gen.Elements(
            "\"\"", "\"2026-05\"", "\"2026-05-31\"", "\"0001-01-01\"", "\"9999-12-31\"", "\"1990-01\"", "\"a@b.cn\"", "\"passport\"", "\"USA\"", "\"119900\"", "[\"USA\",\"USA\"]", "79228162514264337593543950335", "\"9999-99\"", "\"19900000001\"", "\"residentId\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\u0000\"",
            "\"\\u202e倒\"", "\"😀😀\"", $"\"{new string('长', 4000)}\"", "\"file-1\"", "\"110199198602140254\"", "\"true\"");
        Gen<string> scalar = Gen.OneOf(text, Gen.Elements("null", "true", "false", "0", "-0", "1e308", "1e999", "-1", "3.14159265358979323846264338327950288", "2026", "{}", "[]"));
        Gen<string> name = Gen.OneOf(Gen.Elements(keys), Gen.Elements(keys), Gen.Elements("x", "", "\\ud800", "__proto__", "名"));
        Gen<string> Value(int depth) => depth == 0
            ? scalar
            : Gen.OneOf(
                scalar,
                Value(depth - 1).ListOf(4).Select(items => $"[{string.Join(',', items)}]"),
                Members(depth - 1));
        Gen<string> Members(int depth) =>
            from count in Gen.Choose(0, 12)
            from names in name.ListOf(count)
            from values in Value(depth).ListOf(count)
            select new StringBuilder("{").AppendJoin(',', names.Zip(values, (n, v) => $"\"{n}\":{v}")).Append('}').ToString();
        return Members(3);
    }
}
