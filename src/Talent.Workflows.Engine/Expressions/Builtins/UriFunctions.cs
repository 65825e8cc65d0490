using System.Text;
using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

internal static class UriFunctions
{
    public static readonly NativeFunction Encode = new("encodeURIComponent", 1, static (x, _, a) =>
    {
        var text = Coerce.ToText(x, a.At(0));
        x.AllocateText(text.Length * 6L);
        var result = new StringBuilder();
        Span<byte> bytes = stackalloc byte[4];
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsAsciiLetterOrDigit(c) || "-_.!~*'()".Contains(c, StringComparison.Ordinal))
            {
                result.Append(c);
                continue;
            }
            if (!Rune.TryGetRuneAt(text, i, out var rune))
            {
                throw x.Error("URIError", "The text holds half of a surrogate pair");
            }
            var length = rune.EncodeToUtf8(bytes);
            foreach (var b in bytes[..length])
            {
                result.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
            i += rune.Utf16SequenceLength - 1;
        }
        return Value.Of(result.ToString());
    });

    public static readonly NativeFunction Decode = new("decodeURIComponent", 1, static (x, _, a) =>
    {
        var text = Coerce.ToText(x, a.At(0));
        x.AllocateText(text.Length * 2L);
        var result = new StringBuilder();
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                Flush(x, bytes, result);
                result.Append(text[i]);
                continue;
            }
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
            {
                throw x.Error("URIError", "A % isn't followed by two hexadecimal digits");
            }
            bytes.Add(Convert.FromHexString(text.AsSpan(i + 1, 2))[0]);
            i += 2;
        }
        Flush(x, bytes, result);
        return Value.Of(result.ToString());
    });

    private static readonly UTF8Encoding Strict = new(false, true);

    private static void Flush(Evaluation x, List<byte> bytes, StringBuilder result)
    {
        try
        {
            result.Append(Strict.GetString([.. bytes]));
        }
        catch (DecoderFallbackException)
        {
            throw x.Error("URIError", "The escaped bytes aren't UTF-8");
        }
        bytes.Clear();
    }
}
