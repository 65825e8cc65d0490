using System.Globalization;
using System.Text;

namespace Talent.Workflows.Engine.Expressions.Values;

/// <summary>Numbers from and to text, as ECMAScript writes them.</summary>
internal static class NumberText
{
    private static readonly string[] Small = [.. Enumerable.Range(0, 256).Select(static i => i.ToString(CultureInfo.InvariantCulture))];

    public static string Format(double number)
    {
        var whole = (long)number;
        if (whole == number && Math.Abs(number) < 1e15)
        {
            return (ulong)whole < 256 ? Small[whole] : whole.ToString(CultureInfo.InvariantCulture);
        }
        if (double.IsNaN(number))
        {
            return "NaN";
        }
        if (double.IsInfinity(number))
        {
            return number > 0 ? "Infinity" : "-Infinity";
        }
        var (digits, exponent) = ShortestDigits(Math.Abs(number));
        var sign = number < 0 ? "-" : string.Empty;
        // The value is 0.digits × 10^exponent.
        if (exponent is > 21 or < -5)
        {
            return sign + Scientific(digits, exponent - 1);
        }
        if (exponent <= 0)
        {
            return $"{sign}0.{new string('0', -exponent)}{digits}";
        }
        return exponent >= digits.Length
            ? sign + digits + new string('0', exponent - digits.Length)
            : $"{sign}{digits[..exponent]}.{digits[exponent..]}";
    }

    public static string Scientific(string digits, int exponent)
    {
        var text = new StringBuilder().Append(digits[0]);
        if (digits.Length > 1)
        {
            text.Append('.').Append(digits, 1, digits.Length - 1);
        }
        return text.Append('e').Append(exponent < 0 ? '-' : '+').Append(CultureInfo.InvariantCulture, $"{Math.Abs(exponent)}").ToString();
    }

    /// <summary>The shortest digits that read back as the same number: the value is 0.digits × 10^exponent.</summary>
    public static (string Digits, int Exponent) ShortestDigits(double positive)
    {
        var shortest = positive.ToString("R", CultureInfo.InvariantCulture);
        var e = shortest.IndexOf('E', StringComparison.Ordinal);
        var mantissa = e < 0 ? shortest : shortest[..e];
        var exponent = e < 0 ? 0 : int.Parse(shortest.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = dot < 0 ? mantissa : mantissa.Remove(dot, 1);
        exponent += dot < 0 ? mantissa.Length : dot;
        var leading = 0;
        while (leading < digits.Length - 1 && digits[leading] == '0')
        {
            leading++;
        }
        digits = digits[leading..].TrimEnd('0');
        return (digits.Length == 0 ? "0" : digits, exponent - leading);
    }

    /// <summary>Number(text): the whole text has to be a number, an empty one is 0.</summary>
    public static double Parse(Evaluation x, string source)
    {
        x.Step(source.Length / 16);
        var text = Trim(source);
        if (text.IsEmpty)
        {
            return 0;
        }
        if (text.Length > 2 && text[0] == '0')
        {
            var radix = char.ToLowerInvariant(text[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 };
            if (radix > 0)
            {
                var (value, length) = ParseDigits(text[2..], radix);
                return length == text.Length - 2 ? value : double.NaN;
            }
        }
        var used = PrefixLength(text, out var infinite);
        return used != text.Length ? double.NaN : infinite ?? ParseDecimal(text);
    }

    /// <summary>parseFloat(text): the longest start that is a number.</summary>
    public static double ParsePrefix(Evaluation x, string source)
    {
        x.Step(source.Length / 16);
        var text = Trim(source);
        var used = PrefixLength(text, out var infinite);
        return used == 0 ? double.NaN : infinite ?? ParseDecimal(text[..used]);
    }

    public static (double Value, int Length) ParseDigits(ReadOnlySpan<char> text, int radix)
    {
        var length = 0;
        double value = 0;
        while (length < text.Length && DigitOf(text[length]) < radix)
        {
            value = (value * radix) + DigitOf(text[length++]);
        }
        // Sums of more digits than a double holds are off by roundings; the decimal reader isn't.
        if (radix == 10 && value > 9e15)
        {
            value = ParseDecimal(text[..length]);
        }
        return (length == 0 ? double.NaN : value, length);
    }

    public static ReadOnlySpan<char> Trim(string text)
    {
        var start = 0;
        var end = text.Length;
        while (start < end && IsSpace(text[start]))
        {
            start++;
        }
        while (end > start && IsSpace(text[end - 1]))
        {
            end--;
        }
        return text.AsSpan(start, end - start);
    }

    public static bool IsSpace(char c) => c is ' ' or '\t' or '\n' or '\r' or '\v' or '\f' or '\u00a0' or '\ufeff' or '\u2028' or '\u2029'
        || (c > 127 && char.GetUnicodeCategory(c) == UnicodeCategory.SpaceSeparator);

    private static int DigitOf(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'z' => c - 'a' + 10,
        >= 'A' and <= 'Z' => c - 'A' + 10,
        _ => 99,
    };

    private static double ParseDecimal(ReadOnlySpan<char> text) =>
        double.Parse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture);

    private static int PrefixLength(ReadOnlySpan<char> text, out double? infinite)
    {
        infinite = null;
        var at = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        if (text[at..].StartsWith("Infinity", StringComparison.Ordinal))
        {
            infinite = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return at + 8;
        }
        var start = at;
        at = SkipDigits(text, at);
        var digits = at - start;
        if (at < text.Length && text[at] == '.')
        {
            var fraction = SkipDigits(text, at + 1) - at - 1;
            if (digits + fraction > 0)
            {
                at += fraction + 1;
                digits += fraction;
            }
        }
        if (digits == 0)
        {
            return 0;
        }
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            var sign = at + 1 < text.Length && text[at + 1] is '+' or '-' ? 1 : 0;
            var end = SkipDigits(text, at + 1 + sign);
            at = end > at + 1 + sign ? end : at;
        }
        return at;
    }

    private static int SkipDigits(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }
        return at;
    }
}
