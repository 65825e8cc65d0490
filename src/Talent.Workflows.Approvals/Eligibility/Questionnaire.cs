using System.Collections.Frozen;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>A questionnaire that was checked: from its first question every way ends at a result. Immutable.</summary>
/// <remarks>Source: R-ELG-2.</remarks>
public sealed class Questionnaire
{
    private readonly FrozenDictionary<string, QuestionFile> questions;

    internal Questionnaire(QuestionnaireFile file) => (File, questions) = (file, file.Questions.ToFrozenDictionary(q => q.Id, StringComparer.Ordinal));

    public QuestionnaireFile File { get; }

    public QuestionFile? Question(string id) => questions.GetValueOrDefault(id);

    /// <summary>Follows answers from the first question. Those that don't fit the tree any more, because its files have changed, are left out with all that come after them.</summary>
    public QuestionnairePlace Follow(IReadOnlyList<GivenAnswer> answers)
    {
        var given = new List<(QuestionFile, OptionFile)>();
        var at = questions[File.First];
        foreach (var answer in answers)
        {
            if (answer.Question != at.Id || at.Options.FirstOrDefault(o => o.Id == answer.Option) is not { } option)
                break;
            given.Add((at, option));
            if (option.Next is null)
                return new QuestionnairePlace(given, null, File.Results.First(r => r.Id == option.Result));
            at = questions[option.Next];
        }
        return new QuestionnairePlace(given, at, null);
    }
}

/// <summary>An answer as it is kept.</summary>
public sealed record GivenAnswer(string Question, string Option);

/// <summary>Where answers lead to: a question that is open, or a result.</summary>
public sealed record QuestionnairePlace(IReadOnlyList<(QuestionFile Question, OptionFile Option)> Given, QuestionFile? Open, QuestionnaireResult? Result);
