using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.Eligibility;

namespace Talent.Workflows.Approvals.Filings.Sources;

/// <summary>Where the value of a form field came from (R-CASE-5).</summary>
/// <param name="Source">One of <see cref="ValueSources"/>.</param>
/// <param name="At">When it came in.</param>
/// <param name="By">Id of the user who typed it, or for whom it was fetched.</param>
internal sealed record ValueSource(string Source, DateTimeOffset At, string By)
{
    /// <summary>The document that it was read on, by its slot and its id; null: on none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Slot { get; init; }

    /// <inheritdoc cref="Slot"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? Material { get; init; }

    /// <summary>The recognition that it is from; null: from none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull), JsonPropertyName("reading")]
    public Guid? Recognition { get; init; }

    /// <summary>The earlier round that it is from; null: from none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? Round { get; init; }
}

/// <summary>What a value can be from.</summary>
internal static class ValueSources
{
    /// <summary>Typed, or sent by the portal as what was typed.</summary>
    public const string Typed = "typed";

    /// <summary>The applicant's profile.</summary>
    public const string Profile = "profile";

    /// <summary>What the directory says of the employer (自动带入).</summary>
    public const string Directory = "directory";

    /// <summary>Read on a material.</summary>
    public const string Recognition = "recognition";

    /// <summary>What other offices know (政务共享数据).</summary>
    public const string Shared = "shared";

    /// <summary>The round before.</summary>
    public const string Round = "round";

    /// <summary>The same of a fact of a test: what somebody said there is as good as typed.</summary>
    public static string Of(FactSource source) => source switch
    {
        FactSource.SharedData => Shared,
        FactSource.Recognition => Recognition,
        FactSource.Identity => Profile,
        _ => Typed,
    };

    public static (string Zh, string En) Word(string source) => source switch
    {
        Typed => ("手动填写", "typed"),
        Profile => ("个人信息带入", "from the profile"),
        Directory => ("单位信息带入", "from the directory"),
        Recognition => ("材料识别", "recognised"),
        Shared => ("共享数据获取", "from shared data"),
        Round => ("上次申报带入", "from the earlier round"),
        _ => throw new ArgumentOutOfRangeException(nameof(source), source, "Not a source."),
    };
}
