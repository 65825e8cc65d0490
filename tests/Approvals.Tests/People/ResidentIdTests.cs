using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Tests.People;

public sealed class ResidentIdTests
{
    private static readonly DateOnly Today = new(2026, 11, 21);

    private static readonly Gen<ResidentId> Numbers =
        from day in Gen.Choose(new DateOnly(1930, 1, 1).DayNumber, new DateOnly(2010, 12, 31).DayNumber)
        from sequence in Gen.Choose(0, 999)
        from province in Gen.Elements(11, 12, 31, 44, 54, 65, 83)
        select ResidentId.Fictitious(DateOnly.FromDayNumber(day), sequence, province);

    [Theory]
    [InlineData("11010519491231002X")] // the standard's own example
    [InlineData("11010519491231002x")]
    [InlineData("  １１０１０５１９４９１２３１００２Ｘ　")]
    public void TryParse_WhenTheStandardsExample_ThenAccepted_R_ACC_2(string text)
    {
        Assert.True(ResidentId.TryParse(text, Today, out var id, out _));

        Assert.Equal(("11010519491231002X", "110105", new DateOnly(1949, 12, 31), Sex.Female), (id.Value, id.Region, id.DateOfBirth, id.Sex));
        Assert.Equal("110105********002X", id.ToString());
    }

    [Theory]
    [InlineData(null, "id_length")]
    [InlineData("", "id_length")]
    [InlineData("110105491231002", "id_length")]
    [InlineData("1101051949123100XX", "id_characters")]
    [InlineData("11010519491231002Y", "id_characters")]
    [InlineData("1101051949123100٢X", "id_characters")]
    [InlineData("99010519491231002X", "id_region")]
    [InlineData("11010519490229002X", "id_birth")] // 1949 had no 29 February
    [InlineData("11010519491331002X", "id_birth")]
    [InlineData("11010520991231002X", "id_birth")] // not born yet
    [InlineData("11010518991231002X", "id_birth")]
    [InlineData("110105194912310021", "id_check")]
    public void TryParse_WhenWrong_ThenTheFaultSaysWhich_AndNeverTheNumber_R_ACC_2(string? text, string code)
    {
        Assert.False(ResidentId.TryParse(text, Today, out _, out var fault));

        Assert.Equal(code, fault.Code);
        Assert.Contains("身份证号码", fault.Zh, StringComparison.Ordinal);
        Assert.True(string.IsNullOrEmpty(text) || !(fault.Zh + fault.En).Contains(text, StringComparison.Ordinal));
    }

    [Fact]
    public void TryParse_WhenANumberWasMade_ThenAcceptedWithItsParts_R_ACC_2() =>
        Property.Holds(Numbers, made =>
        {
            Assert.True(ResidentId.TryParse(made.Value, Today, out var id, out _));
            Assert.Equal(made, id);
            Assert.EndsWith("9999", id.Region, StringComparison.Ordinal);
        });

    [Fact]
    public void TryParse_WhenOneCharacterIsWrongOrTwoAreSwapped_ThenRefused_R_ACC_2() =>
        Property.Holds(Gen.Zip(Numbers, Gen.Choose(0, 17)), pair =>
        {
            var (number, at) = (pair.Item1.Value, pair.Item2);
            foreach (var other in "0123456789X".Where(c => c != number[at]))
            {
                Assert.False(ResidentId.TryParse(number[..at] + other + number[(at + 1)..], Today, out _, out _));
            }

            if (at < 17 && number[at] != number[at + 1])
            {
                Assert.False(ResidentId.TryParse(number[..at] + number[at + 1] + number[at] + number[(at + 2)..], Today, out _, out _));
            }
        });

    [Theory]
    [InlineData("1985-11-21", "2026-11-20", 40)]
    [InlineData("1985-11-21", "2026-11-21", 41)]
    [InlineData("2000-02-29", "2026-02-28", 25)]
    [InlineData("2000-02-29", "2026-03-01", 26)]
    [InlineData("2000-02-29", "2028-02-29", 28)]
    public void AgeOn_WhenAroundTheBirthday_ThenChangesOnIt_R_ELG_3(string born, string day, int age) =>
        Assert.Equal(age, ResidentId.Fictitious(DateOnly.Parse(born, null), 1).AgeOn(DateOnly.Parse(day, null)));
}
