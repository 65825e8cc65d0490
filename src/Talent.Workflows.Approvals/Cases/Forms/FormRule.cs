using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>Something that has to hold across fields when data is handed in. What a check doesn't use must be left out (R-CASE-2).</summary>
public sealed record FormRule
{
    /// <summary>Lower camel case; errors name it.</summary>
    public required string Id { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required RuleCheck Check { get; init; }

    /// <summary>The rule counts only while this holds.</summary>
    public FormCondition? When { get; init; }

    /// <summary>The field that is judged and that errors point at: <c>birthDate</c>, or <c>education.graduatedOn</c> for the field of every row of a group.</summary>
    public required string At { get; init; }

    /// <summary>What is wrong, or what to do; the field's name is put before it unless it names it itself.</summary>
    public required string Zh { get; init; }

    /// <inheritdoc cref="Zh"/>
    public required string En { get; init; }

    /// <summary>Before, after: the date that it is compared with, a field beside it or of the form, or <c>today</c>.</summary>
    public string? Than { get; init; }

    /// <summary>Unique: the fields of a row by which no two rows may be the same; rows that leave one of them empty don't count.</summary>
    public IReadOnlyList<string>? By { get; init; }

    /// <summary>No overlap, no gap: the date or month field of a row with which its period begins.</summary>
    public string? From { get; init; }

    /// <summary>No overlap, no gap: the one with which it ends; empty in a row: it goes on.</summary>
    public string? To { get; init; }

    /// <summary>No gap: the longest gap in months, 0 to 600.</summary>
    public int? Months { get; init; }

    /// <summary>Sum: the number field of a row.</summary>
    public string? Field { get; init; }

    /// <summary>Sum: smallest and largest sum. Age: the youngest and oldest in full years. Both allowed.</summary>
    public decimal? Min { get; init; }

    /// <inheritdoc cref="Min"/>
    public decimal? Max { get; init; }

    /// <summary>Any of: the fields of the form of which one has to be filled in.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>Matches ID: the field with the identity number, beside the one that is judged: in the same row, or of the form.</summary>
    public string? Number { get; init; }

    /// <summary>Matches ID, of a choice: its codes of the two sexes.</summary>
    public string? Male { get; init; }

    /// <inheritdoc cref="Male"/>
    public string? Female { get; init; }
}

/// <summary>What a rule checks.</summary>
public enum RuleCheck
{
    /// <summary>The date lies before another.</summary>
    Before,

    /// <summary>The date lies after another.</summary>
    After,

    /// <summary>No two rows of the group are the same by some fields.</summary>
    Unique,

    /// <summary>No two periods of the group share time; one may begin on the day, or in the month, in which another ends.</summary>
    NoOverlap,

    /// <summary>Between one period of the group and the next lies no gap longer than some months.</summary>
    NoGap,

    /// <summary>The sum of a number field over the group's rows lies within limits.</summary>
    Sum,

    /// <summary>The age in full years, on the day of filing, of whom a date of birth or a resident identity number is, lies within limits.</summary>
    AgeAtFiling,

    /// <summary>At least one of several fields is filled in.</summary>
    AnyOf,

    /// <summary>
    /// The date of birth, or the choice of a sex, is what the resident identity number of another field says (GB 11643). Where there is no such number,
    /// or that of another kind of document, there is nothing to hold it against.
    /// </summary>
    MatchesId,
}
