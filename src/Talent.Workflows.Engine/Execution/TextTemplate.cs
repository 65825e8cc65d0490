using System.Text;
using Talent.Workflows.Engine.Expressions;

namespace Talent.Workflows.Engine.Execution;

/// <summary>
/// A text with scripts in it: <c>Case {{ getCorrelationId() }} is {{ variables.Status }}</c>. A script sees what any script of
/// the activity sees; its value is written as text, null and undefined as nothing. <c>{{</c> as such is written <c>{{ '{{' }}</c>.
/// </summary>
internal sealed class TextTemplate
{
    /// <summary>A text of more is a program; RunJavaScript is for those.</summary>
    private const int MaxScripts = 100;

    private readonly List<(string Text, Script? Script)> parts = [];

    private TextTemplate() { }

    public IEnumerable<Script> Scripts => parts.Select(p => p.Script).OfType<Script>();

    /// <exception cref="ScriptException"><c>script_syntax</c>: a script doesn't parse or isn't closed, or there are too many.</exception>
    public static TextTemplate Parse(string text)
    {
        var template = new TextTemplate();
        var at = 0;
        while (text.IndexOf("{{", at, StringComparison.Ordinal) is var open and >= 0)
        {
            if (template.parts.Count == MaxScripts)
                throw ScriptException.At(ScriptException.Syntax, $"A template may hold at most {MaxScripts} scripts.", text, open);
            var (script, end) = ReadScript(text, open + 2);
            template.parts.Add((text[at..open], script));
            at = end;
        }
        template.parts.Add((text[at..], null));
        return template;
    }

    /// <param name="scope">What all its scripts see.</param>
    /// <param name="budget">What all of them together may use.</param>
    public string Render(ScriptScope scope, ScriptBudget budget)
    {
        var text = new StringBuilder();
        foreach (var (before, script) in parts)
        {
            text.Append(before);
            if (script is not null)
                text.Append(TextFunctions.Text(script.Evaluate(scope, budget with { MaxSteps = Math.Max(0, budget.MaxSteps - scope.StepsUsed) })));
        }
        return text.ToString();
    }

    // A script may hold }} itself, in an object or a text: it ends at the first one that leaves a script.
    private static (Script Script, int End) ReadScript(string text, int begin)
    {
        ScriptException? first = null;
        var tries = 0;
        for (var close = text.IndexOf("}}", begin, StringComparison.Ordinal); close >= 0 && tries < 8; close = text.IndexOf("}}", close + 1, StringComparison.Ordinal), tries++)
        {
            try
            {
                return (Script.Parse(text[begin..close]), close + 2);
            }
            catch (ScriptException e)
            {
                first ??= e;
            }
        }
        throw first ?? ScriptException.At(ScriptException.Syntax, "The script that begins here isn't closed by }}.", text, begin - 2);
    }
}
