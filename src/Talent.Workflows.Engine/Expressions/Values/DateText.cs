using System.Globalization;

namespace Talent.Workflows.Engine.Expressions.Values;

/// <summary>The calendar arithmetic and texts of Date. The zone is always +08:00.</summary>
internal static class DateText
{
    public const double Day = 86_400_000;
    public const double Zone = 8 * 3_600_000;
    private const double MaxTime = 8.64e15;

    private static readonly string[] Days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    private static readonly string[] Months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    /// <summary>Year, month (0-11), day, hours, minutes, seconds, milliseconds and weekday of a time taken as UTC.</summary>
    public readonly record struct Parts(long Year, int Month, int Day, int Hours, int Minutes, int Seconds, int Milliseconds, int Weekday);

    public static Parts Split(double time)
    {
        var day = (long)Math.Floor(time / Day);
        var rest = (long)(time - (day * Day));
        // Days are counted in 400-year eras starting on 1 March, so that the leap day is the last of its year.
        var shifted = day + 719_468;
        var era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097;
        var ofEra = shifted - (era * 146_097);
        var yearOfEra = (ofEra - (ofEra / 1460) + (ofEra / 36_524) - (ofEra / 146_096)) / 365;
        var ofYear = ofEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var fromMarch = ((5 * ofYear) + 2) / 153;
        var month = (int)(fromMarch < 10 ? fromMarch + 2 : fromMarch - 10);
        var year = yearOfEra + (era * 400) + (month <= 1 ? 1 : 0);
        return new Parts(
            year,
            month,
            (int)(ofYear - (((153 * fromMarch) + 2) / 5) + 1),
            (int)(rest / 3_600_000),
            (int)(rest / 60_000 % 60),
            (int)(rest / 1000 % 60),
            (int)(rest % 1000),
            (int)((((day + 4) % 7) + 7) % 7));
    }

    /// <summary>The time of parts that may be out of their range (month 12 is January of the next year).</summary>
    public static double Join(double year, double month, double day, double hours, double minutes, double seconds, double milliseconds)
    {
        if (!double.IsFinite(year + month + day + hours + minutes + seconds + milliseconds) || Math.Abs(year) > 400_000 || Math.Abs(month) > 4_000_000)
        {
            return double.NaN;
        }
        var months = Math.Truncate(month);
        var y = (long)(Math.Truncate(year) + Math.Floor(months / 12));
        var m = (long)(months - (Math.Floor(months / 12) * 12));
        var marchYear = m <= 1 ? y - 1 : y;
        var era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400;
        var yearOfEra = marchYear - (era * 400);
        var ofYear = ((153 * (m > 1 ? m - 2 : m + 10)) + 2) / 5;
        var ofEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + ofYear;
        var first = (era * 146_097.0) + ofEra - 719_468;
        return ((first + Math.Truncate(day) - 1) * Day)
            + (Math.Truncate(hours) * 3_600_000) + (Math.Truncate(minutes) * 60_000) + (Math.Truncate(seconds) * 1000) + Math.Truncate(milliseconds);
    }

    public static double Clip(double time) => Math.Abs(time) <= MaxTime ? Math.Truncate(time) + 0.0 : double.NaN;

    public static string ToIso(double time)
    {
        var p = Split(time);
        var year = p.Year is >= 0 and <= 9999 ? Format($"{p.Year:0000}") : Format($"{(p.Year < 0 ? '-' : '+')}{Math.Abs(p.Year):000000}");
        return Format($"{year}-{p.Month + 1:00}-{p.Day:00}T{p.Hours:00}:{p.Minutes:00}:{p.Seconds:00}.{p.Milliseconds:000}Z");
    }

    public static string ToUtc(double time)
    {
        var p = Split(time);
        return Format($"{Days[p.Weekday]}, {p.Day:00} {Months[p.Month]} {Year(p)} {p.Hours:00}:{p.Minutes:00}:{p.Seconds:00} GMT");
    }

    public static string ToDate(double time)
    {
        var p = Split(time + Zone);
        return Format($"{Days[p.Weekday]} {Months[p.Month]} {p.Day:00} {Year(p)}");
    }

    public static string ToTime(double time)
    {
        var p = Split(time + Zone);
        return Format($"{p.Hours:00}:{p.Minutes:00}:{p.Seconds:00} GMT+0800 (China Standard Time)");
    }

    /// <summary>As zh-CN writes it: 2026/3/5 09:05:00.</summary>
    public static string ToLocal(double time, bool date, bool clock)
    {
        var p = Split(time + Zone);
        var day = Format($"{p.Year}/{p.Month + 1}/{p.Day}");
        var hours = Format($"{p.Hours:00}:{p.Minutes:00}:{p.Seconds:00}");
        return date && clock ? $"{day} {hours}" : date ? day : hours;
    }

    private static string Year(Parts p) => Format($"{(p.Year < 0 ? "-" : string.Empty)}{Math.Abs(p.Year):0000}");

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Three-letter month name to 0-11, or -1.</summary>
    public static int MonthOf(ReadOnlySpan<char> name)
    {
        for (var i = 0; i < Months.Length; i++)
        {
            if (name.Length >= 3 && name[..3].Equals(Months[i], StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }
        return -1;
    }
}
