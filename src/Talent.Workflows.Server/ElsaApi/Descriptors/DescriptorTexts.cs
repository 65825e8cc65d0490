using System.Text.Json;
using Talent.Workflows.Engine.Activities;

namespace Talent.Workflows.Server.ElsaApi.Descriptors;

/// <summary>
/// What an administrator reads of activities, in one language. Elsa's own activities are described in English where they
/// are written, and in Chinese in <c>Texts/zh-CN.json</c>; the domain's carry both, Chinese first, and what they lack is in
/// <c>Texts/en.json</c>.
/// </summary>
internal sealed class DescriptorTexts
{
    private readonly Words words;
    private readonly bool chinese;

    private DescriptorTexts(string file, bool chinese)
    {
        this.chinese = chinese;
        using var stream = typeof(DescriptorTexts).Assembly.GetManifestResourceStream($"Talent.Workflows.Server.ElsaApi.Descriptors.{file}.json")
            ?? throw new InvalidOperationException($"The texts of {file} are missing in the assembly.");
        words = JsonSerializer.Deserialize<Words>(stream, JsonSerializerOptions.Web)!;
    }

    public static DescriptorTexts Chinese { get; } = new("zh-CN", chinese: true);
    public static DescriptorTexts English { get; } = new("en", chinese: false);

    /// <summary>Chinese for browsers that prefer Chinese, else English.</summary>
    public static DescriptorTexts For(HttpRequest request)
    {
        var preferred = request.GetTypedHeaders().AcceptLanguage.Where(l => (l.Quality ?? 1) > 0).OrderByDescending(l => l.Quality ?? 1).FirstOrDefault();
        return preferred is not null && preferred.Value.StartsWith("zh", StringComparison.OrdinalIgnoreCase) ? Chinese : English;
    }

    /// <summary>One of two texts, by the language.</summary>
    public string Of(string zh, string en) => chinese ? zh : en;

    public string Category(string category) => words.Categories.GetValueOrDefault(category, category);

    public string Port(string port) => words.Ports.GetValueOrDefault(port, port);

    public string Name(ActivityDescriptor activity) => Find(activity)?.Name ?? Part(activity.DisplayName) ?? activity.DisplayName;

    public string About(ActivityDescriptor activity) => Find(activity)?.About ?? Part(activity.Description) ?? activity.Description;

    public (string Name, string About) Input(ActivityDescriptor activity, IInput input) =>
        Find(activity)?.Inputs.GetValueOrDefault(input.Name) is [var name, var about] ? (name, about)
            : (Part(input.DisplayName) ?? input.DisplayName, Part(input.Description) ?? input.Description);

    public string Output(ActivityDescriptor activity, Output output) =>
        Find(activity)?.Outputs.GetValueOrDefault(output.Name) ?? Part(output.DisplayName) ?? output.DisplayName;

    public string Choice(string text) => words.Choices.GetValueOrDefault(text) ?? Part(text) ?? text;

    private ActivityWords? Find(ActivityDescriptor activity) => words.Activities.GetValueOrDefault(activity.Type);

    /// <summary>The part of a text in this language, when it is written in both, Chinese first.</summary>
    private string? Part(string text)
    {
        var end = text.Length;
        while (end > 0 && text[end - 1] < '\u2e80')
            end--;
        var part = chinese ? text[..end] : text[end..];
        return string.IsNullOrWhiteSpace(part) ? null : part.Trim();
    }

    private sealed record Words
    {
        public Dictionary<string, string> Categories { get; init; } = [];
        public Dictionary<string, string> Ports { get; init; } = [];
        public Dictionary<string, string> Choices { get; init; } = [];
        public Dictionary<string, ActivityWords> Activities { get; init; } = [];
    }

    private sealed record ActivityWords
    {
        public string? Name { get; init; }
        public string? About { get; init; }
        public Dictionary<string, string[]> Inputs { get; init; } = [];
        public Dictionary<string, string> Outputs { get; init; } = [];
    }
}
