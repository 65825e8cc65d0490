using System.Text.RegularExpressions;

namespace Talent.Workflows.Server.Tests.Crash;

/// <summary>
/// As much of YAML as docker-compose.yml uses: maps by indentation, lists of plain items, comments, anchors and merged maps.
/// What it can't read is an error, so that it never tests something else than what is written.
/// </summary>
internal sealed partial class ComposeFile
{
    private readonly Dictionary<string, Dictionary<string, object>> anchors = [];
    private readonly string[] lines;
    private int next;

    private ComposeFile(string text) => lines = [.. text.Split('\n').Where(line => line.Trim() is { Length: > 0 } content && content[0] != '#')];

    /// <summary>Maps are dictionaries, lists are lists, the rest is text.</summary>
    public static Dictionary<string, object> Read(string path)
    {
        var file = new ComposeFile(File.ReadAllText(path));
        var root = file.Map(0);
        return file.next == file.lines.Length ? root : throw new FormatException($"Can't read '{file.lines[file.next]}'.");
    }

    private Dictionary<string, object> Map(int indent, string? anchor = null)
    {
        var map = new Dictionary<string, object>();
        if (anchor is not null)
            anchors[anchor] = map;
        var merged = new List<Dictionary<string, object>>();
        while (next < lines.Length && Indent(lines[next]) == indent)
        {
            var match = Entry().Match(lines[next]);
            if (!match.Success)
                throw new FormatException($"Can't read '{lines[next]}'.");
            next++;
            var (key, name, value) = (match.Groups["key"].Value, match.Groups["anchor"].Value, match.Groups["value"].Value);
            if (key == "<<")
                merged.Add(anchors[value[1..]]);
            else
                map[key] = value.Length > 0 ? Plain(value) : Nested(indent, name);
        }
        foreach (var (key, value) in merged.SelectMany(other => other))
            map.TryAdd(key, value);
        return map;
    }

    private object Nested(int indent, string anchor)
    {
        if (next == lines.Length || Indent(lines[next]) <= indent)
            return "";
        var inner = Indent(lines[next]);
        if (lines[next][inner] != '-')
            return Map(inner, anchor.Length > 0 ? anchor : null);
        var list = new List<string>();
        for (; next < lines.Length && Indent(lines[next]) == inner && lines[next][inner] == '-'; next++)
            list.Add(Plain(lines[next][(inner + 1)..].Trim()));
        return list;
    }

    private static string Plain(string value) => value is ['"', .., '"'] ? value[1..^1] : value;

    private static int Indent(string line) => line.Length - line.TrimStart(' ').Length;

    [GeneratedRegex(@"^ *(?<key>[\w<.-]+):(?: +&(?<anchor>[\w-]+))?(?: +(?<value>\S.*?))? *$")]
    private static partial Regex Entry();
}
