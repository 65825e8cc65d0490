using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Integrations.Records;

namespace Talent.Workflows.Approvals.Filings.Sources;

/// <summary>What other offices know of an applicant, as forms and materials name it (R-CASE-3, R-CASE-5). Pure.</summary>
internal static class SharedFacts
{
    /// <summary>Facts that waive materials: <c>shared.degree</c>, <c>shared.title</c>.</summary>
    public static readonly IReadOnlyList<string> Facts = [Prefix + Degree, Prefix + Title];

    /// <summary>What a form field may be filled in with.</summary>
    public static readonly IReadOnlyList<string> Values = ["degree.certificateNumber", "degree.school", "degree.level", "degree.awardedOn", "title.certificateNumber", "title.title", "title.grade", "title.awardedOn"];

    private const string Prefix = "shared.", Degree = "degree", Title = "title";

    /// <summary>The fields that take something of a fact, such as <c>degree</c>; null: of any.</summary>
    public static IEnumerable<FormField> Fields(Form form, string? fact = null) =>
        form.Definition.Steps.SelectMany(s => s.Fields).Where(f => f.Shared is { } shared && (fact is null || shared.StartsWith($"{fact}.", StringComparison.Ordinal)));

    public static bool AsksDegrees(Form form) => Fields(form, Degree).Any();

    public static bool AsksTitles(Form form) => Fields(form, Title).Any();

    /// <summary>What was found for a field; of several degrees or titles the one whose number the form has, else the first. Null: nothing.</summary>
    public static string? ValueOf(FormField field, SharedRecords records, Form form, JsonElement data)
    {
        var degree = Pick(records.Degrees, d => d.CertificateNumber, form, data, "degree.certificateNumber");
        var title = Pick(records.Titles, t => t.CertificateNumber, form, data, "title.certificateNumber");
        return field.Shared switch
        {
            "degree.certificateNumber" => degree?.CertificateNumber,
            "degree.school" => degree?.School,
            "degree.level" => degree?.Level,
            "degree.awardedOn" => Text(degree?.AwardedOn, field),
            "title.certificateNumber" => title?.CertificateNumber,
            "title.title" => title?.Title,
            "title.grade" => title?.Grade,
            "title.awardedOn" => Text(title?.AwardedOn, field),
            _ => null,
        };
    }

    /// <summary>Since when shared data proves what the form says of a fact: at least one of its values is from there, and none from anywhere else. Null: it doesn't.</summary>
    /// <param name="fact">Such as <c>shared.degree</c>.</param>
    public static DateTimeOffset? ProvenAt(string fact, Form form, SourceMap sources, JsonElement data)
    {
        DateTimeOffset? at = null;
        foreach (var field in Fields(form, fact[Prefix.Length..]))
        {
            if (FormData.Find(data, field.Key) is not { } value || FormData.IsEmpty(value))
                continue;
            if (sources.Of(field.Key) is not { Source: ValueSources.Shared } source)
                return null;
            at = at > source.At ? at : source.At;
        }
        return at;
    }

    private static T? Pick<T>(IReadOnlyList<T> found, Func<T, string> number, Form form, JsonElement data, string shared) where T : class
    {
        var given = Fields(form).Where(f => f.Shared == shared).Select(f => FormData.Text(FormData.Find(data, f.Key))).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        return found.FirstOrDefault(f => given.Contains(number(f))) ?? (found.Count > 0 ? found[0] : null);
    }

    private static string? Text(DateOnly? date, FormField field) => date?.ToString(field.Type == FieldType.Month ? "yyyy-MM" : "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
