using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Tests.People;

public sealed class NameGramsTests
{
    // Beyond the basic plane too.
    private static readonly Gen<string> Names =
        from runes in Gen.ListOf(Gen.Elements("王", "李", "小", "明", "欧", "阳", "𠮷", "龘", "a", "B", "·"))
        select string.Concat(runes.Take(12));

    [Theory]
    [InlineData("欧阳小明", new[] { "欧", "阳", "小", "明", "欧阳", "阳小", "小明" })]
    [InlineData("王", new[] { "王" })]
    [InlineData("𠮷田", new[] { "𠮷", "田", "𠮷田" })]
    [InlineData("阿里木·买买提", new[] { "阿", "里", "木", "买", "提", "阿里", "里木", "木买", "买买", "买提" })]
    public void Of_WhenANameIsGiven_ThenItsCharactersAndPairsAreThere(string name, string[] grams) => Assert.Equal(grams, NameGrams.Of(NameGrams.Fold(name)));

    [Theory]
    [InlineData(" 王 小明 ", "王小明")]
    [InlineData("Ｌｉ　Ｍｉｎｇ", "liming")]
    [InlineData("阿里木•买买提", "阿里木买买提")]
    public void Fold_WhenTypedInOneWayOrAnother_ThenItIsTheSame(string typed, string folded) => Assert.Equal(folded, NameGrams.Fold(typed));

    [Fact]
    public void ToFind_WhenAFragmentIsOfTheName_ThenTheNameHasAllThatIsLookedFor() => Property.Holds(
        from name in Names
        from at in Gen.Choose(0, 12)
        from length in Gen.Choose(1, 12)
        select (Name: NameGrams.Fold(name), At: at, Length: length), c =>
        {
            var text = new StringInfo(c.Name);
            if (c.At >= text.LengthInTextElements)
                return;
            var fragment = text.SubstringByTextElements(c.At, Math.Min(c.Length, text.LengthInTextElements - c.At));

            Assert.Empty(NameGrams.ToFind(fragment).Except(NameGrams.Of(c.Name)));
            Assert.NotEmpty(NameGrams.ToFind(fragment));
        });

    [Fact]
    public void ToFind_WhenAShortFragmentIsNotOfTheName_ThenSomethingIsMissing() => Property.Holds(
        from name in Names from fragment in Names select (Name: NameGrams.Fold(name), Fragment: NameGrams.Fold(fragment)), c =>
        {
            if (c.Fragment.EnumerateRunes().Count() is not (1 or 2))
                return;

            Assert.Equal(c.Name.Contains(c.Fragment, StringComparison.Ordinal), !NameGrams.ToFind(c.Fragment).Except(NameGrams.Of(c.Name)).Any());
        });
}
