using Talent.Workflows.Engine.Expressions.Builtins;

namespace Talent.Workflows.Engine.Expressions.Values;

/// <summary>Reading and writing members of any value.</summary>
internal static class Members
{
    public static Value Get(Evaluation x, Value target, string key)
    {
        switch (target.Kind)
        {
            case ValueKind.Object:
                return target.Object!.Get(x, key);
            case ValueKind.String:
                if (key == "length")
                {
                    return Value.Of(target.TextLength);
                }
                if (ScriptObject.IsIndex(key, out var index))
                {
                    return CharAt(target, index);
                }
                return StringFunctions.Methods.Find(key) ?? default;
            case ValueKind.Number:
                return NumberFunctions.Methods.Find(key) ?? default;
            case ValueKind.Boolean:
                return BooleanFunctions.Methods.Find(key) ?? default;
            default:
                throw x.TypeError($"Cannot read '{key}' of {Coerce.Describe(target)}; use ?. or check the value first");
        }
    }

    public static Value Get(Evaluation x, Value target, Value key)
    {
        if (key.IsNumber)
        {
            var index = (int)key.Number;
            if (index == key.Number && index >= 0)
            {
                if (target.Object is ScriptArray array)
                {
                    return array.At(x, index);
                }
                if (target.IsString)
                {
                    return CharAt(target, (uint)index);
                }
            }
        }
        if (target.IsNullish)
        {
            throw x.TypeError($"Cannot read {Coerce.Describe(key)} of {Coerce.Describe(target)}; use ?. or check the value first");
        }
        return Get(x, target, Coerce.ToKey(x, key));
    }

    public static void Set(Evaluation x, Value target, Value key, Value value)
    {
        if (target.Object is not { } obj)
        {
            throw x.TypeError($"Cannot set {Coerce.Describe(key)} of {Coerce.Describe(target)}; only objects and arrays have properties that can be set");
        }
        if (key.IsNumber && obj is ScriptArray array)
        {
            var index = (int)key.Number;
            if (index == key.Number && index >= 0 && index <= array.Count(x))
            {
                array.Changing(x, "item");
                array.SetAt(x, index, value);
                return;
            }
        }
        obj.Set(x, Coerce.ToKey(x, key), value);
    }

    private static Value CharAt(Value text, uint index) =>
        index < (uint)text.TextLength ? Value.Of(Characters.Of(text.Text[(int)index])) : default;
}

/// <summary>One-character texts, shared for ASCII.</summary>
internal static class Characters
{
    private static readonly string[] Ascii = [.. Enumerable.Range(0, 128).Select(static c => ((char)c).ToString())];

    public static string Of(char c) => c < 128 ? Ascii[c] : c.ToString();
}
