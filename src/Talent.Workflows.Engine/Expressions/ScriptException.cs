namespace Talent.Workflows.Engine.Expressions;

/// <summary>The only exception an expression itself raises: it can't be read, it failed, or it ran out of its budget.</summary>
/// <remarks>Codes: <c>script_syntax</c> (the text isn't a supported script), <c>script_error</c> (it failed while running),
/// <c>script_budget</c> (steps, memory or depth are used up). Exceptions of host callbacks pass through unchanged.</remarks>
public sealed class ScriptException : Exception
{
    public const string Syntax = "script_syntax";
    public const string Error = "script_error";
    public const string Budget = "script_budget";

    public ScriptException(string code, string message, int line, int column)
        : base($"{message} (line {line}, column {column})")
    {
        Code = code;
        Line = line;
        Column = column;
    }

    public string Code { get; }

    /// <summary>Line in the source, counted from 1.</summary>
    public int Line { get; }

    /// <summary>UTF-16 column in the line, counted from 1.</summary>
    public int Column { get; }

    internal static ScriptException At(string code, string message, string source, int position)
    {
        var line = 1;
        var start = 0;
        for (var i = 0; i < position && i < source.Length; i++)
        {
            if (source[i] == '\n')
            {
                line++;
                start = i + 1;
            }
        }
        return new ScriptException(code, message, line, Math.Max(position, start) - start + 1);
    }
}
