using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

internal static class DateFunctions
{
    public static readonly NativeTable Methods = new(
    [
        .. Getter("FullYear", static p => p.Year), .. Getter("Month", static p => p.Month), .. Getter("Date", static p => p.Day),
        .. Getter("Day", static p => p.Weekday), .. Getter("Hours", static p => p.Hours), .. Getter("Minutes", static p => p.Minutes),
        .. Getter("Seconds", static p => p.Seconds), .. Getter("Milliseconds", static p => p.Milliseconds),
        .. Setter("FullYear", 0, 3), .. Setter("Month", 1, 2), .. Setter("Date", 2, 1),
        .. Setter("Hours", 3, 4), .. Setter("Minutes", 4, 3), .. Setter("Seconds", 5, 2), .. Setter("Milliseconds", 6, 1),
        new("getTime", 0, static (x, self, _) => Value.Of(Self(x, self).Time)),
        new("valueOf", 0, static (x, self, _) => Value.Of(Self(x, self).Time)),
        new("getTimezoneOffset", 0, static (x, self, _) => Value.Of(double.IsNaN(Self(x, self).Time) ? double.NaN : -480)),
        new("setTime", 1, static (x, self, a) => Changed(x, Self(x, self), DateText.Clip(Coerce.ToNumber(x, a.At(0))))),
        new("toISOString", 0, static (x, self, _) => double.IsNaN(Self(x, self).Time)
            ? throw x.RangeError("Invalid time value; check the date with isNaN(date) first")
            : Text(x, self, DateText.ToIso)),
        new("toJSON", 1, static (x, self, _) => double.IsNaN(Self(x, self).Time) ? Value.Null : Text(x, self, DateText.ToIso)),
        new("toString", 0, static (x, self, _) => Text(x, self, static t => $"{DateText.ToDate(t)} {DateText.ToTime(t)}")),
        new("toDateString", 0, static (x, self, _) => Text(x, self, DateText.ToDate)),
        new("toTimeString", 0, static (x, self, _) => Text(x, self, DateText.ToTime)),
        new("toUTCString", 0, static (x, self, _) => Text(x, self, DateText.ToUtc)),
        new("toLocaleString", 0, static (x, self, a) => Local(x, self, a, true, true)),
        new("toLocaleDateString", 0, static (x, self, a) => Local(x, self, a, true, false)),
        new("toLocaleTimeString", 0, static (x, self, a) => Local(x, self, a, false, true)),
    ]);

    private static ScriptDate Self(Evaluation x, Value self) => self.Object as ScriptDate ?? throw x.TypeError($"This date method needs a Date, it got {Coerce.Describe(self)}; use new Date(value)");

    private static Value Text(Evaluation x, Value self, Func<double, string> format)
    {
        x.Step(4);
        x.Allocate(128);
        var time = Self(x, self).Time;
        return Value.Of(double.IsNaN(time) ? "Invalid Date" : format(time));
    }

    private static Value Local(Evaluation x, Value self, ReadOnlySpan<Value> arguments, bool date, bool clock)
    {
        if (!arguments.At(1).IsUndefined || !(arguments.At(0).IsUndefined || (arguments[0].IsString && arguments[0].Text == "zh-CN")))
        {
            throw x.TypeError("Only the zh-CN form without options is supported; put the text together from getFullYear() and its kin");
        }
        return Text(x, self, t => DateText.ToLocal(t, date, clock));
    }

    private static Value Changed(Evaluation x, ScriptDate date, double time)
    {
        date.Changing(x, "date");
        date.Time = time;
        return Value.Of(time);
    }

    private static NativeFunction[] Getter(string part, Func<DateText.Parts, double> read) =>
    [
        new("get" + part, 0, (x, self, _) => Read(Self(x, self).Time + DateText.Zone, read)),
        new("getUTC" + part, 0, (x, self, _) => Read(Self(x, self).Time, read)),
    ];

    private static Value Read(double time, Func<DateText.Parts, double> read) => double.IsNaN(time) ? Value.NaN : Value.Of(read(DateText.Split(time)));

    private static NativeFunction[] Setter(string part, int first, int count) =>
    [
        new("set" + part, count, (x, self, a) => Write(x, Self(x, self), a, first, count, DateText.Zone)),
        new("setUTC" + part, count, (x, self, a) => Write(x, Self(x, self), a, first, count, 0)),
    ];

    private static Value Write(Evaluation x, ScriptDate date, ReadOnlySpan<Value> arguments, int first, int count, double zone)
    {
        x.Step(2);
        Span<double> given = stackalloc double[4];
        for (var i = 0; i < count; i++)
        {
            given[i] = i < arguments.Length || i == 0 ? Coerce.ToNumber(x, arguments.At(i)) : 0;
        }
        var time = date.Time;
        if (double.IsNaN(time))
        {
            if (first != 0)
            {
                return Value.NaN;
            }
            time = -zone;
        }
        var p = DateText.Split(time + zone);
        Span<double> parts = [p.Year, p.Month, p.Day, p.Hours, p.Minutes, p.Seconds, p.Milliseconds];
        for (var i = 0; i < count && (i < arguments.Length || i == 0); i++)
        {
            parts[first + i] = given[i];
        }
        return Changed(x, date, DateText.Clip(DateText.Join(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], parts[6]) - zone));
    }
}
