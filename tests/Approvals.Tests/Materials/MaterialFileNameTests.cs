using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Materials;

namespace Talent.Workflows.Approvals.Tests.Materials;

public sealed class MaterialFileNameTests
{
    [Theory]
    [InlineData("示例城市学院", "李示例", "学位证书", "pdf", null, "示例城市学院-李示例-学位证书.pdf")]
    [InlineData("示例城市学院", "李示例", "学位证书", ".PDF", 2, "示例城市学院-李示例-学位证书-2.pdf")]
    [InlineData("a/b\\c", "..", "x\u0000y:z", "j/p g", null, "a_b_c-未填-xy_z.jpg")]
    [InlineData(" 前后 空格 ", "李\u202e例", "照\n片", "", null, "前后 空格-李例-照 片")]
    [InlineData("", "", "", "", null, "未填-未填-未填")]
    public void Name_WhenMadeFromItsParts_ThenItIsReadableAndSafe_R_CASE_3(string employer, string person, string material, string extension, int? number, string expected) =>
        Assert.Equal(expected, MaterialFileName.For(employer, person, material, extension, number));

    [Fact]
    public void Name_WhenMadeFromAnyText_ThenItIsNeverUnsafeOrTooLong_R_CASE_3()
    {
        Gen<string> text = Gen.OneOf(
            ArbMap.Default.GeneratorFor<string>().Select(s => s ?? ""),
            Gen.Elements(new string('长', 500), "😀😀😀", "\ud800", "../../x", "CON", "a\r\nb", "\u2066x\u2069", "...", "<>:\"/\\|?*"));
        int count = Environment.GetEnvironmentVariable("TALENT_TEST_FULL") == "1" ? 20_000 : 500;

        Prop.ForAll(Arb.From(text.Three()), parts =>
        {
            string name = MaterialFileName.For(parts.Item1, parts.Item2, parts.Item3, "pdf", 3);

            Assert.True(Encoding.UTF8.GetByteCount(name) <= MaterialFileName.MostBytes, name);
            Assert.DoesNotContain(name, c => char.IsControl(c) || "<>:\"/\\|?*".Contains(c, StringComparison.Ordinal));
            Assert.EndsWith("-3.pdf", name, StringComparison.Ordinal);
            Assert.DoesNotContain(name.EnumerateRunes(), r => r == Rune.ReplacementChar || Rune.GetUnicodeCategory(r) is System.Globalization.UnicodeCategory.Format);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(20260921, 5));
    }
}
