using FsCheck.Fluent;
using FsCheck;
using Talent.Workflows.Approvals.Materials;

namespace Talent.Workflows.Approvals.Tests.Materials;

public sealed class MaterialNameTests
{
    [Theory]
    [InlineData("学位证书", "学位证书")]
    [InlineData(" 学位证书.PDF ", "学位证书")]
    [InlineData("照片（近期）.jpeg", "照片（近期）")]
    [InlineData("2020年1月至今 社保权益记录.png", "2020年1月至今 社保权益记录")]
    [InlineData("Master's degree, 2019", "Master's degree, 2019")]
    [InlineData("合同.docx", "合同.docx")]
    public void Name_WhenItSaysWhatTheFileIs_ThenItIsTakenWithoutTheExtension_R_CASE_4(string text, string name)
    {
        Assert.True(MaterialName.TryParse(text, out var parsed, out var fault), fault?.Zh);
        Assert.Equal(name, parsed);
    }

    [Theory]
    [InlineData(null, "material_name")]
    [InlineData("", "material_name")]
    [InlineData(" .pdf", "material_name")]
    [InlineData("证\ufffd书", "material_name")]
    [InlineData("../../etc/passwd", "material_name_path")]
    [InlineData("..\\..\\windows\\system32\\x.pdf", "material_name_path")]
    [InlineData("/etc/passwd", "material_name_path")]
    [InlineData("C:\\合同", "material_name_path")]
    [InlineData("合同:流", "material_name_path")]
    [InlineData("..", "material_name_path")]
    [InlineData(".htaccess", "material_name_path")]
    [InlineData("合同.", "material_name_path")]
    [InlineData("a\0b", "material_name_path")]
    [InlineData("a\r\nSet-Cookie", "material_name_path")]
    [InlineData("合同\u202efdp.exe", "material_name_path")]
    [InlineData("con", "material_name_path")]
    [InlineData("LPT1.txt", "material_name_path")]
    [InlineData("a／b", "material_name_path")]
    [InlineData("<b>", "material_name_path")]
    public void Name_WhenItIsAPathOrATrick_ThenItIsRefused_R_CASE_4(string? text, string code)
    {
        Assert.False(MaterialName.TryParse(text, out var name, out var fault));
        Assert.Equal((code, ""), (fault!.Code, name));
    }

    [Fact]
    public void Name_WhenItIsTooLongOrBroken_ThenItIsRefused_R_CASE_4()
    {
        Assert.True(MaterialName.TryParse(new string('证', MaterialName.Longest), out _, out _));
        Assert.False(MaterialName.TryParse(new string('证', MaterialName.Longest + 1), out _, out var fault));
        Assert.Equal("material_name", fault!.Code);
        // Half of a character, which no attribute of a test can hold.
        Assert.False(MaterialName.TryParse("证\ud83d", out _, out fault));
        Assert.Equal("material_name", fault!.Code);
    }

    [Fact]
    public void Name_WhenItIsAnyText_ThenWhatIsTakenIsNoPathAndIsTakenAgain_R_CASE_4() =>
        Property.Holds(Gen.OneOf(ArbMap.Default.GeneratorFor<string>(), Gen.Elements("..", "a/b", "证\u0301", ".pdf.pdf", "nul .pdf", "\u2028", "😀.png")), text =>
        {
            if (!MaterialName.TryParse(text, out var name, out _))
                return;

            Assert.Equal(name, Path.GetFileName(name));
            Assert.DoesNotContain(name, c => char.IsControl(c) || "/\\:".Contains(c, StringComparison.Ordinal));
            Assert.InRange(name.Length, 1, MaterialName.Longest * 4);
        }, 300);
}
