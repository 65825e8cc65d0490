using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.Calendars;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>
/// What a service says of its time beside the limits of its stages: <c>clock</c> of <c>service.json</c>. A case keeps what was
/// said when it was filed.
/// </summary>
/// <remarks>Source: R-REV-3, R-REV-4, R-REV-5; the figures are the service's, none is the product's.</remarks>
public sealed record ServiceClock
{
    /// <summary>When the office works on a working day: reminders go out then.</summary>
    public string OfficeHours { get; init; } = "09:00-17:30";

    [JsonIgnore]
    public OfficeHours Office => OfficeHours.Split('-') is [var opens, var closes]
        ? new OfficeHours(DeadlineRule.Time(opens), DeadlineRule.Time(closes)) : throw new FormatException($"\"{OfficeHours}\" aren't office hours such as 09:00-17:30.");

    /// <summary>Yellow and red marks (黄牌、红牌); null: the service has none.</summary>
    public MarkRule? Marks { get; init; }

    /// <summary>What is laid down for corrections (补正); null: nothing is.</summary>
    public CorrectionRule? Corrections { get; init; }

    /// <summary>Grounds that stop other limits than they usually do, or that only this service knows.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<StopGround>? Grounds { get; init; }

    /// <summary>A ground on which clocks stop here; null: none of this name.</summary>
    public StopGround? Ground(string code) => Grounds?.FirstOrDefault(g => g.Code == code) ?? StopGround.Usual.FirstOrDefault(g => g.Code == code);

    /// <summary>What is wrong with it, for whoever wrote it.</summary>
    public IEnumerable<(string Path, string Problem)> Problems()
    {
        if (OfficeProblem() is { } hours)
            yield return ("clock.officeHours", hours);
        if (Marks?.Problem() is { } mark)
            yield return ("clock.marks.yellow", mark);
        if (Corrections is { Rounds: < 1 })
            yield return ("clock.corrections.rounds", "a service that never returns a case leaves Return out of its stages; the fewest rounds are 1");
        foreach (var ground in Grounds ?? [])
            if (ground.Code.Length == 0 || ground.Stops.Except(LimitKinds.All, StringComparer.Ordinal).Any())
                yield return ("clock.grounds", $"'{ground.Code}' must have a code and stop {string.Join(" or ", LimitKinds.All)}");
        if ((Grounds ?? []).GroupBy(g => g.Code).FirstOrDefault(g => g.Count() > 1) is { } twice)
            yield return ("clock.grounds", $"'{twice.Key}' stands twice");
    }

    private string? OfficeProblem()
    {
        try
        {
            return Office.Closes > Office.Opens ? null : $"the office closes at {Office.Closes:HH:mm}, not after it opens at {Office.Opens:HH:mm}";
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }
}

/// <summary>Which limit: of one stage, or of the whole case.</summary>
public static class LimitKinds
{
    public const string Stage = "stage";
    public const string Total = "total";

    public static readonly IReadOnlyList<string> All = [Stage, Total];
}

/// <summary>补正: how it may be asked for.</summary>
public sealed record CorrectionRule
{
    /// <summary>How often a case may be returned in one filing phase; null: as often as needed.</summary>
    public int? Rounds { get; init; }

    /// <summary>How long after filing the first phase may be returned; a case that isn't returned by then counts as accepted (视为受理). Null: no such rule.</summary>
    public DeadlineRule? ToldWithin { get; init; }
}
