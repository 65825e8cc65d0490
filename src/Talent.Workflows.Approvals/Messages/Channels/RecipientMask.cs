using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Messages.Channels;

/// <summary>Recipients as logs and lists may show them (R-AUD-2): as <see cref="Masking"/> has it; what is neither phone nor address isn't shown.</summary>
public static class RecipientMask
{
    public static string Of(string recipient)
    {
        bool phone = recipient.Length >= 11 && recipient.All(c => char.IsAsciiDigit(c) || c == '+');
        string masked = phone ? Masking.Phone(recipient, MaskingProfile.Officer) : Masking.Email(recipient, MaskingProfile.Officer);
        return masked.Length == 0 ? "***" : masked;
    }

    /// <summary>A provider's answer, with the recipient masked wherever it is quoted, on one line and at most 200 characters.</summary>
    internal static string In(string answer, string recipient)
    {
        string masked = answer.Replace(recipient, Of(recipient), StringComparison.OrdinalIgnoreCase);
        string line = string.Join(' ', masked.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= 200 ? line : line[..199] + "…";
    }
}
