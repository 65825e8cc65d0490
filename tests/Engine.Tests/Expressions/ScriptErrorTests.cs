using Talent.Workflows.Engine.Expressions;

namespace Talent.Workflows.Engine.Tests.Expressions;

public sealed class ScriptErrorTests
{
    [Theory]
    [InlineData("class A {}", "Classes")]
    [InlineData("const A = class {}", "Classes")]
    [InlineData("function* g() {}", "Generator")]
    [InlineData("({ *g() {} })", "Generator")]
    [InlineData("async function f() {}", "async")]
    [InlineData("const f = async () => 1", "async")]
    [InlineData("const f = async x => 1", "async")]
    [InlineData("({ async f() {} })", "async")]
    [InlineData("await x", "await")]
    [InlineData("({ get a() { return 1 } })", "Getters")]
    [InlineData("({ set a(v) {} })", "setters")]
    [InlineData("with (a) {}", "with")]
    [InlineData("import x from 'y'", "import")]
    [InlineData("export const a = 1", "export")]
    [InlineData("1n", "BigInt")]
    [InlineData("tag`x`", "Tagged")]
    [InlineData("new.target", "new.target")]
    [InlineData("super.x", "super")]
    [InlineData("function f() { return arguments }", "arguments")]
    [InlineData("debugger", "debugger")]
    [InlineData("#a", "Private")]
    [InlineData("@a", "Decorators")]
    [InlineData("/(a)\\1/", "backtracking")]
    [InlineData("/(?<=a)b/", "lookbehind")]
    [InlineData("/(?<n>a)\\k<n>/", "backtracking")]
    [InlineData("/a{2000}/", "large")]
    [InlineData("/(a{500}){500}/", "large")]
    [InlineData("'\\07'", "Octal")]
    [InlineData("010", "0o")]
    public void Parse_WhenAConstructIsNotSupported_ThenTheErrorNamesIt(string source, string word)
    {
        var failure = Assert.Throws<ScriptException>(() => Script.Parse(source));

        Assert.Equal(ScriptException.Syntax, failure.Code);
        Assert.Contains(word, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1 +")]
    [InlineData("(1")]
    [InlineData("1)")]
    [InlineData("[1, 2")]
    [InlineData("{ a: ")]
    [InlineData("'abc")]
    [InlineData("`abc")]
    [InlineData("`${1`")]
    [InlineData("/abc")]
    [InlineData("/[/")]
    [InlineData("/a/gg")]
    [InlineData("/a/x")]
    [InlineData("/(/")]
    [InlineData("/a**/")]
    [InlineData("let let1 = 1, = 2")]
    [InlineData("let a; let a")]
    [InlineData("const a = 1; var a")]
    [InlineData("let a; { var a }")]
    [InlineData("const a")]
    [InlineData("let [a]")]
    [InlineData("let if = 1")]
    [InlineData("if (1) let a = 1")]
    [InlineData("a b")]
    [InlineData("1 2")]
    [InlineData("3in []")]
    [InlineData("break")]
    [InlineData("continue")]
    [InlineData("for (;;) { break missing }")]
    [InlineData("x: { continue x }")]
    [InlineData("x: x: 1")]
    [InlineData("for (;;) { (() => { break })() }")]
    [InlineData("1 = 2")]
    [InlineData("f() = 2")]
    [InlineData("1++")]
    [InlineData("++f()")]
    [InlineData("this = 1")]
    [InlineData("a?.b = 1")]
    [InlineData("({ a: 1 }) = x")]
    [InlineData("({ a = 1 })")]
    [InlineData("f({ a = 1 })")]
    [InlineData("[...a, b] = c")]
    [InlineData("(a, b) => { ")]
    [InlineData("(a, 1) => a")]
    [InlineData("(...a, b) => a")]
    [InlineData("(a, a) => a")]
    [InlineData("a => { return 1 } + 1 => 2")]
    [InlineData("-1 ** 2")]
    [InlineData("a ?? b || c")]
    [InlineData("a && b ?? c")]
    [InlineData("throw\n1")]
    [InlineData("try { }")]
    [InlineData("switch (1) { default: default: }")]
    [InlineData("switch (1) { 1 }")]
    [InlineData("do 1")]
    [InlineData("function () {}")]
    [InlineData("0x")]
    [InlineData("1e")]
    [InlineData("1_")]
    [InlineData("'\\u12'")]
    [InlineData("'\\u{110000}'")]
    [InlineData("/* a")]
    [InlineData("\\u0061")]
    [InlineData("a ? b")]
    [InlineData("a.")]
    [InlineData("a[")]
    [InlineData("new")]
    [InlineData("...a")]
    [InlineData("x => y => ")]
    [InlineData("else")]
    [InlineData("}")]
    public void Parse_WhenTheSourceIsWrong_ThenItIsASyntaxError(string source)
    {
        var failure = Assert.Throws<ScriptException>(() => Script.Parse(source));

        Assert.Equal(ScriptException.Syntax, failure.Code);
        Assert.True(failure.Line >= 1 && failure.Column >= 1);
    }

    [Theory]
    [InlineData("1;\n  2 +* 3", 2, 6)]
    [InlineData("let a = 1;\nlet b = 'x", 2, 9)]
    [InlineData("a\n  .b\n  c d", 3, 5)]
    public void Parse_WhenTheSourceIsWrong_ThenTheErrorSaysWhere(string source, int line, int column)
    {
        var failure = Assert.Throws<ScriptException>(() => Script.Parse(source));

        Assert.Equal((line, column), (failure.Line, failure.Column));
    }

    [Theory]
    [InlineData("const o = null;\n\no.name", 3, 2, "Cannot read 'name' because o is null; use ?.")]
    [InlineData("const o = {};\no.f()", 2, 1, "o.f is not a function but undefined")]
    [InlineData("a.b.c", 1, 1, "a is not defined; check the spelling")]
    [InlineData("if (1) {\n  throw new Error('stop here')\n}", 2, 3, "Error: stop here")]
    [InlineData("const c = 1;\nc = 2", 2, 1, "constant variable c")]
    [InlineData("[1].map(5)", 1, 1, "map needs a function, it got 5")]
    [InlineData("x = 1", 1, 1, "declare it with let")]
    [InlineData("throw { a: 1 }", 1, 1, "Uncaught [object Object]")]
    [InlineData("const { a } = null", 1, 7, "Cannot take properties out of null")]
    [InlineData("let [a] = 5", 1, 5, "5 is not iterable")]
    public void Error_WhenAScriptFails_ThenItSaysWhatWhereAndWhatToDo(string source, int line, int column, string text)
    {
        var failure = Run.Fails(source);

        Assert.Equal(ScriptException.Error, failure.Code);
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
        Assert.Equal((line, column), (failure.Line, failure.Column));
    }

    [Fact]
    public void Error_WhenRethrown_ThenItKeepsItsMessage()
    {
        Assert.Contains("Error: inner", Run.Fails("try { throw new Error('inner') } catch (e) { throw e }").Message, StringComparison.Ordinal);
        Assert.Contains("Error: inner", Run.Fails("try { throw new Error('inner') } finally { 1 }").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Frozen_WhenChanged_ThenItIsATypeError()
    {
        Assert.Contains("frozen", Run.Fails("const o = Object.freeze({ a: 1 }); o.a = 2").Message, StringComparison.Ordinal);
        Assert.Contains("frozen", Run.Fails("const o = Object.freeze([1]); o.push(2)").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_WhenTheSourceIsTooLong_ThenItIsASyntaxError()
    {
        Assert.Equal(ScriptException.Syntax, Assert.Throws<ScriptException>(() => Script.Parse(new string(' ', 100_001))).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  // nothing\n")]
    [InlineData("let a = 1")]
    [InlineData("if (0) 1")]
    [InlineData("return;")]
    public void Value_WhenTheScriptHasNone_ThenItIsUndefined(string source)
    {
        Assert.Equal("undefined", Run.Text(source));
    }
}
