using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>One field of a form, as data. What a type doesn't use must be left out.</summary>
public sealed record FormField
{
    public required string Key { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required FieldType Type { get; init; }
    public required string Zh { get; init; }
    public required string En { get; init; }
    public bool Required { get; init; }

    /// <summary>The field exists only while this holds; otherwise it must be empty at submission.</summary>
    public FormCondition? When { get; init; }

    /// <summary>Personal data: kept apart from workflow data and masked in lists.</summary>
    public bool Personal { get; init; }

    /// <summary>Whether its values are kept encrypted: what is shown masked is personal, whether the file says so or not; a group is as a whole.</summary>
    internal bool IsSealed => Personal || IsDocumentNumber || Type is FieldType.Phone or FieldType.Email || Fields?.Any(f => f.IsSealed) == true;

    /// <summary>Whether it holds the number of an identity document, which is shown masked.</summary>
    internal bool IsDocumentNumber => Masked || Type is FieldType.ResidentId or FieldType.DocumentNumber;

    /// <summary>Text: the number of an identity document, masked like a resident identity number.</summary>
    public bool Masked { get; init; }

    /// <summary>Text: may hold line breaks.</summary>
    public bool Multiline { get; init; }

    /// <summary>Text: fewest and most characters (Unicode scalar values).</summary>
    public int? MinLength { get; init; }

    /// <inheritdoc cref="MinLength"/>
    public int? MaxLength { get; init; }

    /// <summary>Number: smallest and largest value, both allowed. Choices: fewest and most of them.</summary>
    public decimal? Min { get; init; }

    /// <inheritdoc cref="Min"/>
    public decimal? Max { get; init; }

    /// <summary>Number: most digits after the point; 0 for whole numbers.</summary>
    public int? Decimals { get; init; }

    /// <summary>Text: a regular expression (without backtracking) that the whole text must match.</summary>
    public string? Pattern { get; init; }

    /// <summary>Text: a named check given by the host, such as <c>uscc</c>.</summary>
    public string? Check { get; init; }

    /// <summary>Choice, choices, region: the code table, of the form or a shared one; a region's is <c>regions</c> unless it says another.</summary>
    public string? CodeTable { get; init; }

    /// <summary>Region: the level that is asked for, one of <see cref="CodeTables.Levels"/>; null: any.</summary>
    public string? Level { get; init; }

    /// <summary>Document number: the choice beside it or of the form that names the kind of document; the lines of its table say what numbers look like.</summary>
    public string? Kind { get; init; }

    /// <summary>Keys of stages whose people don't get the field when they read the case. The applicant and who filed always do.</summary>
    public IReadOnlyList<string>? HiddenFrom { get; init; }

    /// <summary>Boolean: the only answer that can be submitted, as for a declaration.</summary>
    public bool? MustBe { get; init; }

    /// <summary>Date or month: not before / not after a field beside it or of the form, or <c>today</c>.</summary>
    public string? NotBefore { get; init; }

    /// <inheritdoc cref="NotBefore"/>
    public string? NotAfter { get; init; }

    /// <summary>Text outside groups: fills itself in with what the directory says of the employer, <c>employer.name</c> or <c>employer.uscc</c>; what is sent for it doesn't count.</summary>
    public string? FilledFrom { get; init; }

    /// <summary>Outside groups: what the applicant's profile fills a new draft in with, <c>profile.step.field</c>, such as <c>profile.identity.name</c>; it may be overtyped.</summary>
    public string? Prefill { get; init; }

    /// <summary>Outside groups: what other offices know of the applicant that goes here (政务共享数据), such as <c>degree.school</c> or <c>title.title</c>.</summary>
    public string? Shared { get; init; }

    /// <summary>Outside groups: the code of each choice beside it that is made along where something else than a person fills it in and the choice is still open, so that the field applies.</summary>
    public IReadOnlyDictionary<string, string>? FilledWith { get; init; }

    /// <summary>Group: fewest and most rows.</summary>
    public int? MinRows { get; init; }

    /// <inheritdoc cref="MinRows"/>
    public int? MaxRows { get; init; }

    /// <summary>Group: the rows are the last so many full years, one each, named by the number of this field: <c>year</c>.</summary>
    public string? LastYears { get; init; }

    /// <summary>Group: the fields of a row.</summary>
    public IReadOnlyList<FormField>? Fields { get; init; }

    /// <summary>A hint shown beside the field.</summary>
    public string? HelpZh { get; init; }

    /// <inheritdoc cref="HelpZh"/>
    public string? HelpEn { get; init; }
}
