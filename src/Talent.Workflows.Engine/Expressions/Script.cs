using System.Text.Json;
namespace Talent.Workflows.Engine.Expressions;
public sealed class Script { public string Source {get; private init;} = ""; public static Script Parse(string s) => new() { Source = s }; public JsonElement Evaluate(ScriptScope s, ScriptBudget b) => Source.Length < 0 ? s.Find("")is null ? default : default : default; }
