namespace Talent.Workflows.Server.Security.Staff;

/// <summary>What a password must be. Length is what counts; no rule about kinds of characters (NIST SP 800-63B).</summary>
internal static class Passwords
{
    public const string RuleZh = "须为 12 至 200 个字符，至少 6 种不同字符";
    public const string Rule = "12 to 200 characters, at least 6 different ones";

    public static bool IsStrong(string password) => password.Length is >= 12 and <= 200 && password.Distinct().Count() >= 6;
}
