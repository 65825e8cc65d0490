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
            "\"\"", "\"2026-05\"", "\"2026-05-31\"", "\"9999-99\"", "\"19900000001\"", "\"residentId\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\u0000\"",
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
