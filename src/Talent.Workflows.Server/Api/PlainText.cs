using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Api;

/// <summary>
/// Refuses text that nothing here can keep, before anything is done with it: U+0000, which PostgreSQL takes neither in text
/// nor in jsonb, halves of surrogate pairs, and bytes that aren't UTF-8.
/// </summary>
internal static class PlainText
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <exception cref="WorkflowException"><c>invalid_request</c>, naming the parameter.</exception>
    public static void CheckQuery(HttpRequest request)
    {
        if (request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) != true)
            return;
        foreach (var (name, values) in request.Query)
            if (name.Contains('\0') || values.Any(v => v?.Contains('\0') == true))
                throw Refusal(name.Replace("\0", "", StringComparison.Ordinal));
    }

    /// <summary>What isn't JSON is left to whoever reads it.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>, naming the path.</exception>
    public static void CheckJson(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            throw Refusal("$");
        // Both can only come as an escape; hardly any body has one, and only then is it worth reading it twice.
        if (json.IndexOf("\\u0000"u8) < 0 && json.IndexOf("\\ud"u8) < 0 && json.IndexOf("\\uD"u8) < 0)
            return;
        try
        {
            Walk(new Utf8JsonReader(json.StartsWith(ByteOrderMark) ? json[ByteOrderMark.Length..] : json));
        }
        catch (JsonException)
        {
            // The endpoint says so, with the place.
        }
    }

    private static void Walk(Utf8JsonReader reader)
    {
        // One place an open object or array: the name of the member or the index of the item that is being read.
        var places = new Stack<(string? Name, int Index)>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    places.Pop();
                    continue;
                case JsonTokenType.PropertyName:
                    places.Pop();
                    var name = Text(ref reader) ?? throw Refusal(Path(places));
                    places.Push((name, 0));
                    continue;
            }
            if (places.TryPeek(out var place) && place.Name is null)
                places.Push((null, places.Pop().Index + 1));
            if (reader.TokenType == JsonTokenType.String && Text(ref reader) is null)
                throw Refusal(Path(places));
            if (reader.TokenType is JsonTokenType.StartObject)
                places.Push(("", 0));
            else if (reader.TokenType is JsonTokenType.StartArray)
                places.Push((null, -1));
        }
    }

    /// <summary>Null when it can't be kept.</summary>
    private static string? Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() is { } text && !text.Contains('\0') ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }

    private static string Path(Stack<(string? Name, int Index)> places)
    {
        var path = new StringBuilder("$");
        foreach (var (name, index) in places.Reverse())
            _ = name is null ? path.Append('[').Append(index).Append(']') : path.Append('.').Append(name);
        return path.ToString();
    }

    private static WorkflowException Refusal(string path) => new(ErrorCodes.InvalidRequest,
        $"The text at {path} holds a character that can't be kept (U+0000, half of a surrogate pair, or bytes that aren't UTF-8). Remove it.", $"{path} 处的文字含有无法保存的字符（空字符、不成对的代理字符或非 UTF-8 字节），请删除。")
    { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ProblemError(path, "invalid_text", "含有无法保存的字符", "holds a character that can't be kept") } } };
}
