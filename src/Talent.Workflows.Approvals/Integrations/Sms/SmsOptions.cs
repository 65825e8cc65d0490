using System.ComponentModel.DataAnnotations;

namespace Talent.Workflows.Approvals.Integrations.Sms;

/// <summary>The SMS gateway: 阿里云短信服务 or one that speaks its convention (R-NTF-4, R-INT-5).</summary>
public sealed class SmsOptions
{
    /// <summary>Such as <c>https://dysmsapi.aliyuncs.com/</c>.</summary>
    [Required, Url]
    public string Endpoint { get; set; } = "";

    [Required]
    public string AccessKeyId { get; set; } = "";

    [Required]
    public string AccessKeySecret { get; set; } = "";

    /// <summary>Seconds for one request; default 10.</summary>
    [Range(1, 60)]
    public int TimeoutSeconds { get; set; } = 10;

    /// <summary>From when on no SMS is sent, Asia/Shanghai; default 22:00.</summary>
    public TimeOnly QuietFrom { get; set; } = new(22, 0);

    /// <summary>When sending begins again; default 08:00. The same as <see cref="QuietFrom"/>: it never rests.</summary>
    public TimeOnly QuietUntil { get; set; } = new(8, 0);
}
