namespace Talent.Workflows.Approvals.Materials.Contents;

/// <summary>Whether a content is a whole PDF and nothing else.</summary>
/// <remarks>Source: ISO 32000-2, 7.5 (file structure): header, body of objects, cross-references, trailer with <c>startxref</c> and <c>%%EOF</c>.</remarks>
internal static class PdfContent
{
    private const int HeadBytes = 4096, TailBytes = 2048, ScriptBytes = 1024, LongestComment = 512;

    /// <returns>Null: it is.</returns>
    public static ContentFlaw? Check(Stream content)
    {
        var head = new byte[Math.Min(HeadBytes, content.Length)];
        content.Position = 0;
        content.ReadExactly(head);
        if (head.Length < 10 || !char.IsAsciiDigit((char)head[5]) || head[6] != '.' || !char.IsAsciiDigit((char)head[7]))
            return ContentFlaw.Damaged;
        // Browsers and mail programs that guess look at the first bytes.
        if (ForeignContent.IsScript(head.AsSpan(0, Math.Min(ScriptBytes, head.Length))) || !BeginsWithAnObject(head.AsSpan(8)))
            return ContentFlaw.Hidden;
        var tail = new byte[Math.Min(TailBytes, content.Length)];
        content.Position = content.Length - tail.Length;
        content.ReadExactly(tail);
        return CheckEnd(tail, content.Length);
    }

    /// <summary>Only comments may come between the header and the first object.</summary>
    private static bool BeginsWithAnObject(ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            if (IsSpace(rest[0]))
                rest = rest[1..];
            else if (rest[0] == '%')
            {
                var end = rest.IndexOfAny((byte)'\r', (byte)'\n');
                if (end is < 0 or > LongestComment)
                    return false;
                rest = rest[end..];
            }
            else
                return Number(ref rest) && Number(ref rest) && rest.StartsWith("obj"u8);
        }
        return false;
    }

    private static ContentFlaw? CheckEnd(ReadOnlySpan<byte> tail, long length)
    {
        var end = tail.LastIndexOf("%%EOF"u8);
        if (end < 0)
            return ContentFlaw.Damaged;
        foreach (var rest in tail[(end + 5)..])
            if (!IsSpace(rest))
                return ContentFlaw.Hidden;
        var start = tail[..end].LastIndexOf("startxref"u8);
        if (start < 0)
            return ContentFlaw.Damaged;
        var number = tail[(start + 9)..end];
        while (!number.IsEmpty && IsSpace(number[0]))
            number = number[1..];
        long offset = 0;
        var digits = 0;
        while (digits < number.Length && digits <= 12 && char.IsAsciiDigit((char)number[digits]))
            offset = offset * 10 + number[digits++] - '0';
        return digits is > 0 and <= 12 && offset < length ? null : ContentFlaw.Damaged;
    }

    /// <summary>Digits and the space after them.</summary>
    private static bool Number(ref ReadOnlySpan<byte> text)
    {
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit((char)text[digits]))
            digits++;
        if (digits is 0 or > 10 || digits == text.Length || !IsSpace(text[digits]))
            return false;
        text = text[digits..];
        while (!text.IsEmpty && IsSpace(text[0]))
            text = text[1..];
        return true;
    }

    private static bool IsSpace(byte one) => one is 0 or (byte)'\t' or (byte)'\n' or 12 or (byte)'\r' or (byte)' ';
}
