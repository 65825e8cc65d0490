using System.ComponentModel.DataAnnotations;

namespace Talent.Workflows.Approvals.People.RealName;

/// <summary>实名认证、换绑和人脸识别的次数与时效, section <c>Talent:RealName</c>. All nodes of one database have to have the same.</summary>
public sealed class RealNameOptions
{
    public const string Section = "Talent:RealName";

    /// <summary>Verifications that one account may ask for within 24 hours; default 5.</summary>
    [Range(1, 100)]
    public int TriesPerDay { get; set; } = 5;

    /// <summary>Verifications of one identity number within 24 hours, by whichever accounts; default 20.</summary>
    [Range(1, 1000)]
    public int TriesPerNumberPerDay { get; set; } = 20;

    /// <summary>Times that one account may try to take over an identity within 24 hours; default 5.</summary>
    [Range(1, 100)]
    public int RebindingsPerDay { get; set; } = 5;

    /// <summary>Hours after which a confirmed name and number have to be verified again before they are taken over; default 24.</summary>
    [Range(1, 720)]
    public int ConfirmedHours { get; set; } = 24;

    /// <summary>Faces that one account may have verified within 24 hours; default 20.</summary>
    [Range(1, 1000)]
    public int FacesPerDay { get; set; } = 20;

    /// <summary>Minutes for which a passed face may be used, once; default 30.</summary>
    [Range(1, 1440)]
    public int FaceResultMinutes { get; set; } = 30;
}
