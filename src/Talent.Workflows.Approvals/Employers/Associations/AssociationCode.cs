using System.Security.Cryptography;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Employers.Associations;

/// <summary>关联代码: what an employer gives its people so that they find it. Ten characters that nobody mistakes for others, about 8 × 10¹⁴ codes.</summary>
/// <remarks>Source: Beijing-personal 二.2, Beijing-employer 4.</remarks>
public static class AssociationCode
{
    public const int Length = 10;

    /// <summary>Without 0 and O, 1, I and L.</summary>
    public const string Alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

    /// <summary>A new code, from the system's random generator.</summary>
    public static string New() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>As people type it: in small letters, full-width, in groups.</summary>
    /// <returns>Null: it can't be a code.</returns>
    public static string? Read(string? typed)
    {
        if (typed is null || typed.Length > 64)
            return null;
        var plain = TypedText.Narrow(typed).Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();
        return plain.Length == Length && plain.All(c => Alphabet.Contains(c, StringComparison.Ordinal)) ? plain : null;
    }
}
