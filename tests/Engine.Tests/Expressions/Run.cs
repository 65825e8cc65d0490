using System.Text.Json;
using Talent.Workflows.Engine.Expressions;

namespace Talent.Workflows.Engine.Tests.Expressions;

/// <summary>Runs a script in a scope with a fixed clock and fixed randomness.</summary>
internal static class Run
{
    /// <summary>2026-03-05 10:00 in Shanghai.</summary>
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1772676000000);

    public static ScriptScope Scope()
    {
        ulong state = 7;
        return new ScriptScope { Now = Now, Random = () => state = (state * 6364136223846793005) + 1442695040888963407 };
    }

    public static JsonElement Script(string source, ScriptScope? scope = null, ScriptBudget? budget = null) =>
        Talent.Workflows.Engine.Expressions.Script.Parse(source).Evaluate(scope ?? Scope(), budget ?? ScriptBudget.Default);

    /// <summary>The result as JSON text, "undefined", or "throws" and the error's name.</summary>
    public static string Text(string source, ScriptScope? scope = null, ScriptBudget? budget = null)
    {
        try
        {
            var result = Script(source, scope, budget);
            return result.ValueKind == JsonValueKind.Undefined ? "undefined" : result.GetRawText();
        }
        catch (ScriptException e) when (e.Code == ScriptException.Error)
        {
            return "throws " + e.Message;
        }
    }

    public static ScriptException Fails(string source, ScriptScope? scope = null, ScriptBudget? budget = null) =>
        Assert.Throws<ScriptException>(() => Script(source, scope, budget));

    public static JsonElement Json(string json) => JsonElement.Parse(json);
}
