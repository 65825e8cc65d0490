using System.Security.Cryptography;
using System.Text;
using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>What a letter says, as its row holds it: its fields and its HTML, which name people.</summary>
internal static class SealedLetter
{
    public static readonly SealedTable Table = new("letters", "id", null, ["fields", "content"]);

    public static (byte[] Fields, byte[] Content) Seal(KeyRing ring, LetterText text, string html) =>
        (ring.Seal(text.Canonical(), Table.At("fields", text.Id)), ring.Seal(html, Table.At("content", text.Id)));

    /// <summary>The fields, which name the letter that they belong to.</summary>
    /// <exception cref="SealedValueException">The row was changed outside the product.</exception>
    public static LetterText Fields(KeyRing ring, Guid id, byte[] fields, Guid caseId, string number)
    {
        var text = LetterText.Read(ring.Open(fields, Table.At("fields", id)));
        return text.Id == id && text.CaseId == caseId && text.Number == number ? text : throw new SealedValueException(Table.At("fields", id), "its row says another case or number");
    }

    /// <summary>The HTML, which is what the hash is of.</summary>
    /// <exception cref="SealedValueException">The row was changed outside the product.</exception>
    public static byte[] Html(KeyRing ring, Guid id, byte[] content, string sha256)
    {
        var html = ring.OpenBytes(content, Table.At("content", id));
        return Hash(html) == sha256 ? html : throw new SealedValueException(Table.At("content", id), "it isn't what its hash is of");
    }

    public static string Hash(string html) => Hash(Encoding.UTF8.GetBytes(html));

    private static string Hash(byte[] html) => Convert.ToHexStringLower(SHA256.HashData(html));
}
