namespace Talent.Workflows.Approvals.Messages.Channels;

/// <summary>Recipients as logs and lists may show them (R-AUD-2): a phone's first 3 and last 4 digits, an address's first letter.</summary>
public static class RecipientMask
{
    private const string Stars = "****";

    public static string Of(string recipient)
    {
        int at = recipient.LastIndexOf('@');
        if (at > 0)
        {
            return recipient[..1] + Stars + recipient[at..];
        }

        return recipient.Length >= 11 && recipient.All(c => char.IsAsciiDigit(c) || c == '+')
            ? recipient[..3] + Stars + recipient[^4..]
            : Stars;
    }

    /// <summary>A provider's answer, with the recipient masked wherever it is quoted, on one line and at most 200 characters.</summary>
    internal static string In(string answer, string recipient)
    {
        string masked = answer.Replace(recipient, Of(recipient), StringComparison.OrdinalIgnoreCase);
        string line = string.Join(' ', masked.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= 200 ? line : line[..199] + "…";
    }
}
