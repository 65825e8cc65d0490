using System.Globalization;
using Talent.Workflows.Approvals.Calendars;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>When a limit gets its yellow mark (黄牌); red (红牌) is its breach. <see cref="Yellow"/> is a share of the limit (<c>80%</c>) or a moment before its end (<c>2wd before</c>).</summary>
/// <remarks>Source: electronic supervision (电子监察) as Guangdong began it: a mark near the limit, a mark on breach, for each stage and in total.</remarks>
public sealed record MarkRule
{
    public required string Yellow { get; init; }

    /// <returns>Null: nothing is wrong.</returns>
    public string? Problem()
    {
        try
        {
            return Offset(DeadlineRule.Workdays(10)) is { Amount: < 0 } ? null : $"'{Yellow}' isn't before the end of the limit";
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    /// <summary>The moment of the yellow mark, told from the deadline; <c>due</c> when the limit is too short for one before it.</summary>
    /// <exception cref="FormatException">Neither a share nor a moment.</exception>
    public DeadlineOffset Offset(DeadlineRule rule)
    {
        if (!Yellow.EndsWith('%'))
            return DeadlineOffset.Parse(Yellow);
        if (!int.TryParse(Yellow.AsSpan(0, Yellow.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent) || percent is < 1 or > 99)
            throw new FormatException($"\"{Yellow}\" isn't a share between 1% and 99%.");
        // What must be used up, in whole units: 80 % of 5 days is the end of the fourth.
        var left = rule.Amount - (int)(((long)rule.Amount * percent + 99) / 100);
        var unit = rule.Unit switch { DeadlineUnit.Workdays => "wd", DeadlineUnit.Days => "d", _ => "h" };
        return left == 0 ? DeadlineOffset.Due : DeadlineOffset.Parse(string.Create(CultureInfo.InvariantCulture, $"{left}{unit} before"));
    }
}

/// <summary>Colours of marks, as rows and the API carry them.</summary>
public static class MarkColours
{
    public const string Yellow = "yellow";
    public const string Red = "red";
}
