using System.ComponentModel.DataAnnotations;

namespace Talent.Workflows.Approvals.Integrations.Outside;

/// <summary>One service of another office: sections <c>Talent:Identity</c>, <c>Talent:Face</c>, <c>Talent:SharedData</c>, <c>Talent:Recognition</c>.</summary>
public sealed class OutsideOptions
{
    /// <summary>What the paths of the contract follow, such as <c>https://identity.example.gov.cn/api</c>.</summary>
    [Required, Url]
    public string Endpoint { get; set; } = "";

    [Required]
    public string AccessKeyId { get; set; } = "";

    [Required]
    public string AccessKeySecret { get; set; } = "";

    /// <summary>Seconds for one request; default 10.</summary>
    [Range(1, 50)]
    public int TimeoutSeconds { get; set; } = 10;
}
