using System.Globalization;

namespace Talent.Workflows.Engine.Expressions.Values;

internal enum PrimitiveHint
{
    None,
    Number,
    String,
}

/// <summary>The conversions of ECMAScript.</summary>
internal static class Coerce
{
    public static bool ToBoolean(Value value) => value.Kind switch
    {
        ValueKind.Boolean => value.Truth,
        ValueKind.Number => value.Number != 0 && !double.IsNaN(value.Number),
        ValueKind.String => value.TextLength > 0,
        ValueKind.Object => true,
        _ => false,
    };

    public static double ToNumber(Evaluation x, Value value) => value.Kind switch
    {
        ValueKind.Number or ValueKind.Boolean => value.Number,
        ValueKind.Null => 0,
        ValueKind.String => NumberText.Parse(x, value.Text),
        ValueKind.Object => ToNumber(x, ToPrimitive(x, value, PrimitiveHint.Number)),
        _ => double.NaN,
    };

    public static string ToText(Evaluation x, Value value) => value.Kind switch
    {
        ValueKind.String => value.Text,
        ValueKind.Number => NumberText.Format(value.Number),
        ValueKind.Boolean => value.Truth ? "true" : "false",
        ValueKind.Null => "null",
        ValueKind.Object => ToText(x, ToPrimitive(x, value, PrimitiveHint.String)),
        _ => "undefined",
    };

    public static string ToKey(Evaluation x, Value value) => value.Kind == ValueKind.Number ? NumberText.Format(value.Number) : ToText(x, value);

    /// <summary>A whole number, NaN as 0; infinities stay.</summary>
    public static double ToInteger(Evaluation x, Value value)
    {
        var number = ToNumber(x, value);
        return double.IsNaN(number) ? 0 : Math.Truncate(number) + 0.0;
    }

    public static int ToInt32(Evaluation x, Value value) => ToInt32(ToNumber(x, value));

    public static int ToInt32(double number)
    {
        var quick = (int)number;
        if (quick == number)
        {
            return quick;
        }
        if (!double.IsFinite(number))
        {
            return 0;
        }
        const double Modulus = 4294967296;
        var rest = Math.Truncate(number) % Modulus;
        return unchecked((int)(uint)(long)(rest < 0 ? rest + Modulus : rest));
    }

    /// <summary>A position given relative to the end when negative, within 0 and <paramref name="length"/>.</summary>
    public static int RelativeIndex(Evaluation x, Value value, int length, int whenUndefined)
    {
        if (value.IsUndefined)
        {
            return whenUndefined;
        }
        var index = ToInteger(x, value);
        return (int)(index < 0 ? Math.Max(0, length + index) : Math.Min(index, length));
    }

    public static Value ToPrimitive(Evaluation x, Value value, PrimitiveHint hint)
    {
        if (value.Object is not { } obj)
        {
            return value;
        }
        x.Step();
        var textFirst = hint == PrimitiveHint.String || (hint == PrimitiveHint.None && obj is ScriptDate);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var method = obj.Get(x, textFirst == (attempt == 0) ? "toString" : "valueOf");
            if (method.Object is ScriptFunction function)
            {
                var result = x.Call(function, value, []);
                if (!result.IsObject)
                {
                    return result;
                }
            }
        }
        throw x.TypeError("This object can't be made a text or number; use one of its properties");
    }

    public static string TypeOf(Value value) => value.Kind switch
    {
        ValueKind.Boolean => "boolean",
        ValueKind.Number => "number",
        ValueKind.String => "string",
        ValueKind.Undefined => "undefined",
        _ => value.Object is ScriptFunction ? "function" : "object",
    };

    /// <summary>A short text for error messages; never runs script code.</summary>
    public static string Describe(Value value) => value.Kind switch
    {
        ValueKind.String => value.TextLength > 60 ? $"'{value.Text[..60]}…'" : $"'{value.Text}'",
        ValueKind.Number => NumberText.Format(value.Number),
        ValueKind.Boolean => value.Truth ? "true" : "false",
        ValueKind.Null => "null",
        ValueKind.Object => value.Object is ScriptFunction f ? $"function {f.Name}" : string.Create(CultureInfo.InvariantCulture, $"[object {value.Object!.ClassName}]"),
        _ => "undefined",
    };
}
