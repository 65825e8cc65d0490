using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Definitions;

namespace Talent.Workflows.Server.ElsaApi.Definitions;

/// <summary>Which version is meant, in Elsa's words: <c>Latest</c>, <c>Published</c>, …, or a number. Nothing is no filter.</summary>
internal readonly record struct VersionOptions(VersionFilter Filter, int? Number)
{
    /// <exception cref="WorkflowException"><c>invalid_request</c>: it is none of these.</exception>
    public static VersionOptions Parse(string? text, VersionFilter otherwise = VersionFilter.All)
    {
        if (string.IsNullOrWhiteSpace(text))
            return new(otherwise, null);
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return new(VersionFilter.Number, number);
        return text.Trim().ToUpperInvariant() switch
        {
            "LATEST" => new(VersionFilter.Latest, null),
            "PUBLISHED" => new(VersionFilter.Published, null),
            "LATESTORPUBLISHED" => new(VersionFilter.LatestOrPublished, null),
            "LATESTANDPUBLISHED" => new(VersionFilter.LatestAndPublished, null),
            "DRAFT" => new(VersionFilter.Draft, null),
            "ALLVERSIONS" => new(VersionFilter.All, null),
            _ => throw NoVersion(text),
        };
    }

    /// <summary>From a body, where it is a text, a number, or an object with a number in it: <c>{"version":2}</c>.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: it is none of these.</exception>
    public static VersionOptions Parse(JsonElement? json, VersionFilter otherwise) => json is not { } value ? Parse((string?)null, otherwise) : value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => Parse((string?)null, otherwise),
        JsonValueKind.String => Parse(value.GetString(), otherwise),
        JsonValueKind.Number => Parse(value.GetRawText(), otherwise),
        JsonValueKind.Object when value.EnumerateObject().ToList() is [{ Name: "version", Value: { ValueKind: JsonValueKind.Number } version }] => Parse(version.GetRawText(), otherwise),
        _ => throw NoVersion(value.GetRawText()),
    };

    private static WorkflowException NoVersion(string text) => new(ErrorCodes.InvalidRequest,
        $"'{(text.Length <= 100 ? text : $"{text[..100]}…")}' isn't a version. Use Latest, Published, LatestOrPublished, LatestAndPublished, Draft, AllVersions, a number, or in a body {{\"version\":2}}.",
        $"所给的不是版本条件。可用：Latest、Published、LatestOrPublished、LatestAndPublished、Draft、AllVersions、版本号，或在请求内容中写 {{\"version\":2}}。");
}
