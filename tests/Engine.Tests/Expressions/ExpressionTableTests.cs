using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Talent.Workflows.Engine.Tests.Expressions;

/// <summary>Every line of expressions.txt: a script, ==>, and what a reference implementation of ECMAScript answers. ⏎ stands for a new line.</summary>
public sealed class ExpressionTableTests
{
    private const string Separator = " ==> ";

    [Fact]
    public void Table_WhenEveryLineIsEvaluated_ThenItsResultIsAsWritten()
    {
        var failures = new List<string>();
        var lines = Lines().ToList();
        foreach (var (source, expected) in lines)
        {
            var actual = Evaluate(source);
            if (!Same(expected, actual))
            {
                failures.Add($"{source}\n    expected {expected}\n    but was  {actual}");
            }
        }

        Assert.True(lines.Count >= 400, $"The table has only {lines.Count} lines");
        Assert.True(failures.Count == 0, $"{failures.Count} of {lines.Count} lines fail:\n{string.Join("\n", failures)}");
    }

    private static string Evaluate(string source)
    {
        try
        {
            return Run.Text(source);
        }
        catch (Exception e)
        {
            return $"{e.GetType().Name}: {e.Message}";
        }
    }

    private static bool Same(string expected, string actual)
    {
        if (expected.StartsWith("throws ", StringComparison.Ordinal))
        {
            return actual.StartsWith("throws ", StringComparison.Ordinal) && actual.Contains(expected[7..], StringComparison.Ordinal);
        }
        if (expected == "undefined" || actual == "undefined" || actual.StartsWith("throws", StringComparison.Ordinal) || actual.Contains("Exception", StringComparison.Ordinal))
        {
            return expected == actual;
        }
        return Canonical(expected) == Canonical(actual);
    }

    /// <summary>Keeps the order of properties; evens out how characters are escaped.</summary>
    private static string Canonical(string json) => JsonSerializer.Serialize(JsonElement.Parse(json));

    private static IEnumerable<(string Source, string Expected)> Lines([CallerFilePath] string path = "")
    {
        foreach (var line in File.ReadLines(Path.Combine(Path.GetDirectoryName(path)!, "expressions.txt")))
        {
            var at = line.LastIndexOf(Separator, StringComparison.Ordinal);
            if (at > 0 && !line.StartsWith("# ", StringComparison.Ordinal))
            {
                yield return (line[..at].Replace('⏎', '\n'), line[(at + Separator.Length)..]);
            }
        }
    }
}
