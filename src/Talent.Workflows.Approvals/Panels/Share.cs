using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Calendars;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>A share that must be reached: <c>2/3</c> (or <c>&gt;=2/3</c>, at least two thirds) or <c>&gt;1/2</c> (more than half, 过半数). Whole numbers throughout.</summary>
[JsonConverter(typeof(ShareJson))]
public sealed partial record Share
{
    private Share(int numerator, int denominator, bool more) => (Numerator, Denominator, More) = (numerator, denominator, more);

    public int Numerator { get; }

    public int Denominator { get; }

    /// <summary>Exactly the share isn't enough.</summary>
    public bool More { get; }

    /// <exception cref="FormatException">Not a share between 0 and 1.</exception>
    public static Share Parse(string text)
    {
        var match = Shape().Match(text.Trim());
        if (match.Success)
        {
            var numerator = int.Parse(match.Groups["n"].ValueSpan, CultureInfo.InvariantCulture);
            var denominator = int.Parse(match.Groups["d"].ValueSpan, CultureInfo.InvariantCulture);
            var more = match.Groups["sign"].Value == ">";
            if (denominator > 0 && (more ? numerator < denominator : numerator <= denominator))
            {
                return new Share(numerator, denominator, more);
            }
        }

        throw new FormatException($"\"{text}\" isn't a share; write 2/3 (at least two thirds) or >1/2 (more than half).");
    }

    /// <summary>Whether <paramref name="part"/> of <paramref name="whole"/> reaches it.</summary>
    public bool IsReached(int part, int whole)
    {
        var (have, need) = ((long)part * Denominator, (long)whole * Numerator);
        return More ? have > need : have >= need;
    }

    /// <summary>The fewest of <paramref name="whole"/> that reach it, for people: "至少 5 票".</summary>
    public int Fewest(int whole)
    {
        var need = (long)whole * Numerator;
        return (int)(More ? (need / Denominator) + 1 : (need + Denominator - 1) / Denominator);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(More ? ">" : "")}{Numerator}/{Denominator}");

    [GeneratedRegex("^(?<sign>>=|>)?(?<n>[0-9]{1,4})/(?<d>[0-9]{1,4})$", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();

    private sealed class ShareJson() : TextJson<Share>(Parse);
}
