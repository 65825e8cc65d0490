using System.Collections.Frozen;
using System.Globalization;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>A cell of a table, ready to test a value: a boolean, a set of codes, or a range.</summary>
/// <param name="RequiredZh">What it asks for, after the fact's name: <c>不大于40</c>.</param>
internal abstract record Cell(string RequiredZh, string RequiredEn)
{
    /// <summary>A value of another type is as good as none: nobody is refused by it.</summary>
    public abstract Truth Test(FactValue? value);

    /// <summary>Whether one value can pass both. Cells of one column are of one kind.</summary>
    public abstract bool Overlaps(Cell other);

    public sealed record Yes(bool Wanted) : Cell(Wanted ? "为“是”" : "为“否”", Wanted ? "is yes" : "is no")
    {
        public override Truth Test(FactValue? value) => value is FactValue.Boolean(var told) ? Of(told == Wanted) : Truth.Unknown;

        public override bool Overlaps(Cell other) => other is not Yes(var wanted) || wanted == Wanted;
    }

    public sealed record Codes(FrozenSet<string> Listed, bool Negated, string Zh, string En) : Cell(Zh, En)
    {
        public override Truth Test(FactValue? value) => value is FactValue.Code(var code) ? Of(Listed.Contains(code) != Negated) : Truth.Unknown;

        // A code outside of the table passes two that exclude some.
        public override bool Overlaps(Cell other) => other is not Codes codes || (Negated, codes.Negated) switch
        {
            (false, false) => Listed.Overlaps(codes.Listed),
            (false, true) => Listed.Any(c => !codes.Listed.Contains(c)),
            (true, false) => codes.Listed.Any(c => !Listed.Contains(c)),
            _ => true,
        };
    }

    /// <param name="LowOpen">The lowest itself doesn't pass.</param>
    public sealed record Range(decimal Low, bool LowOpen, decimal High, bool HighOpen, string Zh, string En) : Cell(Zh, En)
    {
        public override Truth Test(FactValue? value) => Ordered(value) is { } number
            ? Of((LowOpen ? number > Low : number >= Low) && (HighOpen ? number < High : number <= High)) : Truth.Unknown;

        public override bool Overlaps(Cell other)
        {
            if (other is not Range range)
                return true;
            var (low, lowOpen) = Low > range.Low || Low == range.Low && LowOpen ? (Low, LowOpen) : (range.Low, range.LowOpen);
            var (high, highOpen) = High < range.High || High == range.High && HighOpen ? (High, HighOpen) : (range.High, range.HighOpen);
            return low < high || low == high && !lowOpen && !highOpen;
        }
    }

    /// <summary>Numbers, months, years of age and dates in one order.</summary>
    public static decimal? Ordered(FactValue? value) => value switch
    {
        FactValue.Number(var number) => number,
        FactValue.Months(var months) => months,
        FactValue.Date(var date) => date.DayNumber,
        _ => null,
    };

    /// <summary>As it is read in a sentence.</summary>
    public static string Shown(FactValue value) => Convert.ToString(value.Plain, CultureInfo.InvariantCulture) ?? "";

    private static Truth Of(bool holds) => holds ? Truth.Yes : Truth.No;
}
