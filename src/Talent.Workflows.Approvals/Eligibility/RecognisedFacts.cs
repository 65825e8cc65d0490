using System.Text.Json;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>Facts that recognised documents say (R-INT-4): suggestions, which give way to what the applicant says. Pure.</summary>
internal static class RecognisedFacts
{
    /// <summary>By the names of the declarations; a word that nobody knows says nothing.</summary>
    public static Dictionary<string, KnownFact> Of(EligibilityFile file, IReadOnlyList<SessionRecognition> recognitions)
    {
        var facts = new Dictionary<string, KnownFact>(StringComparer.Ordinal);
        foreach (var fact in file.Facts)
            if (fact.Recognised is { } from && fact.From.Contains(FactSource.Recognition)
                && recognitions.Where(r => r.Kind == from.Kind).SelectMany(r => r.Document.Fields).Where(f => f.Name == from.Field).Select(f => Value(file, fact, from, f.Value.Trim())).FirstOrDefault(v => v is not null) is { } value)
                facts[fact.Key] = new KnownFact(value, FactSource.Recognition);
        return facts;
    }

    private static FactValue? Value(EligibilityFile file, FactDeclaration fact, FactRecognition from, string word) => from.Codes is not { } codes ? SaidFacts.Read(file, fact, JsonSerializer.SerializeToElement(word))
        : codes.TryGetValue(word, out var said) ? SaidFacts.Read(file, fact, said) : null;
}
