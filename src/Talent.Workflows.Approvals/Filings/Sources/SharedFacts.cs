using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Integrations.Records;

namespace Talent.Workflows.Approvals.Filings.Sources;

/// <summary>What other offices know of an applicant, as forms and materials name it (R-CASE-3, R-CASE-5). Pure.</summary>
internal static class SharedFacts
{
    /// <summary>Facts that waive materials: <c>shared.degree</c>, <c>shared.fullTimeDegree</c> (普通全日制 alone), <c>shared.title</c>.</summary>
    public static readonly IReadOnlyList<string> Facts = [Prefix + Degree, FullTimeDegree, Prefix + Title];

    private const string Prefix = "shared.", Degree = "degree", Title = "title", FullTimeDegree = Prefix + "fullTimeDegree", Mode = "degree.mode";

    private static readonly OfferSource Source = new(ValueSources.Shared);

    /// <summary>The fields that take something of a fact, such as <c>degree</c>; null: of any.</summary>
    public static IEnumerable<FormField> Fields(Form form, string? fact = null) =>
        form.Definition.Steps.SelectMany(s => s.Fields).Where(f => f.Shared is { } shared && (fact is null || shared.StartsWith($"{fact}.", StringComparison.Ordinal)));

    /// <summary>Whether the form has what proves such a fact.</summary>
    public static bool CanProve(string fact, Form form) => Facts.Contains(fact) && Fields(form, Kind(fact)).Any(f => fact != FullTimeDegree || f.Shared == Mode);

    public static bool AsksDegrees(Form form) => Fields(form, Degree).Any();

    public static bool AsksTitles(Form form) => Fields(form, Title).Any();

    /// <summary>What was found for the fields; of several degrees or titles the one whose number is given, in the form or besides.</summary>
    public static IEnumerable<FieldOffer> Offers(Form form, SharedRecords records, JsonElement data, params IEnumerable<string?> numbers)
    {
        var given = Fields(form).Where(f => f.Shared is "degree.certificateNumber" or "title.certificateNumber").Select(f => FormData.Text(FormData.Find(data, f.Key)))
            .Concat(numbers).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        var (degree, title) = (RecordValues.Degree(records, given), RecordValues.Title(records, given));
        return Fields(form).OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => FieldOffer.Of(f, RecordValues.Text(f.Shared, degree, title), Source));
    }

    /// <summary>
    /// Since when shared data proves what the form says of a fact: at least one of its values is from there, and none from anywhere else; of a
    /// full-time degree the mode of study is among them. Null: it doesn't.
    /// </summary>
    /// <param name="fact">Such as <c>shared.degree</c>.</param>
    public static DateTimeOffset? ProvenAt(string fact, Form form, SourceMap sources, JsonElement data)
    {
        DateTimeOffset? at = null;
        if (fact == FullTimeDegree && !Fields(form, Degree).Any(f => f.Shared == Mode && FormData.Text(FormData.Find(data, f.Key)) == RecordValues.FullTime))
            return null;
        foreach (var field in Fields(form, Kind(fact)))
        {
            if (FormData.Find(data, field.Key) is not { } value || FormData.IsEmpty(value))
                continue;
            if (sources.Of(field.Key) is not { Source: ValueSources.Shared } source)
                return null;
            at = at > source.At ? at : source.At;
        }
        return at;
    }

    private static string Kind(string fact) => fact == FullTimeDegree ? Degree : fact[Prefix.Length..];
}
