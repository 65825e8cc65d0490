using System.ComponentModel.DataAnnotations;

namespace Talent.Workflows.Approvals.People.Codes;

/// <summary>How often verification codes are sent, section <c>Talent:Codes</c>. All nodes of one database have to have the same.</summary>
public sealed class CodeOptions
{
    public const string Section = "Talent:Codes";

    /// <summary>Seconds between two codes to one telephone; default 60.</summary>
    [Range(1, 3600)]
    public int PhonePauseSeconds { get; set; } = 60;

    /// <summary>Codes to one telephone within an hour; default 5.</summary>
    [Range(1, 100)]
    public int PhonePerHour { get; set; } = 5;

    /// <summary>Codes to one telephone within 24 hours; default 10.</summary>
    [Range(1, 200)]
    public int PhonePerDay { get; set; } = 10;

    /// <summary>Codes asked for from one address within an hour; an office shares one. Default 20.</summary>
    [Range(1, 1000)]
    public int AddressPerHour { get; set; } = 20;

    /// <summary>Codes asked for from one address within 24 hours; default 100.</summary>
    [Range(1, 1000)]
    public int AddressPerDay { get; set; } = 100;

    /// <summary>Image challenges made for one address within ten minutes; default 60.</summary>
    [Range(1, 1000)]
    public int ChallengesPerTenMinutes { get; set; } = 60;

    /// <summary>Codes sent within a minute in all; default 120.</summary>
    [Range(1, 1000)]
    public int TotalPerMinute { get; set; } = 120;
}
