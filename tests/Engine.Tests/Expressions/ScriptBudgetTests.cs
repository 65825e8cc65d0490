using Talent.Workflows.Engine.Expressions;

namespace Talent.Workflows.Engine.Tests.Expressions;

public sealed class ScriptBudgetTests
{
    /// <summary>Scripts that would run for ever, or fill the memory, if nothing stopped them.</summary>
    public static TheoryData<string> Endless => new(
        "while (true) {}",
        "for (;;);",
        "do {} while (1)",
        "let i = 0; for (;;) i++",
        "for (const a = [1]; ;) a.forEach(x => x)",
        "function f() { return f() } f()",
        "const f = n => n + f(n + 1); f(0)",
        "const a = () => b(), b = () => a(); a()",
        "const o = { toString() { return `${this}` } }; `${o}`",
        "const o = { valueOf() { return this + 1 } }; o + 1",
        "let s = 'ab'; for (;;) s += s",
        "let s = 'ab'; for (;;) s = s + s + 'x'",
        "let s = 'x'.repeat(600); for (let i = 0; i < 40; i++) s = s + s; s.length",
        "let s = 'x'; for (;;) s = `${s}${s}`",
        "let s = 'x'; for (;;) s = s.concat(s)",
        "let s = 'x'; for (;;) s = [s, s].join('')",
        "let s = 'x'; for (;;) s = s.replace(/x/g, 'xx')",
        "let s = 'x'; for (;;) s = s.replaceAll('x', '$&$&')",
        "let s = 'x'; for (;;) s = s.padStart(s.length * 2, s)",
        "'a'.repeat(1e9)",
        "'ab'.repeat(2 ** 31)",
        "'a'.padStart(1e9)",
        "'a'.padEnd(2 ** 40, 'xyz')",
        "'x'.repeat(1e6).split('')",
        "[...'x'.repeat(1e6)]",
        "new Array(1e8)",
        "new Array(4294967295).fill(0)",
        "const a = []; a[4000000000] = 1",
        "const a = []; a.length = 1e9",
        "const a = [1]; for (;;) a.push(...a)",
        "let a = [1]; for (;;) a = a.concat(a)",
        "let a = [1]; for (;;) a = [...a, ...a]",
        "let a = [1]; for (;;) a = a.flatMap(x => [x, x])",
        "const a = [1]; for (const x of a) a.push(x)",
        "Array.from({ length: 1e9 })",
        "Array.from({ length: Infinity }, () => 1)",
        "const a = []; a.push(a); a.flat(Infinity)",
        "const o = {}; for (let i = 0; ; i++) o['k' + i] = i",
        "const m = new Map(); for (let i = 0; ; i++) m.set(i, i)",
        "const s = new Set([1]); for (const x of s) s.add(x + 1)",
        "const m = new Map([[1, 1]]); m.forEach((v, k) => m.set(k + 1, 1))",
        "let o = {}; for (;;) o = { o, p: { ...o } }",
        "[1, 2].sort(() => { for (;;); })",
        "const a = Array(50000).fill(0).map((_, i) => i); a.sort((x, y) => y - x)",
        "let o = {}; let p = o; for (let i = 0; i < 1000; i++) { p.n = {}; p = p.n } JSON.stringify(o)",
        "JSON.parse('['.repeat(100000))",
        "JSON.parse('{\"a\":'.repeat(1000) + '1' + '}'.repeat(1000))",
        "JSON.stringify(Array(100000).fill('xxxxxxxxxxxxxxxxxxxxxxxxxxxxx'))",
        "let t = '[1]'; for (;;) t = JSON.stringify([t, t])",
        "JSON.stringify({ toJSON() { return JSON.stringify(this) } })",
        "/(x+x+)+y/.test('x'.repeat(100000))",
        "/(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)z/.test('a'.repeat(20000))",
        "for (;;) new RegExp('(a|b)*'.repeat(100)).test('abab')",
        "'a'.repeat(60000).replace(/a/g, 'b'.repeat(1000))",
        "'a'.repeat(200000).match(/a/g)",
        "'ab'.repeat(50000).split(/b/)",
        "('a'.repeat(50000) + 'b').indexOf('a'.repeat(25000) + 'c') ; for (;;) ('a'.repeat(1000)).indexOf('aaab')",
        "for (;;) new Date('2026-03-05').toISOString()",
        "for (;;) (1e300).toFixed(100)",
        "for (;;) decodeURIComponent(encodeURIComponent('中文'))",
        "Math.max(...Array(1e6))",
        "for (;;) Object.keys({ a: 1 })",
        "for (;;) [3, 2, 1].sort()",
        "const { a = (() => { for (;;); })() } = {}",
        "const f = (x = f()) => x; f()",
        "const g = f => () => f.bind(null)(); let h = () => 1; for (let i = 0; i < 1000; i++) h = h.bind(null); h()",
        "let r = []; for (let i = 0; i < 1000; i++) r = [r]; String(r)",
        "let r = []; for (let i = 0; i < 1000; i++) r = [r]; JSON.stringify(r)",
        "x: while (true) { continue x }",
        "let a = 1; for (;;) { try { throw 1 } catch (e) { a++ } }",
        "for (;;) { try { null.x } catch { } }",
        "const f = () => { try { f() } finally { f() } }; f()",
        "const f = () => { try { return f() } catch { return f() } }; f()");

    [Theory]
    [MemberData(nameof(Endless))]
    public void Script_WhenItNeverEnds_ThenItsBudgetStopsIt(string source)
    {
        var failure = Run.Fails(source);

        Assert.Equal(ScriptException.Budget, failure.Code);
    }

    [Theory]
    [MemberData(nameof(Endless))]
    public void Script_WhenItTriesToCatchItsBudget_ThenItIsStoppedAllTheSame(string source)
    {
        var failure = Run.Fails($"try {{ (() => {{ {source} }})() }} catch (e) {{ 'caught' }} finally {{ 'finally' }}");

        Assert.Equal(ScriptException.Budget, failure.Code);
    }

    [Theory]
    [MemberData(nameof(Endless))]
    public void Script_WhenItIsStopped_ThenItAllocatedNotMuchMoreThanItMay(string source)
    {
        var script = Script.Parse(source);
        Assert.Throws<ScriptException>(() => script.Evaluate(Run.Scope(), ScriptBudget.Default));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<ScriptException>(() => script.Evaluate(Run.Scope(), ScriptBudget.Default));

        // Frames, enumerators and the like are paid for by steps: 200,000 of them at 200 bytes and the 4 MB of the budget.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64L * 1024 * 1024);
    }

    [Fact]
    public void Finally_WhenTheBudgetIsUsedUp_ThenItDoesNotRun()
    {
        var ran = false;
        var scope = Run.Scope().AddFunction("note", _ =>
        {
            ran = true;
            return default;
        });

        var failure = Run.Fails("try { for (;;); } finally { note() }", scope);

        Assert.Equal(ScriptException.Budget, failure.Code);
        Assert.False(ran);
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("{", "}")]
    [InlineData("({a:", "})")]
    [InlineData("f(", ")")]
    [InlineData("a[", "]")]
    [InlineData("`${", "}`")]
    [InlineData("!", "")]
    [InlineData("-", "")]
    [InlineData("typeof ", "")]
    [InlineData("() => ", "")]
    [InlineData("function f() {", "}")]
    [InlineData("if (1) ", "")]
    [InlineData("if (1) {} else ", "")]
    [InlineData("while (0) ", "")]
    [InlineData("a ? b : ", "")]
    [InlineData("a = ", "")]
    [InlineData("2 ** ", "")]
    [InlineData("new ", "")]
    [InlineData("x: ", "")]
    [InlineData("let [", "] = 1")]
    [InlineData("try {", "} catch {}")]
    [InlineData("switch (1) { case 1: ", "}")]
    [InlineData("({a} = ", ")")]
    public void Source_WhenNestedVeryDeeply_ThenParsingFailsCleanly(string open, string close)
    {
        foreach (var levels in new[] { 200, 5000 })
        {
            var source = string.Concat(Enumerable.Repeat(open, levels)) + "1" + string.Concat(Enumerable.Repeat(close, levels));

            var failure = Assert.Throws<ScriptException>(() => Script.Parse(source));

            Assert.Equal(ScriptException.Syntax, failure.Code);
        }
    }

    [Theory]
    [InlineData("1", " + 1")]
    [InlineData("1", " && 1")]
    [InlineData("1", " * 1")]
    [InlineData("a", ".a")]
    [InlineData("a", "[0]")]
    [InlineData("a", "()")]
    [InlineData("a", "?.a")]
    [InlineData("1", ", 1")]
    [InlineData("1", "; 1")]
    [InlineData("[1", ", 1")]
    public void Source_WhenOneChainIsVeryLong_ThenItRunsOrFailsCleanly(string start, string more)
    {
        foreach (var length in new[] { 400, 10_000 })
        {
            var source = start + string.Concat(Enumerable.Repeat(more, length)) + (start == "[1" ? "]" : string.Empty);

            var failure = Record.Exception(() => Run.Script(source, Run.Scope().AddConstant("a", Run.Json("{}"))));

            Assert.True(failure is null or ScriptException, failure?.ToString());
        }
    }

    [Fact]
    public void Source_WhenNestedAHundredLevels_ThenItRuns()
    {
        Assert.Equal("1", Run.Text(new string('(', 100) + "1" + new string(')', 100)));
    }

    [Fact]
    public void Recursion_WhenWithinTheDepth_ThenItRunsOnASmallStack()
    {
        // The deepest a script gets: 120 calls, each from the bottom of a nested expression.
        var nested = $"const f = n => n === 0 ? 0 : {new string('(', 10)}1 + [f(n - 1)][0]{new string(')', 10)}; f(60)";
        string? result = null;
        var thread = new Thread(() => result = Run.Text(nested), 768 * 1024);

        thread.Start();
        thread.Join();

        Assert.Equal("60", result);
    }

    [Fact]
    public void Recursion_WhenEachCallIsDeeplyNested_ThenTheNativeStackIsNeverExhausted()
    {
        var nested = $"const f = n => {new string('!', 110)}f(n + 1); f(0)";
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(() => Run.Script(nested)), 768 * 1024);

        thread.Start();
        thread.Join();

        Assert.Equal(ScriptException.Budget, Assert.IsType<ScriptException>(failure).Code);
    }

    [Theory]
    [InlineData("for (;;);", "steps")]
    [InlineData("'a'.repeat(1e9)", "memory")]
    [InlineData("const f = () => f(); f()", "deeply")]
    public void Failure_WhenABudgetIsUsedUp_ThenTheMessageSaysWhich(string source, string word)
    {
        Assert.Contains(word, Run.Fails(source).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Budget_WhenSmaller_ThenTheSameScriptStops()
    {
        const string Source = "let s = 0; for (let i = 0; i < 1000; i++) s += i; s";

        Assert.Equal("499500", Run.Text(Source));
        Assert.Equal(ScriptException.Budget, Run.Fails(Source, null, new ScriptBudget { MaxSteps = 1000 }).Code);
        Assert.Equal("499500", Run.Text(Source, null, new ScriptBudget { MaxAllocatedBytes = 1000 }));
        Assert.Equal(ScriptException.Budget, Run.Fails("const f = n => n && f(n - 1); f(20)", null, new ScriptBudget { MaxDepth = 10 }).Code);
    }

    [Fact]
    public void Text_WhenBuiltByAppending_ThenTwentyThousandPiecesFitTheBudget()
    {
        Assert.Equal("40000", Run.Text("let s = ''; for (let i = 0; i < 20000; i++) s += 'ab'; s.length"));
    }
}
