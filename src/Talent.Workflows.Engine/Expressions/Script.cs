using System.Text.Json;
using Talent.Workflows.Engine.Expressions.Nodes;
using Talent.Workflows.Engine.Expressions.Syntax;
using Talent.Workflows.Engine.Expressions.Values;

namespace Talent.Workflows.Engine.Expressions;

/// <summary>
/// An expression or script in JavaScript syntax, compiled once. Immutable: cache it and share it between threads.
/// Its value is what it returns, else the value of its last expression statement.
/// </summary>
/// <remarks>Semantics are ECMAScript's, in strict mode, without classes, generators, async, prototypes, symbols and anything of the host.</remarks>
public sealed class Script
{
    private readonly FunctionNode _main;
    private readonly string[] _globals;

    private Script(string source, FunctionNode main, string[] globals)
    {
        Source = source;
        _main = main;
        _globals = globals;
    }

    public string Source { get; }

    /// <summary>Compiles a script of at most 100,000 characters.</summary>
    /// <exception cref="ScriptException"><c>script_syntax</c>: not a script, or a construct that isn't supported, which the message names.</exception>
    public static Script Parse(string source)
    {
        var (main, globals) = Parser.Parse(source);
        return new Script(source, main, globals);
    }

    /// <summary>Runs the script. The same scope contents give the same result, the same host calls and the same use of the budget.</summary>
    /// <returns>The value as JSON; <see cref="JsonValueKind.Undefined"/> for undefined. NaN and infinities are null, a Date is its ISO text,
    /// functions and undefined inside objects are left out.</returns>
    /// <exception cref="ScriptException"><c>script_error</c>: it threw, or its value can't be JSON. <c>script_budget</c>: it used up <paramref name="budget"/>.</exception>
    public JsonElement Evaluate(ScriptScope scope, ScriptBudget budget)
    {
        var x = new Evaluation(Source, _globals, scope, budget);
        try
        {
            var result = JsonBorder.ToJson(x, _main.Run(x, null, [], Value.Undefined, []));
            x.WriteBack();
            return result;
        }
        catch (ThrowSignal thrown)
        {
            throw x.Uncaught(thrown);
        }
        finally
        {
            scope.StepsUsed += budget.MaxSteps - Math.Max(0, x.StepsLeft);
        }
    }
}
