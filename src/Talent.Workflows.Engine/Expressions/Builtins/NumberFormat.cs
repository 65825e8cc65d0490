using System.Globalization;
using System.Numerics;
using System.Text;
using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

/// <summary>Texts of numbers with a given number of digits or another base.</summary>
internal static class NumberFormat
{
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    public static string Fixed(double number, int digits)
    {
        if (!double.IsFinite(number) || Math.Abs(number) >= 1e21)
        {
            return NumberText.Format(number);
        }
        var scaled = Scale(Math.Abs(number), digits).ToString(CultureInfo.InvariantCulture).PadLeft(digits + 1, '0');
        var text = digits == 0 ? scaled : $"{scaled[..^digits]}.{scaled[^digits..]}";
        return number < 0 ? "-" + text : text;
    }

    public static string Exponential(double number, int digits)
    {
        if (!double.IsFinite(number))
        {
            return NumberText.Format(number);
        }
        var sign = number < 0 ? "-" : string.Empty;
        if (digits < 0)
        {
            var (shortest, exponent) = NumberText.ShortestDigits(Math.Abs(number));
            return sign + NumberText.Scientific(shortest, number == 0 ? 0 : exponent - 1);
        }
        var (all, power) = Rounded(Math.Abs(number), digits + 1);
        return sign + NumberText.Scientific(all, power);
    }

    public static string Precision(double number, int digits)
    {
        if (!double.IsFinite(number))
        {
            return NumberText.Format(number);
        }
        var sign = number < 0 ? "-" : string.Empty;
        var (all, power) = Rounded(Math.Abs(number), digits);
        if (power < -6 || power >= digits)
        {
            return sign + NumberText.Scientific(all, power);
        }
        if (power < 0)
        {
            return $"{sign}0.{new string('0', -power - 1)}{all}";
        }
        return sign + (power + 1 == all.Length ? all : $"{all[..(power + 1)]}.{all[(power + 1)..]}");
    }

    /// <summary>1,234,567.891: groups of three, at most three decimals.</summary>
    public static string Grouped(double number)
    {
        if (double.IsNaN(number))
        {
            return "NaN";
        }
        return double.IsInfinity(number) ? number > 0 ? "∞" : "-∞" : number.ToString("#,##0.###", CultureInfo.InvariantCulture);
    }

    public static string Radix(double number, int radix)
    {
        var text = new StringBuilder();
        var rest = Math.Abs(number);
        var whole = Math.Floor(rest);
        var fraction = rest - whole;
        if (fraction > 0)
        {
            whole += WriteFraction(text, rest, ref fraction, radix);
        }
        var front = new StringBuilder();
        // Beyond 2^53 the low digits carry no information.
        while (whole >= 9007199254740992 * (double)radix)
        {
            whole /= radix;
            front.Insert(0, '0');
        }
        do
        {
            var digit = whole % radix;
            front.Insert(0, Digits[(int)digit]);
            whole = (whole - digit) / radix;
        }
        while (whole > 0);
        if (number < 0)
        {
            front.Insert(0, '-');
        }
        return text.Length == 0 ? front.ToString() : front.Append('.').Append(text).ToString();
    }

    /// <summary>Writes digits until the rest is smaller than what the number can tell apart; returns the carry into the whole part.</summary>
    private static int WriteFraction(StringBuilder text, double number, ref double fraction, int radix)
    {
        var delta = Math.Max(0.5 * (Math.BitIncrement(number) - number), double.Epsilon);
        while (fraction >= delta)
        {
            fraction *= radix;
            delta *= radix;
            var digit = (int)fraction;
            text.Append(Digits[digit]);
            fraction -= digit;
            if ((fraction > 0.5 || (fraction == 0.5 && (digit & 1) == 1)) && fraction + delta > 1)
            {
                return RoundUp(text, radix);
            }
        }
        return 0;
    }

    private static int RoundUp(StringBuilder text, int radix)
    {
        while (text.Length > 0)
        {
            var digit = Digits.IndexOf(text[^1], StringComparison.Ordinal) + 1;
            text.Length--;
            if (digit < radix)
            {
                text.Append(Digits[digit]);
                return 0;
            }
        }
        return 1;
    }

    /// <summary>The number times a power of ten, rounded from its exact value, halves up: the platform rounds halves to even.</summary>
    private static BigInteger Scale(double positive, int power)
    {
        var bits = BitConverter.DoubleToInt64Bits(positive);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var mantissa = new BigInteger((bits & 0xFFFFFFFFFFFFF) | (exponent == 0 ? 0 : 1L << 52));
        var shift = Math.Max(exponent, 1) - 1075;
        var top = mantissa * BigInteger.Pow(10, Math.Max(power, 0)) << Math.Max(shift, 0);
        var bottom = BigInteger.Pow(10, Math.Max(-power, 0)) << Math.Max(-shift, 0);
        return ((top << 1) + bottom) / (bottom << 1);
    }

    /// <summary>A number of digits, rounded from the exact value, and the power of ten of the first.</summary>
    private static (string Digits, int Power) Rounded(double positive, int digits)
    {
        if (positive == 0)
        {
            return (new string('0', digits), 0);
        }
        // 1e-7 is in truth a little less, its first digit a 9 one place later: try the smaller power first.
        var power = NumberText.ShortestDigits(positive).Exponent - 2;
        string text;
        while ((text = Scale(positive, digits - 1 - power).ToString(CultureInfo.InvariantCulture)).Length > digits)
        {
            power++;
        }
        return (text, power);
    }
}
