using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.People;

/// <summary>An e-mail address as it was given. As text it is masked: ask <see cref="Value"/> for the address.</summary>
public sealed partial record EmailAddress
{
    /// <summary>In characters (RFC 5321).</summary>
    public const int Longest = 254;

    private EmailAddress(string value) => Value = value;

    public string Value { get; }

    /// <summary>In lower case: what two spellings of one address have in common.</summary>
    public string Normalised => Value.ToLowerInvariant();

    /// <summary>Accepts full-width letters and spaces around.</summary>
    /// <param name="fault">Code: <c>email_format</c>.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EmailAddress? email, [NotNullWhen(false)] out InputFault? fault)
    {
        var plain = TypedText.Narrow(text);
        var good = plain.Length <= Longest && Form().IsMatch(plain);
        email = good ? new EmailAddress(plain) : null;
        fault = good ? null : new InputFault("email_format", "电子邮箱格式不正确，应如 name@example.cn", "Not an e-mail address such as name@example.cn.");
        return good;
    }

    public override string ToString() => Masking.Email(Value, MaskingProfile.Officer);

    [GeneratedRegex(@"\A[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+\z", RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}
