using System.Globalization;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Cases;
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

    [Theory]
    [InlineData("电话+8613800138000。", "电话***。")]
    [InlineData("电话8613800138000或008613800138000", "电话***或***")]
    [InlineData("电话+86 138-0013-8000", "电话***")]
    [InlineData("（+86）13800138000", "***")]
    [InlineData("138-0013-8000", "***")]
    [InlineData("138 0013 8000，", "***，")]
    [InlineData("1380 013 8000", "***")]
    [InlineData("138 00138000", "***")]
    [InlineData("１３８００１３８０００", "***")]
    [InlineData("13800138000@example.cn", "***")]
    [InlineData("证号110105 19491231 002X，", "证号**************002X，")]
    [InlineData("110105 1949 1231 002x", "**************002x")]
    [InlineData("110105-19491231-002X", "**************002X")]
    [InlineData("1101 0519 4912 3100 2X", "**************002X")]
    [InlineData("１１０１０５１９４９１２３１００２Ｘ", "**************002X")]
    // What only looks like one.
    [InlineData("批次110105-20260921-0001", "批次110105-20260921-0001")]
    [InlineData("第138号 20260921，138 20260921", "第138号 20260921，138 20260921")]
    [InlineData("档号1985-023-0001，13,800,138,000.00元，13 800 138 000", "档号1985-023-0001，13,800,138,000.00元，13 800 138 000")]
    [InlineData("固定电话010-65211234，12345热线", "固定电话010-65211234，12345热线")]
    public void Text_WhenNumbersAreWrittenAsPeopleDo_ThenThoseOfAPersonAreMasked_R_NOT_1(string text, string shown) => Assert.Equal(shown, Masking.Text(text, PublicNotice));

    [Fact]
    public void Text_WhenItHoldsCaseNumbersAmountsAndDates_ThenTheyStay_R_NOT_1() =>
        Property.Holds(Gen.ArrayOf(Gen.Choose(0, int.MaxValue - 1)), seeds =>
        {
            var text = string.Join('，', seeds.Select(seed =>
            {
                var random = new Random(seed);
                var day = new DateOnly(1950, 1, 1).AddDays(random.Next(36_500));
                return random.Next(9) switch
                {
                    0 => CaseNumber.Of("ZG", $"{random.Next(11, 66)}{random.Next(10_000):0000}", random.Next(2000, 2100), random.Next(1, 1_000_000)).ToString(),
                    1 => $"示才公示〔{day.Year}〕{random.Next(1, 2000)}号之{random.Next(1, 1000)}",
                    2 => $"{random.NextInt64(1, 10_000_000_000)}元",
                    3 => string.Create(CultureInfo.InvariantCulture, $"{random.NextInt64(1, 100_000_000_000):#,##0.00} 元"),
                    4 => $"{day:yyyy-MM-dd} 至 {day.AddDays(30):yyyy-MM-dd}",
                    5 => $"{day:yyyyMMdd}第{random.Next(100, 200)}号",
                    6 => $"{random.Next(100, 200)} {day:yyyyMMdd}",
                    7 => $"{day:yyyy年M月d日}第 {random.Next(1, 10_000)} 批",
                    _ => $"档号{day.Year}-{random.Next(1000):000}-{random.Next(10_000):0000}",
                };
            }));

            Assert.Equal(text, Masking.Text(text, PublicNotice));
        });

    [Fact]
    public void Text_WhenItHoldsAMobileNumberHoweverWritten_ThenNoneOfItIsShown_R_NOT_1() =>
        Property.Holds(Gen.Choose(0, int.MaxValue - 1), seed =>
        {
            var random = new Random(seed);
            var digits = $"1{random.Next(3, 10)}{random.Next(1_000_000_000):000000000}";
            var gap = ((string[])[" ", "-", "—", "·", "\u00A0"])[random.Next(5)];
            var written = (random.Next(3) == 0) switch
            {
                true => digits,
                _ => $"{digits[..3]}{gap}{digits[3..7]}{gap}{digits[7..]}",
            };
            var prefix = ((string[])["", "+86", "86", "0086", "+86 ", "+86-", "（86）"])[random.Next(7)];

            var shown = Masking.Text($"联系人张三{prefix}{written}，请致电。", PublicNotice);

            Assert.DoesNotContain(shown, char.IsDigit);
        });

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
