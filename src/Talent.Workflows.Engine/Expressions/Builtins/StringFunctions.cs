using System.Text;
using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

internal static class StringFunctions
{
    public static readonly NativeTable Methods = new(
    [
        new("toString", 0, static (x, self, _) => Value.Of(Self(x, self))),
        new("valueOf", 0, static (x, self, _) => Value.Of(Self(x, self))),
        new("charAt", 1, static (x, self, a) => Position(x, Self(x, self), a.At(0)) is >= 0 and var at ? Value.Of(Characters.Of(self.Text[at])) : Value.Empty),
        new("charCodeAt", 1, static (x, self, a) => Position(x, Self(x, self), a.At(0)) is >= 0 and var at ? Value.Of(self.Text[at]) : Value.NaN),
        new("codePointAt", 1, static (x, self, a) => Position(x, Self(x, self), a.At(0)) is >= 0 and var at ? Value.Of(CodePoint(self.Text, at)) : default),
        new("at", 1, static (x, self, a) =>
        {
            var text = Self(x, self);
            var index = Coerce.ToInteger(x, a.At(0));
            index = index < 0 ? text.Length + index : index;
            return index >= 0 && index < text.Length ? Value.Of(Characters.Of(text[(int)index])) : default;
        }),
        new("slice", 2, static (x, self, a) =>
        {
            var text = Self(x, self);
            var start = Coerce.RelativeIndex(x, a.At(0), text.Length, 0);
            return Part(x, text, start, Coerce.RelativeIndex(x, a.At(1), text.Length, text.Length));
        }),
        new("substring", 2, static (x, self, a) =>
        {
            var text = Self(x, self);
            var start = (int)Math.Clamp(Coerce.ToInteger(x, a.At(0)), 0, text.Length);
            var end = a.At(1).IsUndefined ? text.Length : (int)Math.Clamp(Coerce.ToInteger(x, a[1]), 0, text.Length);
            return Part(x, text, Math.Min(start, end), Math.Max(start, end));
        }),
        new("substr", 2, static (x, self, a) =>
        {
            var text = Self(x, self);
            var start = Coerce.RelativeIndex(x, a.At(0), text.Length, 0);
            var length = a.At(1).IsUndefined ? text.Length : Math.Clamp(Coerce.ToInteger(x, a[1]), 0, text.Length);
            return Part(x, text, start, (int)Math.Min(text.Length, start + length));
        }),
        new("indexOf", 1, IndexOf),
        new("lastIndexOf", 1, LastIndexOf),
        new("includes", 1, static (x, self, a) => Value.Of(IndexOf(x, self, [Value.Of(Plain(x, a.At(0), "includes")), a.At(1)]).Number >= 0)),
        new("startsWith", 1, static (x, self, a) =>
        {
            var (text, part) = (Self(x, self), Plain(x, a.At(0), "startsWith"));
            x.Step(part.Length / 16);
            return Value.Of(text.AsSpan((int)Math.Clamp(Coerce.ToInteger(x, a.At(1)), 0, text.Length)).StartsWith(part, StringComparison.Ordinal));
        }),
        new("endsWith", 1, static (x, self, a) =>
        {
            var (text, part) = (Self(x, self), Plain(x, a.At(0), "endsWith"));
            x.Step(part.Length / 16);
            var end = a.At(1).IsUndefined ? text.Length : (int)Math.Clamp(Coerce.ToInteger(x, a[1]), 0, text.Length);
            return Value.Of(text.AsSpan(0, end).EndsWith(part, StringComparison.Ordinal));
        }),
        new("repeat", 1, static (x, self, a) =>
        {
            var text = Self(x, self);
            var count = Coerce.ToInteger(x, a.At(0));
            if (count < 0 || double.IsInfinity(count))
            {
                throw x.RangeError("repeat() needs a count from 0");
            }
            Charge(x, text.Length * count);
            return Value.Of(new StringBuilder().Insert(0, text, text.Length == 0 ? 0 : (int)count).ToString());
        }),
        new("padStart", 2, static (x, self, a) => Value.Of(Padding(x, Self(x, self), a) + self.Text)),
        new("padEnd", 2, static (x, self, a) => Value.Of(self.IsString ? self.Text + Padding(x, self.Text, a) : Self(x, self) + Padding(x, Self(x, self), a))),
        new("trim", 0, static (x, self, _) => Whole(x, Self(x, self), static text => NumberText.Trim(text).ToString())),
        new("trimStart", 0, static (x, self, _) => Whole(x, Self(x, self), static text => text[(text.Length - NumberText.Trim(text + "|").Length + 1)..])),
        new("trimEnd", 0, static (x, self, _) => Whole(x, Self(x, self), static text => text[..(NumberText.Trim("|" + text).Length - 1)])),
        new("toUpperCase", 0, static (x, self, _) => Whole(x, Self(x, self), static text => text.ToUpperInvariant().Replace("ß", "SS", StringComparison.Ordinal))),
        new("toLowerCase", 0, static (x, self, _) => Whole(x, Self(x, self), static text => text.ToLowerInvariant())),
        new("toLocaleUpperCase", 0, static (x, self, _) => Whole(x, Self(x, self), static text => text.ToUpperInvariant())),
        new("toLocaleLowerCase", 0, static (x, self, _) => Whole(x, Self(x, self), static text => text.ToLowerInvariant())),
        new("normalize", 0, static (x, self, a) => Normalize(x, Self(x, self), a.At(0).IsUndefined ? "NFC" : Coerce.ToText(x, a[0]))),
        new("concat", 1, static (x, self, a) =>
        {
            var result = Value.Of(Self(x, self));
            foreach (var part in a)
            {
                result = Nodes.BinaryOperation.Add(x, result, Value.Of(Coerce.ToText(x, part)));
            }
            return result;
        }),
        new("localeCompare", 1, static (x, self, a) =>
        {
            var other = Coerce.ToText(x, a.At(0));
            x.Step(other.Length / 16);
            return Value.Of(Math.Sign(string.CompareOrdinal(Self(x, self), other)));
        }),
        new("split", 2, StringPatterns.Split),
        new("replace", 2, static (x, self, a) => StringPatterns.Replace(x, self, a, false)),
        new("replaceAll", 2, static (x, self, a) => StringPatterns.Replace(x, self, a, true)),
        new("match", 1, StringPatterns.Match),
        new("matchAll", 1, StringPatterns.MatchAll),
        new("search", 1, StringPatterns.Search),
    ]);

    public static readonly Constructor Constructor = new(
        "String",
        1,
        static (x, _, a) => a.Length == 0 ? Value.Empty : a[0].IsString ? a[0] : Value.Of(Coerce.ToText(x, a[0])),
        null,
        static _ => false,
        new NativeTable(
        [
            new("fromCharCode", 1, static (x, _, a) =>
            {
                x.AllocateText(a.Length);
                var text = new StringBuilder();
                foreach (var code in a)
                {
                    text.Append((char)(ushort)Coerce.ToInt32(x, code));
                }
                return Value.Of(text.ToString());
            }),
            new("fromCodePoint", 1, static (x, _, a) =>
            {
                x.AllocateText(a.Length * 2);
                var text = new StringBuilder();
                foreach (var value in a)
                {
                    var code = Coerce.ToNumber(x, value);
                    if (!(code is >= 0 and <= 0x10FFFF && Math.Floor(code) == code))
                    {
                        throw x.RangeError($"Invalid code point {NumberText.Format(code)}");
                    }
                    text.Append(code < 0x10000 ? ((char)code).ToString() : char.ConvertFromUtf32((int)code));
                }
                return Value.Of(text.ToString());
            }),
        ]));

    public static string Self(Evaluation x, Value self) =>
        self.IsString ? self.Text : throw x.TypeError($"This text method needs a text, it got {Coerce.Describe(self)}; use String(value)");

    public static Value Part(Evaluation x, string text, int start, int end)
    {
        if (end <= start)
        {
            return Value.Empty;
        }
        if (end - start == 1)
        {
            return Value.Of(Characters.Of(text[start]));
        }
        x.AllocateText(end - start);
        return Value.Of(text[start..end]);
    }

    /// <summary>Charges the making of a text whose length may be absurd.</summary>
    public static void Charge(Evaluation x, double length)
    {
        if (length * 2 > x.Budget.MaxAllocatedBytes || length > 500_000_000)
        {
            throw x.OutOfMemory();
        }
        x.AllocateText((long)length);
    }

    private static int Position(Evaluation x, string text, Value index)
    {
        var at = Coerce.ToInteger(x, index);
        return at >= 0 && at < text.Length ? (int)at : -1;
    }

    private static double CodePoint(string text, int at) =>
        char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? char.ConvertToUtf32(text[at], text[at + 1]) : text[at];

    private static string Plain(Evaluation x, Value value, string method) => value.Object is ScriptRegExp
        ? throw x.TypeError($"{method}() takes a text, not a regular expression; use regex.test(text)")
        : Coerce.ToText(x, value);

    private static Value IndexOf(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var (text, part) = (Self(x, self), Coerce.ToText(x, arguments.At(0)));
        var start = (int)Math.Clamp(Coerce.ToInteger(x, arguments.At(1)), 0, text.Length);
        ChargeSearch(x, text.Length - start, part.Length);
        return Value.Of(text.IndexOf(part, start, StringComparison.Ordinal));
    }

    private static Value LastIndexOf(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var (text, part) = (Self(x, self), Coerce.ToText(x, arguments.At(0)));
        var limit = Coerce.ToNumber(x, arguments.At(1));
        var last = double.IsNaN(limit) ? text.Length - part.Length : Math.Min(Math.Max(0, Math.Truncate(limit)), text.Length - part.Length);
        ChargeSearch(x, text.Length, part.Length);
        return Value.Of(last < 0 ? -1 : text.AsSpan(0, (int)last + part.Length).LastIndexOf(part, StringComparison.Ordinal));
    }

    /// <summary>A search compares at most text times part characters, vectorised.</summary>
    public static void ChargeSearch(Evaluation x, long text, long part) => x.Step((text / 16) + (Math.Min(part, text) * Math.Max(0, text - part) / 1024));

    private static string Padding(Evaluation x, string text, ReadOnlySpan<Value> arguments)
    {
        var length = Coerce.ToInteger(x, arguments.At(0));
        var filler = arguments.At(1).IsUndefined ? " " : Coerce.ToText(x, arguments[1]);
        if (length <= text.Length || filler.Length == 0)
        {
            return string.Empty;
        }
        Charge(x, length);
        var padding = new StringBuilder();
        while (padding.Length < length - text.Length)
        {
            padding.Append(filler);
        }
        padding.Length = (int)length - text.Length;
        return padding.ToString();
    }

    private static Value Whole(Evaluation x, string text, Func<string, string> change)
    {
        x.AllocateText(text.Length);
        return Value.Of(change(text));
    }

    private static Value Normalize(Evaluation x, string text, string form)
    {
        x.AllocateText(text.Length);
        x.Step(text.Length / 4);
        if (form is not ("NFC" or "NFKC"))
        {
            throw x.RangeError("normalize() takes NFC or NFKC; decomposing isn't supported");
        }
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            // The platform runs without Unicode tables: what can't be known here is refused, never passed on as if it were normal.
            var compatible = form == "NFKC" && c is (>= '\u2070' and <= '\u218f') or (>= '\u2460' and <= '\u24ff') or (>= '\u3200' and <= '\u33ff')
                or (>= '\ufb00' and <= '\ufb4f') or (>= '\uff5f' and <= '\uffef') or (>= '\u00aa' and <= '\u00be');
            if (compatible || c is >= '\uf900' and <= '\ufaff' || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark)
            {
                throw x.TypeError($"normalize() can't handle the character '{c}'; full-width letters, digits and signs are supported");
            }
            result.Append(form == "NFC" ? c : c switch { >= '\uff01' and <= '\uff5e' => (char)(c - 0xfee0), '\u3000' or '\u00a0' => ' ', _ => c });
        }
        return Value.Of(result.ToString());
    }
}
