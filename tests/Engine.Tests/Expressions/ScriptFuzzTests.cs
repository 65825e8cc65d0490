using System.Runtime.CompilerServices;
using System.Text;
using Talent.Workflows.Engine.Expressions;

namespace Talent.Workflows.Engine.Tests.Expressions;

/// <summary>Random sources: whatever they are, only a ScriptException comes out, and twice the same.</summary>
public sealed class ScriptFuzzTests
{
    private static readonly int Count = Environment.GetEnvironmentVariable("TALENT_TEST_FULL") == "1" ? 200_000 : 4_000;

    private static readonly ScriptBudget Budget = new() { MaxSteps = 5_000, MaxAllocatedBytes = 256 * 1024, MaxDepth = 40 };

    private static readonly string[] Pieces =
    [
        "a", "b", "c", "x", "1", "0", "2.5", "'s'", "''", "`t${", "`", "}", "{", "(", ")", "[", "]", ";", ",", ".", "?.", "??", "?", ":", "=", "=>", "+", "-",
        "*", "/", "%", "**", "<", ">", "<=", "==", "===", "!=", "!==", "&&", "||", "!", "~", "++", "--", "+=", "??=", "...", "&", "|", "^", "<<", ">>>", "\n",
        "let ", "const ", "var ", "function ", "return ", "if ", "else ", "for ", "of ", "in ", "while ", "do ", "break ", "continue ", "switch ", "case ",
        "default ", "throw ", "try ", "catch ", "finally ", "new ", "typeof ", "void ", "delete ", "instanceof ", "this", "null", "undefined", "true", "NaN",
        "Math.max", "JSON.stringify", "JSON.parse", "Object.keys", "Array.from", "new Map", "new Set", "new Date", "new Error", "/a+/g", "/(x|y)*z/", "RegExp",
        ".map", ".filter", ".reduce", ".sort", ".join", ".length", ".push", ".splice", ".replace", ".split", ".slice", ".repeat", ".padStart", ".toString",
        ".call", ".bind", ".flat", ".match", "x => x", "(a, b) => a", "({})", "[1, 2, 3]", "host", "vars", "vars.q", "class ", "async ", "yield ", "0x1f", "1e9", "1n",
        "\ud800", "中", "\\", "#", "@", "\u2028", "/*", "//", "'",
    ];

    [Fact]
    public void Tokens_WhenThrownTogetherAtRandom_ThenOnlyScriptExceptionsEscape() => Check(20260305, random =>
    {
        var source = new StringBuilder();
        var length = random.Next(1, 25);
        for (var i = 0; i < length; i++)
        {
            source.Append(Pieces[random.Next(Pieces.Length)]).Append(random.Next(3) == 0 ? " " : string.Empty);
        }
        return source.ToString();
    });

    [Fact]
    public void Scripts_WhenMutated_ThenOnlyScriptExceptionsEscape()
    {
        var seeds = Seeds();
        var ran = Check(20260306, random => Mutate(random, seeds[random.Next(seeds.Length)], seeds));

        Assert.True(ran > Count / 20, $"Only {ran} of {Count} sources ran to a result: the mutations destroy too much to test anything");
    }

    [Fact]
    public void Scripts_WhenNestedIntoEachOther_ThenOnlyScriptExceptionsEscape()
    {
        var seeds = Seeds();
        Check(20260307, random =>
        {
            var source = seeds[random.Next(seeds.Length)];
            for (var i = random.Next(1, 5); i > 0; i--)
            {
                var other = seeds[random.Next(seeds.Length)];
                source = random.Next(6) switch
                {
                    0 => $"try {{ {source} }} catch (e) {{ {other} }} finally {{ {seeds[random.Next(seeds.Length)]} }}",
                    1 => $"(() => {{ {source} }})(); {other}",
                    2 => $"for (const q of [1, 2, 'x', {{}}]) {{ {source} }}",
                    3 => $"[3, 1, 2].sort((p, q) => {{ {source} }}); {other}",
                    4 => $"`${{(() => {{ {source} }})()}}` + ({{ toString() {{ {other} }} }})",
                    _ => $"const rec = n => {{ {source}; return rec(n + 1) }}; rec(0)",
                };
            }
            return source;
        }, 8);
    }

    [Fact]
    public void Patterns_WhenRandom_ThenOnlyScriptExceptionsEscape() => Check(20260308, random =>
    {
        string[] pieces = ["a", "b", ".", "*", "+", "?", "{2}", "{0,3}", "{1,}", "(", ")", "(?:", "(?=", "(?!", "(?<n>", "[", "]", "^", "$", "|", "\\\\d", "\\\\w", "\\\\b", "\\\\s", "-", "\\\\u0041", "\\\\p{L}", "😀"];
        var pattern = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => pieces[random.Next(pieces.Length)]));
        var flags = new[] { string.Empty, "g", "gi", "u", "gu", "m", "s", "y" }[random.Next(8)];
        return $"const r = new RegExp('{pattern}', '{flags}'); const t = 'ab a1b2 AAb\\nbbaa😀'; [r.test(t), r.exec(t), t.replace(r, '<$&$1>'), t.split(r), t.search(r), t.match(r)]";
    });

    /// <summary>Returns how many sources gave a value.</summary>
    private static int Check(int seed, Func<Random, string> make, int share = 1)
    {
        var ran = 0;
        for (var i = 0; i < Count / share; i++)
        {
            var source = make(new Random(seed + i));
            var first = Outcome(source, seed + i);
            var second = Outcome(source, seed + i);

            Assert.True(first == second, $"Seed {seed + i} gives two outcomes:\n{source}\n{first}\n{second}");
            ran += first.StartsWith("script_", StringComparison.Ordinal) ? 0 : 1;
        }
        return ran;
    }

    private static string Outcome(string source, int seed)
    {
        var calls = new StringBuilder();
        var scope = Run.Scope()
            .AddFunction("host", arguments =>
            {
                calls.Append("call ").Append(arguments.Count).Append(';');
                return arguments[0];
            })
            .AddObject("vars", static _ => Run.Json("""[1,{"k":"v"}]"""), (name, value) => calls.Append(name).Append('=').Append(value).Append(';'), static () => ["q"]);
        try
        {
            return $"{Script.Parse(source).Evaluate(scope, Budget)} {calls}";
        }
        catch (ScriptException e)
        {
            return $"{e.Code} {e.Message} {calls}";
        }
        catch (Exception e)
        {
            Assert.Fail($"Seed {seed} lets {e.GetType().Name} escape: {e.Message}\n{source}\n{e.StackTrace}");
            throw;
        }
    }

    private static string Mutate(Random random, string source, string[] seeds)
    {
        var text = new StringBuilder(source);
        for (var i = random.Next(1, 6); i > 0 && text.Length > 0; i--)
        {
            var at = random.Next(text.Length);
            switch (random.Next(6))
            {
                case 0:
                    text.Remove(at, Math.Min(random.Next(1, 6), text.Length - at));
                    break;
                case 1:
                    text.Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 2:
                    text[at] = (char)random.Next(32, 127);
                    break;
                case 3:
                    text.Insert(at, text.ToString(at, Math.Min(random.Next(1, 10), text.Length - at)));
                    break;
                case 4:
                    var other = seeds[random.Next(seeds.Length)];
                    text.Insert(at, other[random.Next(other.Length)..]);
                    break;
                default:
                    var to = random.Next(text.Length);
                    (text[at], text[to]) = (text[to], text[at]);
                    break;
            }
        }
        return text.ToString();
    }

    private static string[] Seeds([CallerFilePath] string path = "") =>
    [
        .. File.ReadLines(Path.Combine(Path.GetDirectoryName(path)!, "expressions.txt"))
            .Where(static l => l.Contains(" ==> ", StringComparison.Ordinal))
            .Select(static l => l[..l.LastIndexOf(" ==> ", StringComparison.Ordinal)].Replace('⏎', '\n')),
    ];
}
