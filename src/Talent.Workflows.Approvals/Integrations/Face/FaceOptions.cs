using System.ComponentModel.DataAnnotations;

namespace Talent.Workflows.Approvals.Integrations.Face;

/// <summary>Face verification, section <c>Talent:Face</c>, beside what every service of another office has.</summary>
public sealed class FaceOptions
{
    /// <summary>Seconds that a QR token is good for; default 180.</summary>
    [Range(30, 3600)]
    public int LifeSeconds { get; set; } = 180;
}
