using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>Whom a panel consists of, as data.</summary>
/// <remarks>Source: R-PAN-1.</remarks>
public sealed record PanelRules
{
    /// <summary>How many experts sit; at least 1.</summary>
    public required int Size { get; init; }

    /// <summary>Filled in this order, before the remaining seats.</summary>
    public ImmutableArray<FieldQuota> Fields { get; init; } = [];

    /// <summary>True: nobody is drawn who has none of <see cref="Fields"/> nor of their fallbacks, and a seat stays vacant rather. Null: the seats that no quota holds are for any field.</summary>
    /// <remarks>Part of the hashed rules, so that records of draws from before there was this rule are drawn again as they were.</remarks>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? OnlyFields { get; init; }

    /// <summary>Whoever has sat on so many panels in the last <see cref="LoadDays"/> days isn't drawn; null: no limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MaxLoad { get; init; }

    /// <summary>Calendar days.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? LoadDays { get; init; }

    /// <exception cref="FormatException">Quotas that no panel can meet.</exception>
    public void Check()
    {
        if (Size < 1)
        {
            throw new FormatException($"A panel of {Size} has no seats.");
        }

        if ((MaxLoad, LoadDays) is not ((null, null) or ( > 0, > 0)))
        {
            throw new FormatException("A limit of the load is at least 1 panel in at least 1 day.");
        }

        if (Fields.Sum(f => f.AtLeast) > Size)
        {
            throw new FormatException($"The fields ask for {Fields.Sum(f => f.AtLeast)} experts, the panel has {Size}.");
        }

        foreach (var quota in Fields)
        {
            if (quota.AtLeast < 0 || quota.AtMost < quota.AtLeast)
            {
                throw new FormatException($"Field \"{quota.Field}\": at least {quota.AtLeast}, at most {quota.AtMost} can't be met.");
            }
        }

        if (Fields.Select(f => f.Field).Distinct(StringComparer.Ordinal).Count() != Fields.Length)
        {
            throw new FormatException("A field has two quotas.");
        }

        if (OnlyFields is true && Fields.IsEmpty)
        {
            throw new FormatException("Only the named fields may sit, and none is named.");
        }
    }
}

/// <summary>How many of a field: at least (from the fallback fields, in order, when the field has too few) and at most.</summary>
public sealed record FieldQuota
{
    public required string Field { get; init; }

    public required int AtLeast { get; init; }

    /// <summary>Null: any number. An expert counts in each of their fields.</summary>
    public int? AtMost { get; init; }

    public ImmutableArray<string> Fallback { get; init; } = [];
}
