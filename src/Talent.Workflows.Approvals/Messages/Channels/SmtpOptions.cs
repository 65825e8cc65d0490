using System.ComponentModel.DataAnnotations;

namespace Talent.Workflows.Approvals.Messages.Channels;

/// <summary>How the connection to the mail server is protected.</summary>
public enum SmtpSecurity
{
    /// <summary>Plain; only for a relay on the same machine or a closed network, and without a password.</summary>
    None,

    /// <summary>Plain at first, then STARTTLS (usually port 587); refused when the server doesn't offer it.</summary>
    StartTls,

    /// <summary>TLS from the first byte (usually port 465, the custom in China).</summary>
    ImplicitTls,
}

/// <summary>The mail server that takes our e-mail (R-NTF-4).</summary>
public sealed class SmtpOptions : IValidatableObject
{
    [Required]
    public string Host { get; set; } = "";

    /// <summary>Default 587.</summary>
    [Range(1, 65_535)]
    public int Port { get; set; } = 587;

    /// <summary>Default <see cref="SmtpSecurity.StartTls"/>.</summary>
    public SmtpSecurity Security { get; set; } = SmtpSecurity.StartTls;

    /// <summary>Absent when the server asks for none.</summary>
    public string? UserName { get; set; }

    /// <summary>In China usually the mailbox's authorisation code (授权码).</summary>
    public string? Password { get; set; }

    /// <summary>The sender's address.</summary>
    [Required, EmailAddress]
    public string From { get; set; } = "";

    /// <summary>The sender's name as shown; may be Chinese.</summary>
    public string FromName { get; set; } = "";

    /// <summary>Seconds for one whole sending, connection included; default 30.</summary>
    [Range(1, 300)]
    public int TimeoutSeconds { get; set; } = 30;

    /// <summary>A PEM file with further root certificates, for mail servers inside an office network.</summary>
    public string? TrustedRootsFile { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Security is SmtpSecurity.None && UserName is not null)
        {
            yield return new ValidationResult("A password isn't sent over a plain connection; set Security to StartTls or ImplicitTls, or remove UserName.", [nameof(Security)]);
        }

        if (Port == 465 && Security is not SmtpSecurity.ImplicitTls)
        {
            yield return new ValidationResult("Port 465 speaks TLS from the first byte; set Security to ImplicitTls.", [nameof(Port)]);
        }

        if (UserName is not null && string.IsNullOrEmpty(Password))
        {
            yield return new ValidationResult("UserName needs a Password.", [nameof(Password)]);
        }
    }
}
