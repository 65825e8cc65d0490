using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

internal static class DateConstructor
{
    public static readonly Constructor Constructor = new(
        "Date",
        7,
        static (x, _, _) => Value.Of($"{DateText.ToDate(Now(x))} {DateText.ToTime(Now(x))}"),
        Create,
        static o => o is ScriptDate,
        new NativeTable(
        [
            new("now", 0, static (x, _, _) => Value.Of(Now(x))),
            new("parse", 1, static (x, _, a) => Value.Of(Parse(x, a.At(0)))),
            new("UTC", 7, static (x, _, a) => Value.Of(FromParts(x, a, 0))),
        ]));

    private static double Now(Evaluation x) => x.Scope.Now.ToUnixTimeMilliseconds();

    private static double Parse(Evaluation x, Value value)
    {
        var text = Coerce.ToText(x, value);
        x.Step(4 + (text.Length / 4));
        return DateReader.Read(text);
    }

    private static Value Create(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        x.Allocate(80);
        if (arguments.Length > 1)
        {
            return Value.Of(new ScriptDate(FromParts(x, arguments, DateText.Zone)));
        }
        if (arguments.Length == 0)
        {
            return Value.Of(new ScriptDate(Now(x)));
        }
        if (arguments[0].Object is ScriptDate other)
        {
            return Value.Of(new ScriptDate(other.Time));
        }
        var value = Coerce.ToPrimitive(x, arguments[0], PrimitiveHint.None);
        return Value.Of(new ScriptDate(value.IsString ? Parse(x, value) : DateText.Clip(Coerce.ToNumber(x, value))));
    }

    private static double FromParts(Evaluation x, ReadOnlySpan<Value> arguments, double zone)
    {
        Span<double> parts = [double.NaN, 0, 1, 0, 0, 0, 0];
        for (var i = 0; i < Math.Min(parts.Length, arguments.Length); i++)
        {
            parts[i] = Coerce.ToNumber(x, arguments[i]);
        }
        // Two digits are years of the 20th century, as they were in 1995.
        var year = Math.Truncate(parts[0]) is >= 0 and <= 99 ? 1900 + Math.Truncate(parts[0]) : parts[0];
        return DateText.Clip(DateText.Join(year, parts[1], parts[2], parts[3], parts[4], parts[5], parts[6]) - zone);
    }
}
