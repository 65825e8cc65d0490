using FsCheck.Fluent;
using Talent.Workflows.Approvals.People;
using static Talent.Workflows.Approvals.People.MaskingProfile;

namespace Talent.Workflows.Approvals.Tests.People;

public sealed class MaskingTests
{
    [Theory]
    [InlineData("张三", "张*")]
    [InlineData("张小三", "张*三")]
    [InlineData("欧阳小三", "欧**三")]
    [InlineData("阿卜杜热合曼·买买提", "阿**提")]
    [InlineData("张", "*")]
    [InlineData("𠮷野家", "𠮷*家")]
    [InlineData(" ", "")]
    public void Name_WhenOnANotice_ThenShowsFirstAndLast_R_NOT_1(string name, string shown)
    {
        Assert.Equal(shown, Masking.Name(name, PublicNotice));
        Assert.Equal(name.Trim(), Masking.Name(name, Officer));
    }

    [Fact]
    public void EachMask_WhenForOfficersOrANotice_ThenTheNoticeShowsLess_R_AUD_2()
    {
        Assert.Equal(("138****8000", "***"), (Masking.Phone("13800138000", Officer), Masking.Phone("13800138000", PublicNotice)));
        Assert.Equal(("110105********002X", "**************002X"), (Masking.ResidentId("11010519491231002X", Officer), Masking.ResidentId("11010519491231002X", PublicNotice)));
        Assert.Equal(("z***@example.cn", "***"), (Masking.Email("zhang.san@example.cn", Officer), Masking.Email("zhang.san@example.cn", PublicNotice)));
        Assert.Equal("***", Masking.Email("z@example.cn", Officer));
        Assert.Equal("***", Masking.Email("no address", Officer));
        Assert.Equal(("", "", "", ""), (Masking.Phone(null, Officer), Masking.ResidentId("", Officer), Masking.Email(null, PublicNotice), Masking.Name(null, PublicNotice)));
    }

    [Theory]
    [InlineData("身份证号11010519491231002X，电话13800138000，邮箱zhang@example.cn。", "身份证号**************002X，电话***，邮箱***。")]
    [InlineData("2026-09-21 第 20260921001 号", "2026-09-21 第 20260921001 号")]
    [InlineData("统一社会信用代码91119900MA0000218L", "统一社会信用代码91119900MA0000218L")]
    [InlineData(null, "")]
    public void Text_WhenItHoldsNumbersOfAPerson_ThenTheyAloneAreMasked_R_NOT_1(string? text, string shown) => Assert.Equal(shown, Masking.Text(text, PublicNotice));

    [Fact]
    public void Mask_WhenAnyText_ThenHidesAtLeastAThirdOfIt_R_AUD_2() =>
        Property.Holds(Gen.ArrayOf(Gen.Elements("0123456789X张".ToCharArray())), characters =>
        {
            var text = new string(characters);

            foreach (var mask in new[] { Masking.Phone(text, Officer), Masking.ResidentId(text, Officer), Masking.ResidentId(text, PublicNotice) })
            {
                Assert.True(mask.Count(c => c != '*') <= text.Length * 2 / 3, $"{text} → {mask}");
            }
        });
}
