namespace Talent.Workflows.Approvals.People;

/// <summary>What people type with a Chinese input method, made plain.</summary>
internal static class TypedText
{
    /// <summary>Full-width letters, digits and signs to ASCII; no spaces around.</summary>
    public static string Narrow(string? text) => Plain(text).Trim();

    /// <summary>The same with the spaces around: each character stays where it is.</summary>
    public static string Plain(string? text) => string.Concat((text ?? "").Select(c => c switch
    {
        >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
        '\u3000' => ' ',
        _ => c,
    }));
}
