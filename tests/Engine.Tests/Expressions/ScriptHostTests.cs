using System.Text.Json;
using Talent.Workflows.Engine.Expressions;

namespace Talent.Workflows.Engine.Tests.Expressions;

public sealed class ScriptHostTests
{
    private readonly Dictionary<string, JsonElement> _variables = new()
    {
        ["Escalations"] = Run.Json("1"),
        ["Status"] = Run.Json("\"InReview\""),
        ["Nothing"] = Run.Json("null"),
        ["Reviewers"] = Run.Json("""["li","wang"]"""),
        ["Case"] = Run.Json("""{"id":"c-1","steps":[{"name":"line","done":true}],"10":1,"2":2}"""),
    };

    private readonly List<string> _writes = [];

    private ScriptScope Scope() => Run.Scope().AddObject(
        "variables",
        name => _variables.GetValueOrDefault(name),
        (name, value) =>
        {
            _variables[name] = value.ValueKind == JsonValueKind.Undefined ? Run.Json("null") : value;
            _writes.Add(name);
        },
        () => _variables.Keys);

    [Theory]
    [InlineData("variables.Escalations < 2", "true")]
    [InlineData("return variables.Escalations + 1", "2")]
    [InlineData("variables['Status'] === 'InReview'", "true")]
    [InlineData("variables.Nothing", "null")]
    [InlineData("variables.Missing", "undefined")]
    [InlineData("variables.Missing ?? 'none'", "\"none\"")]
    [InlineData("variables.Reviewers.length", "2")]
    [InlineData("variables.Reviewers.map(r => r.toUpperCase())", """["LI","WANG"]""")]
    [InlineData("variables.Case.steps[0].done", "true")]
    [InlineData("const { id, steps: [first] } = variables.Case; [id, first.name]", """["c-1","line"]""")]
    [InlineData("Object.keys(variables)", """["Escalations","Status","Nothing","Reviewers","Case"]""")]
    [InlineData("Object.keys(variables.Case)", """["2","10","id","steps"]""")]
    [InlineData("'Status' in variables", "true")]
    [InlineData("'Missing' in variables", "false")]
    [InlineData("variables.Case === variables.Case", "true")]
    [InlineData("variables.Case.steps === variables.Case.steps", "true")]
    [InlineData("({ ...variables }).Status", "\"InReview\"")]
    [InlineData("const { Status: s, Missing: m = 4 } = variables; s + m", "\"InReview4\"")]
    [InlineData("`${variables.Status}: ${variables.Escalations}`", "\"InReview: 1\"")]
    [InlineData("JSON.stringify(variables.Case)", "\"{\\u00222\\u0022:2,\\u002210\\u0022:1,\\u0022id\\u0022:\\u0022c-1\\u0022,\\u0022steps\\u0022:[{\\u0022name\\u0022:\\u0022line\\u0022,\\u0022done\\u0022:true}]}\"")]
    [InlineData("typeof variables.Case.steps.push", "\"function\"")]
    public void Variables_WhenRead_ThenTheyAreTheHostsValues(string source, string expected)
    {
        var actual = Run.Text(source, Scope());

        Assert.Equal(expected == "undefined" ? expected : JsonSerializer.Serialize(Run.Json(expected)), actual == "undefined" ? actual : JsonSerializer.Serialize(Run.Json(actual)));
        Assert.Empty(_writes);
    }

    [Theory]
    [InlineData("variables.Escalations = variables.Escalations + 1", "Escalations", "2")]
    [InlineData("variables.Escalations++", "Escalations", "2")]
    [InlineData("variables.Escalations += 5", "Escalations", "6")]
    [InlineData("variables['New'] = { a: [1, 'x', null] }", "New", """{"a":[1,"x",null]}""")]
    [InlineData("variables.Nothing ??= 'set'", "Nothing", "\"set\"")]
    [InlineData("variables.Status = undefined", "Status", "null")]
    [InlineData("variables.Reviewers.push('zhao')", "Reviewers", """["li","wang","zhao"]""")]
    [InlineData("variables.Reviewers[0] = 'chen'; 1", "Reviewers", """["chen","wang"]""")]
    [InlineData("variables.Reviewers.sort().reverse(); 1", "Reviewers", """["wang","li"]""")]
    [InlineData("variables.Case.steps[0].name = 'hr'", "Case", """{"2":2,"10":1,"id":"c-1","steps":[{"name":"hr","done":true}]}""")]
    [InlineData("delete variables.Case.steps; 1", "Case", """{"2":2,"10":1,"id":"c-1"}""")]
    [InlineData("const list = variables.Reviewers; variables.Reviewers = []; list.push('late'); 1", "Reviewers", "[]")]
    public void Variables_WhenWritten_ThenTheHostGetsTheNewValueOnce(string source, string name, string expected)
    {
        Run.Script(source, Scope());

        Assert.Equal(expected, _variables[name].GetRawText());
        Assert.Equal([name], _writes);
    }

    [Fact]
    public void Variables_WhenChangedInPlaceBeforeAHostCall_ThenTheHostSeesTheChange()
    {
        var scope = Scope().AddFunction("count", _ => Run.Json(_variables["Reviewers"].GetArrayLength().ToString(System.Globalization.CultureInfo.InvariantCulture)));

        Assert.Equal("3", Run.Text("variables.Reviewers.push('zhao'); count()", scope));
    }

    [Fact]
    public void Variables_WhenWrittenAndReadAgain_ThenTheReadGivesWhatTheHostKept()
    {
        var stored = Run.Json("0");
        var scope = Run.Scope().AddObject("v", _ => stored, (_, value) => stored = Run.Json(((int)value.GetDouble()).ToString(System.Globalization.CultureInfo.InvariantCulture)), () => ["n"]);

        Assert.Equal("2", Run.Text("v.n = 2.9; v.n", scope));
    }

    [Fact]
    public void Variables_WhenTheScriptFails_ThenChangesInPlaceAreNotWritten()
    {
        Run.Fails("variables.Reviewers.push('x'); throw new Error('no')", Scope());

        Assert.Empty(_writes);
    }

    [Fact]
    public void HostObject_WhenItIsReadOnly_ThenWritingIsAnErrorThatSaysSo()
    {
        var scope = Run.Scope().AddObject("inputs", _ => Run.Json("[1]"), null, () => ["a"]);

        Assert.Contains("read-only", Run.Fails("inputs.a = 1", scope).Message, StringComparison.Ordinal);
        Assert.Contains("read-only", Run.Fails("inputs.a.push(2)", scope).Message, StringComparison.Ordinal);
        Assert.Contains("can't be deleted", Run.Fails("delete inputs.a", scope).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HostFunction_WhenCalled_ThenItGetsItsArgumentsAsJson()
    {
        List<string> seen = [];
        var scope = Run.Scope().AddFunction("f", arguments =>
        {
            seen.AddRange(arguments.Select(static a => a.ValueKind == JsonValueKind.Undefined ? "undefined" : a.GetRawText()));
            Assert.Equal(JsonValueKind.Undefined, arguments[99].ValueKind);
            return Run.Json("""{"ok":true}""");
        });

        var result = Run.Text("f(1, 'a\"中', null, undefined, [1, { b: 2 }], new Date(0), NaN, -0, 1e21, { u: undefined, f: () => 1 }).ok", scope);

        Assert.Equal("true", result);
        Assert.Equal(["1", "\"a\\\"中\"", "null", "undefined", "[1,{\"b\":2}]", "\"1970-01-01T00:00:00.000Z\"", "null", "0", "1e+21", "{}"], seen);
    }

    [Fact]
    public void HostFunction_WhenItThrows_ThenTheScriptCannotCatchIt()
    {
        var scope = Run.Scope().AddFunction("fail", static _ => throw new InvalidOperationException("host"));

        var failure = Assert.Throws<InvalidOperationException>(() => Run.Script("try { fail() } catch { 'caught' }", scope));

        Assert.Equal("host", failure.Message);
    }

    [Fact]
    public void HostFunction_WhenItIsAValue_ThenItCanBePassedOn()
    {
        var scope = Run.Scope().AddFunction("twice", static a => Run.Json((a[0].GetDouble() * 2).ToString(System.Globalization.CultureInfo.InvariantCulture)));

        Assert.Equal("[2,4,6]", Run.Text("[1, 2, 3].map(twice)", scope));
        Assert.Equal("\"function\"", Run.Text("typeof twice", scope));
    }

    [Fact]
    public void Lazy_WhenReadTwice_ThenTheHostIsAskedOnce()
    {
        var asked = 0;
        var scope = Run.Scope().AddLazy("input", () =>
        {
            asked++;
            return Run.Json("""{"a":1}""");
        });

        Assert.Equal("1", Run.Text("1", scope));
        Assert.Equal(0, asked);
        Assert.Equal("true", Run.Text("input.a === 1 && input === input && typeof input === 'object'", scope));
        Assert.Equal(1, asked);
    }

    [Fact]
    public void Constant_WhenChanged_ThenTheHostsValueStays()
    {
        var constant = Run.Json("""{"a":[1]}""");
        var scope = Run.Scope().AddConstant("c", constant);

        Assert.Equal("""{"a":[1,2],"b":3}""", Run.Text("c.a.push(2); c.b = 3; c", scope));
        Assert.Equal("""{"a":[1]}""", Run.Text("c", scope));
        Assert.Contains("given by the host", Run.Fails("c = 1", scope).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolver_WhenANameWasNotAdded_ThenItMaySupplyIt()
    {
        var scope = new ScriptScope
        {
            Now = Run.Now,
            Resolver = name => name.StartsWith("get", StringComparison.Ordinal) ? new ScriptGlobal.Function(_ => JsonSerializer.SerializeToElement(name[3..])) : null,
        };

        Assert.Equal("\"StatusCase\"", Run.Text("getStatus() + getCase()", scope));
        Assert.Equal("\"undefined\"", Run.Text("typeof setStatus", scope));
        Assert.Contains("setStatus is not defined", Run.Fails("setStatus(1)", scope).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("big", "9007199254740992")]
    [InlineData("big + 1", "9007199254740992")]
    [InlineData("huge", "null")]
    [InlineData("tiny", "5e-324")]
    [InlineData("decimal * 3", "0.30000000000000004")]
    [InlineData("[wrapped][0]", """{"n":9007199254740993,"s":1.50}""")]
    [InlineData("wrapped.n", "9007199254740992")]
    [InlineData("1e300 * 1e300", "null")]
    [InlineData("2 ** 53", "9007199254740992")]
    [InlineData("-1e-7", "-1e-7")]
    public void Numbers_WhenTheyCrossTheBorder_ThenTheyAreDoublesButUntouchedObjectsStayAsTheyCame(string source, string expected)
    {
        var scope = Run.Scope()
            .AddConstant("big", Run.Json("9007199254740993"))
            .AddConstant("huge", Run.Json("1e999"))
            .AddConstant("tiny", Run.Json("5e-324"))
            .AddConstant("decimal", Run.Json("0.1"))
            .AddConstant("wrapped", Run.Json("""{"n":9007199254740993,"s":1.50}"""));

        Assert.Equal(expected, Run.Text(source, scope));
    }

    [Theory]
    [InlineData("new Date()", "\"2026-03-05T02:00:00.000Z\"")]
    [InlineData("Date.now()", "1772676000000")]
    [InlineData("new Date().getHours()", "10")]
    [InlineData("Date()", "\"Thu Mar 05 2026 10:00:00 GMT+0800 (China Standard Time)\"")]
    [InlineData("new Date().toLocaleString()", "\"2026/3/5 10:00:00\"")]
    [InlineData("new Date().toLocaleDateString('zh-CN')", "\"2026/3/5\"")]
    [InlineData("new Date(NaN)", "null")]
    [InlineData("[new Date(0), { d: new Date(1) }]", """["1970-01-01T00:00:00.000Z",{"d":"1970-01-01T00:00:00.001Z"}]""")]
    public void Dates_WhenTheyCrossTheBorder_ThenTheyAreTheScopesClockAndIsoTexts(string source, string expected)
    {
        Assert.Equal(JsonSerializer.Serialize(Run.Json(expected)), JsonSerializer.Serialize(Run.Script(source)));
    }

    [Theory]
    [InlineData("() => 1", "Function")]
    [InlineData("Math.max", "Function")]
    [InlineData("new Map()", "Map")]
    [InlineData("({ a: new Set([1]) })", "Set")]
    [InlineData("/x/", "RegExp")]
    [InlineData("new Error('x')", "Error")]
    [InlineData("const o = {}; o.o = o; o", "refers to itself")]
    [InlineData("let o = {}; for (let i = 0; i < 70; i++) o = { o }; o", "64 levels")]
    public void Result_WhenItCannotBeJson_ThenTheErrorSaysWhatToDo(string source, string word)
    {
        var failure = Run.Fails(source);

        Assert.Equal(ScriptException.Error, failure.Code);
        Assert.Contains(word, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_WhenTheyHoldHalfASurrogatePair_ThenTheyComeInAndGoOutWithoutFailing()
    {
        var scope = Run.Scope().AddConstant("half", Run.Json("\"a\\ud800\"")).AddConstant("named", Run.Json("{\"\\udc00x\":1}"));

        Assert.Equal("55296", Run.Text("half.charCodeAt(1)", scope));
        Assert.Equal("56320", Run.Text("Object.keys(named)[0].charCodeAt(0)", scope));
        Assert.Equal("a\uFFFD", Run.Script("half + ''", scope).GetString());
    }

    [Fact]
    public void Random_WhenTheSourceIsTheSame_ThenTheNumbersAreTheSame()
    {
        const string Source = "[Math.random(), Math.random(), Math.random()]";

        Assert.Equal(Run.Text(Source), Run.Text(Source));
        Assert.Equal("true", Run.Text("const r = [Math.random(), Math.random()]; r[0] !== r[1] && r.every(x => x >= 0 && x < 1)"));
        Assert.Contains("random", Run.Fails("Math.random()", new ScriptScope { Now = Run.Now }).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[].constructor")]
    [InlineData("(() => 1).constructor")]
    [InlineData("''.constructor")]
    [InlineData("({}).__proto__")]
    [InlineData("Object.prototype")]
    [InlineData("Array.prototype")]
    [InlineData("(function () {}).prototype")]
    [InlineData("Object.getPrototypeOf")]
    [InlineData("({}).GetType")]
    [InlineData("[].Items")]
    [InlineData("'x'.Length")]
    [InlineData("variables.GetType")]
    [InlineData("Date.now.caller")]
    public void HostTypes_WhenAScriptLooksForThem_ThenThereIsNothing(string source)
    {
        Assert.Equal("undefined", Run.Text(source, Scope()));
    }

    [Theory]
    [InlineData("eval('1')")]
    [InlineData("Function('return 1')")]
    [InlineData("globalThis")]
    [InlineData("window")]
    [InlineData("process")]
    [InlineData("require('fs')")]
    [InlineData("System")]
    [InlineData("Symbol.iterator")]
    [InlineData("Proxy")]
    [InlineData("setTimeout(() => 1)")]
    [InlineData("Promise")]
    public void DangerousNames_WhenUsed_ThenTheyAreNotDefined(string source)
    {
        Assert.Contains("is not defined", Run.Fails(source).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Math.max = 1")]
    [InlineData("Math.PI = 3")]
    [InlineData("Array.isArray = () => true")]
    [InlineData("[].push.x = 1")]
    [InlineData("delete JSON.parse")]
    [InlineData("Object.assign(Math, { x: 1 })")]
    [InlineData("Math = 1")]
    public void BuiltIns_WhenAScriptChangesThem_ThenThatIsAnError(string source)
    {
        Assert.Equal(ScriptException.Error, Run.Fails(source).Code);
    }

    [Fact]
    public void Script_WhenSharedByThreads_ThenEachGetsItsOwnResult()
    {
        var script = Script.Parse("const f = n => n < 2 ? n : f(n - 1) + f(n - 2); let r = []; for (let i = 0; i < 12; i++) r.push(f(i) + seed); r.join()");
        var results = new string[16];

        Parallel.For(0, results.Length, i =>
            results[i] = script.Evaluate(Run.Scope().AddConstant("seed", JsonSerializer.SerializeToElement(i)), ScriptBudget.Default).GetString()!);

        for (var i = 0; i < results.Length; i++)
        {
            int[] fibonacci = [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89];
            Assert.Equal(string.Join(',', fibonacci.Select(n => n + i)), results[i]);
        }
    }
}
