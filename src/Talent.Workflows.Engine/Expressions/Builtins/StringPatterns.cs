using System.Text;
using Talent.Workflows.Engine.Expressions.Matching;
using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

/// <summary>The text methods that take a text or a regular expression.</summary>
internal static class StringPatterns
{
    public static Value Split(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var text = StringFunctions.Self(x, self);
        var limit = arguments.At(1).IsUndefined ? uint.MaxValue : (uint)Coerce.ToInt32(x, arguments[1]);
        var result = new ScriptArray(x, 0);
        if (arguments.At(0).Object is ScriptRegExp regex)
        {
            SplitByPattern(x, text, regex.Pattern, limit, result);
            return Value.Of(result);
        }
        if (arguments.At(0).IsUndefined)
        {
            if (limit > 0)
            {
                result.Add(x, self);
            }
            return Value.Of(result);
        }
        var separator = Coerce.ToText(x, arguments[0]);
        StringFunctions.ChargeSearch(x, text.Length, separator.Length);
        if (separator.Length == 0)
        {
            for (var i = 0; i < text.Length && i < limit; i++)
            {
                x.Step();
                result.Add(x, Value.Of(Characters.Of(text[i])));
            }
            return Value.Of(result);
        }
        var start = 0;
        while (result.Count(x) < limit)
        {
            x.Step();
            var at = text.IndexOf(separator, start, StringComparison.Ordinal);
            result.Add(x, StringFunctions.Part(x, text, start, at < 0 ? text.Length : at));
            if (at < 0)
            {
                break;
            }
            start = at + separator.Length;
        }
        return Value.Of(result);
    }

    public static Value Search(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var match = Matcher.Find(x, PatternOf(x, arguments.At(0)).Pattern, StringFunctions.Self(x, self), 0, false);
        return Value.Of(match is null ? -1 : match[0]);
    }

    public static Value Match(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var text = StringFunctions.Self(x, self);
        var regex = PatternOf(x, arguments.At(0));
        if (!regex.Pattern.Global)
        {
            return RegExpFunctions.Exec(x, regex, text);
        }
        var result = new ScriptArray(x, 0);
        foreach (var match in All(x, regex.Pattern, text))
        {
            result.Add(x, StringFunctions.Part(x, text, match[0], match[1]));
        }
        regex.LastIndex = 0;
        return result.Count(x) == 0 ? Value.Null : Value.Of(result);
    }

    public static Value MatchAll(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var text = StringFunctions.Self(x, self);
        if (arguments.At(0).Object is ScriptRegExp { Pattern.Global: false })
        {
            throw x.TypeError("matchAll() needs a regular expression with the g flag");
        }
        var pattern = arguments.At(0).Object is ScriptRegExp regex ? regex.Pattern : RegExpFunctions.Compile(x, Coerce.ToText(x, arguments.At(0)), "g");
        var result = new ScriptArray(x, 0);
        foreach (var match in All(x, pattern, text))
        {
            result.Add(x, RegExpFunctions.Result(x, pattern, text, match));
        }
        return Value.Of(result);
    }

    public static Value Replace(Evaluation x, Value self, ReadOnlySpan<Value> arguments, bool all)
    {
        var text = StringFunctions.Self(x, self);
        var function = arguments.At(1).Object as ScriptFunction;
        var template = function is null ? Coerce.ToText(x, arguments.At(1)) : string.Empty;
        var result = new StringBuilder();
        var end = 0;
        var regex = arguments.At(0).Object as ScriptRegExp;
        if (regex is { Pattern.Global: false } && all)
        {
            throw x.TypeError("replaceAll() needs a regular expression with the g flag");
        }
        foreach (var match in regex is null ? Plain(x, text, Coerce.ToText(x, arguments.At(0)), all) : Matches(x, regex, text))
        {
            var replacement = function is null
                ? Expand(x, template, text, match, regex?.Pattern)
                : CallReplacer(x, function, text, match, regex?.Pattern);
            StringFunctions.Charge(x, match[0] - end + (double)replacement.Length);
            result.Append(text, end, match[0] - end).Append(replacement);
            end = match[1];
        }
        x.AllocateText(result.Length + text.Length - end);
        return end == 0 && result.Length == 0 ? self : Value.Of(result.Append(text, end, text.Length - end).ToString());
    }

    /// <summary>All matches from the start, an empty one moving on by a character.</summary>
    private static IEnumerable<int[]> All(Evaluation x, Pattern pattern, string text)
    {
        var at = 0;
        while (Matcher.Find(x, pattern, text, at, pattern.Sticky) is { } match)
        {
            x.Step();
            yield return match;
            at = match[1] > match[0] ? match[1] : match[1] + (pattern.Unicode && match[1] < text.Length - 1 && char.IsSurrogatePair(text, match[1]) ? 2 : 1);
        }
    }

    private static IEnumerable<int[]> Matches(Evaluation x, ScriptRegExp regex, string text)
    {
        if (regex.Pattern.Global)
        {
            regex.LastIndex = 0;
            return All(x, regex.Pattern, text);
        }
        return RegExpFunctions.FindNext(x, regex, text) is { } match ? [match] : [];
    }

    private static IEnumerable<int[]> Plain(Evaluation x, string text, string part, bool all)
    {
        StringFunctions.ChargeSearch(x, text.Length, part.Length);
        for (var at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at, StringComparison.Ordinal))
        {
            x.Step();
            yield return [at, at + part.Length];
            at += Math.Max(1, part.Length);
            if (!all || at > text.Length)
            {
                yield break;
            }
        }
    }

    private static string CallReplacer(Evaluation x, ScriptFunction function, string text, int[] match, Pattern? pattern)
    {
        var arguments = new List<Value>();
        for (var i = 0; i < match.Length; i += 2)
        {
            arguments.Add(match[i] < 0 || match[i + 1] < 0 ? default : StringFunctions.Part(x, text, match[i], match[i + 1]));
        }
        arguments.Add(Value.Of(match[0]));
        arguments.Add(Value.Of(text));
        if (pattern is { Names.Length: > 0 })
        {
            arguments.Add(RegExpFunctions.NamedGroups(x, pattern, text, match));
        }
        return Coerce.ToText(x, x.Call(function, default, arguments.ToArray()));
    }

    /// <summary>A replacement text with $1, $&amp;, $`, $', $$ and $&lt;name&gt; filled in.</summary>
    private static string Expand(Evaluation x, string template, string text, int[] match, Pattern? pattern)
    {
        if (!template.Contains('$', StringComparison.Ordinal))
        {
            return template;
        }
        var result = new StringBuilder();
        for (var i = 0; i < template.Length; i++)
        {
            x.Step();
            var next = i + 1 < template.Length ? template[i + 1] : '\0';
            if (template[i] != '$' || next == '\0')
            {
                result.Append(template[i]);
                continue;
            }
            switch (next)
            {
                case '$':
                    result.Append('$');
                    i++;
                    break;
                case '&':
                    Append(x, result, text, match[0], match[1]);
                    i++;
                    break;
                case '`':
                    Append(x, result, text, 0, match[0]);
                    i++;
                    break;
                case '\'':
                    Append(x, result, text, match[1], text.Length);
                    i++;
                    break;
                case '<' when pattern is { Names.Length: > 0 } && template.IndexOf('>', i) is > 0 and var close:
                    var name = template[(i + 2)..close];
                    var group = pattern.Names.FirstOrDefault(n => n.Name == name).Group;
                    AppendGroup(x, result, text, match, group);
                    i = close;
                    break;
                case >= '0' and <= '9':
                    i += AppendNumbered(x, result, template, i, text, match);
                    break;
                default:
                    result.Append('$');
                    break;
            }
        }
        return result.ToString();
    }

    /// <summary>$n or $nn; the number of template characters used after the dollar sign.</summary>
    private static int AppendNumbered(Evaluation x, StringBuilder result, string template, int at, string text, int[] match)
    {
        var number = template[at + 1] - '0';
        if (at + 2 < template.Length && char.IsAsciiDigit(template[at + 2]) && (number * 10) + template[at + 2] - '0' is > 0 and var two && two < match.Length / 2)
        {
            AppendGroup(x, result, text, match, two);
            return 2;
        }
        if (number > 0 && number < match.Length / 2)
        {
            AppendGroup(x, result, text, match, number);
            return 1;
        }
        result.Append('$');
        return 0;
    }

    private static void AppendGroup(Evaluation x, StringBuilder result, string text, int[] match, int group)
    {
        if (group > 0 && match[group * 2] >= 0 && match[(group * 2) + 1] >= 0)
        {
            Append(x, result, text, match[group * 2], match[(group * 2) + 1]);
        }
    }

    private static void Append(Evaluation x, StringBuilder result, string text, int start, int end)
    {
        x.AllocateText(end - start);
        result.Append(text, start, end - start);
    }

    private static void SplitByPattern(Evaluation x, string text, Pattern pattern, uint limit, ScriptArray result)
    {
        if (text.Length == 0)
        {
            if (Matcher.Find(x, pattern, text, 0, true) is null && limit > 0)
            {
                result.Add(x, Value.Empty);
            }
            return;
        }
        var end = 0;
        foreach (var match in All(x, pattern, text))
        {
            if (match[0] >= text.Length || match[1] == end || result.Count(x) >= limit)
            {
                continue;
            }
            result.Add(x, StringFunctions.Part(x, text, end, match[0]));
            for (var i = 2; i < match.Length && result.Count(x) < limit; i += 2)
            {
                result.Add(x, match[i] < 0 ? default : StringFunctions.Part(x, text, match[i], match[i + 1]));
            }
            end = match[1];
        }
        if (result.Count(x) < limit)
        {
            result.Add(x, StringFunctions.Part(x, text, end, text.Length));
        }
    }

    private static ScriptRegExp PatternOf(Evaluation x, Value value) =>
        value.Object as ScriptRegExp ?? new ScriptRegExp(RegExpFunctions.Compile(x, value.IsUndefined ? string.Empty : Coerce.ToText(x, value), string.Empty));
}
