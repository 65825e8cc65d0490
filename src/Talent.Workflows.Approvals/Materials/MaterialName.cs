using System.Globalization;
using System.Text;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>What a material is called in its library, such as 学位证书: no file's path, and nothing that could be one.</summary>
/// <remarks>Source: R-CASE-4. Pure. The file itself is never named by it.</remarks>
public static class MaterialName
{
    /// <summary>In characters.</summary>
    public const int Longest = 100;

    /// <summary>Longest fragment that is searched for, in characters.</summary>
    public const int LongestFragment = 50;

    private static readonly string[] Extensions = [".pdf", ".jpg", ".jpeg", ".png"];

    // Names that Windows keeps for devices, with or without an extension.
    private static readonly HashSet<string> Devices = new(["con", "prn", "aux", "nul", .. Enumerable.Range(0, 10).SelectMany(n => new[] { $"com{n}", $"lpt{n}" })], StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes the name of an uploaded file or of a material: an extension of a kind that is taken falls away.</summary>
    /// <param name="fault">Codes: <c>material_name</c> (missing, too long), <c>material_name_path</c> (a path, or what can't stand in a file's name).</param>
    public static bool TryParse(string? text, out string name, out InputFault? fault)
    {
        name = (text ?? "").Trim();
        foreach (var extension in Extensions)
            if (name.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
            {
                name = name[..^extension.Length].TrimEnd();
                break;
            }
        fault = name.Length == 0 || !IsText(name) || new StringInfo(name).LengthInTextElements > Longest || name.Length > Longest * 4
                ? new InputFault("material_name", $"请填写材料名称（不超过{Longest}字）", $"Give the material a name of at most {Longest} characters.")
            : IsPath(name)
                ? new InputFault("material_name_path", "材料名称不能是文件路径，也不能含有 / \\ : * ? \" < > | 或不可见的控制字符",
                    "The name can't be a path of a file, nor hold / \\ : * ? \" < > | or characters that don't show.")
            : null;
        name = fault is null ? name : "";
        return fault is null;
    }

    private static bool IsPath(string name) =>
        name[0] == '.' || name[^1] == '.' || name.Contains("..", StringComparison.Ordinal) || Devices.Contains(name.Split('.')[0].TrimEnd())
        || name.EnumerateRunes().Any(r => r.Value is '/' or '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|' or '／' or '＼'
            || Rune.GetUnicodeCategory(r) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    /// <summary>Whether it has no half of a surrogate pair, which can't be kept, and no mark of bytes that weren't understood.</summary>
    private static bool IsText(string name)
    {
        for (var rest = name.AsSpan(); !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var length) != System.Buffers.OperationStatus.Done || rune == Rune.ReplacementChar)
                return false;
            rest = rest[length..];
        }
        return true;
    }
}
