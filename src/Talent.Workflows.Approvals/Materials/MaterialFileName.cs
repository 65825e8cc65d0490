using System.Globalization;
using System.Text;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>Names a material's file on download: <c>单位-姓名-材料名称.pdf</c> (R-CASE-3). Pure.</summary>
public static class MaterialFileName
{
    /// <summary>What the common file systems take for one name, in bytes of UTF-8.</summary>
    public const int MostBytes = 240;

    private const string Unsafe = "<>:\"/\\|?*";

    /// <param name="employer">The employer's Chinese name.</param>
    /// <param name="person">The applicant's name.</param>
    /// <param name="material">The material's Chinese name.</param>
    /// <param name="extension">Such as <c>pdf</c>, with or without the dot.</param>
    /// <param name="number">From 1, when a material has several files; null when it has one.</param>
    /// <returns>A name that is safe on Windows, macOS and Linux: no separators, no control or direction marks, not too long.</returns>
    public static string For(string employer, string person, string material, string extension, int? number = null)
    {
        string serial = number is int n ? $"-{n.ToString(CultureInfo.InvariantCulture)}" : "";
        string kind = string.Concat(extension.Where(char.IsAsciiLetterOrDigit).Take(8)).ToLowerInvariant();
        string tail = kind.Length == 0 ? serial : $"{serial}.{kind}";
        int room = (MostBytes - Encoding.UTF8.GetByteCount(tail) - 2) / 3;
        return $"{Part(employer, room)}-{Part(person, room)}-{Part(material, room)}{tail}";
    }

    private static string Part(string text, int mostBytes)
    {
        StringBuilder kept = new();
        int bytes = 0;
        bool space = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                space = kept.Length > 0;
                continue;
            }

            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned || rune == Rune.ReplacementChar)
            {
                continue;
            }

            string piece = (space ? " " : "") + (rune.IsAscii && Unsafe.Contains((char)rune.Value, StringComparison.Ordinal) ? "_" : rune.ToString());
            int more = Encoding.UTF8.GetByteCount(piece);
            if (bytes + more > mostBytes)
            {
                break;
            }

            kept.Append(piece);
            bytes += more;
            space = false;
        }

        string part = kept.ToString().Trim('.', ' ');
        return part.Length == 0 ? "未填" : part;
    }
}
