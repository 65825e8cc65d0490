using Talent.Workflows.Engine.Expressions.Matching;
using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions.Builtins;

internal static class RegExpFunctions
{
    public static readonly NativeTable Methods = new(
    [
        new("test", 1, static (x, self, a) => Value.Of(FindNext(x, Self(x, self), Coerce.ToText(x, a.At(0))) is not null)),
        new("exec", 1, static (x, self, a) => Exec(x, Self(x, self), Coerce.ToText(x, a.At(0)))),
        new("toString", 0, static (x, self, _) => Value.Of($"/{Self(x, self).Pattern.Source}/{Self(x, self).Pattern.Flags}")),
    ]);

    public static readonly Constructor Constructor = new("RegExp", 2, Create, Create, static o => o is ScriptRegExp, new NativeTable([]));

    public static Pattern Compile(Evaluation x, string source, string flags)
    {
        x.Step(source.Length * 2L);
        Pattern pattern;
        try
        {
            pattern = Pattern.Compile(source, flags);
        }
        catch (PatternException e)
        {
            throw x.Error("SyntaxError", $"Regular expression /{source}/: {e.Message}");
        }
        x.Step(pattern.Program.Length);
        x.Allocate(pattern.Program.Length * 24L);
        return pattern;
    }

    /// <summary>The next match from lastIndex on for g and y, else the first, and moves lastIndex.</summary>
    public static int[]? FindNext(Evaluation x, ScriptRegExp regex, string text)
    {
        x.Step();
        var pattern = regex.Pattern;
        var moves = pattern.Global || pattern.Sticky;
        var start = moves ? Math.Max(0, regex.LastIndex) : 0;
        var match = start > text.Length ? null : Matcher.Find(x, pattern, text, (int)start, pattern.Sticky);
        if (moves)
        {
            regex.LastIndex = match?[1] ?? 0;
        }
        return match;
    }

    public static Value Exec(Evaluation x, ScriptRegExp regex, string text) =>
        FindNext(x, regex, text) is { } match ? Result(x, regex.Pattern, text, match) : Value.Null;

    public static Value Result(Evaluation x, Pattern pattern, string text, int[] match)
    {
        var result = new ScriptArray(x, match.Length / 2);
        for (var i = 0; i < match.Length; i += 2)
        {
            result.Add(x, match[i] < 0 || match[i + 1] < 0 ? default : StringFunctions.Part(x, text, match[i], match[i + 1]));
        }
        result.Set(x, "index", Value.Of(match[0]));
        result.Set(x, "input", Value.Of(text));
        result.Set(x, "groups", pattern.Names.Length == 0 ? default : NamedGroups(x, pattern, text, match));
        return Value.Of(result);
    }

    public static Value NamedGroups(Evaluation x, Pattern pattern, string text, int[] match)
    {
        x.Allocate(72);
        var groups = new ScriptObject();
        foreach (var (name, group) in pattern.Names)
        {
            var start = match[group * 2];
            groups.Set(x, name, start < 0 ? default : StringFunctions.Part(x, text, start, match[(group * 2) + 1]));
        }
        return Value.Of(groups);
    }

    private static ScriptRegExp Self(Evaluation x, Value self) => self.Object as ScriptRegExp ?? throw x.TypeError("This method needs a regular expression");

    private static Value Create(Evaluation x, Value self, ReadOnlySpan<Value> arguments)
    {
        var known = (arguments.At(0).Object as ScriptRegExp)?.Pattern;
        var source = known?.Source ?? (arguments.At(0).IsUndefined ? string.Empty : Coerce.ToText(x, arguments[0]));
        var flags = arguments.At(1).IsUndefined ? known?.Flags ?? string.Empty : Coerce.ToText(x, arguments[1]);
        return Value.Of(new ScriptRegExp(Compile(x, source, flags)));
    }
}
