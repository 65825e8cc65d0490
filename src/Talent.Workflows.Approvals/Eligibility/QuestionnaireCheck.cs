using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>What <c>questionnaire.json</c> must hold beyond its shape: every way ends at a result, and nothing lies beside the ways.</summary>
internal sealed class QuestionnaireCheck(QuestionnaireFile file, EligibilityFile conditions)
{
    internal const string FileName = "questionnaire.json";

    private const int MostQuestions = 100, MostOptions = 30;

    private readonly List<ContentError> errors = [];

    public IReadOnlyList<ContentError> Errors()
    {
        Want(file.Questions.Count is > 0 and <= MostQuestions, "questions", $"1 to {MostQuestions} questions");
        Want(file.Questions.DistinctBy(q => q.Id).Count() == file.Questions.Count, "questions", "an id stands twice; give each question its own");
        Want(file.Results.DistinctBy(r => r.Id).Count() == file.Results.Count, "results", "an id stands twice; give each result its own");
        Want(file.Questions.Any(q => q.Id == file.First), "first", $"there is no question '{file.First}'");
        for (var i = 0; i < file.Questions.Count; i++)
            Question(file.Questions[i], $"questions[{i}]");
        for (var i = 0; i < file.Results.Count; i++)
            foreach (var id in file.Results[i].Conditions.Where(id => conditions.Conditions.All(c => c.Id != id)))
                Want(false, $"results[{i}].conditions", $"there is no condition '{id}'");
        if (errors.Count == 0)
            Ways();
        return errors;
    }

    private void Question(QuestionFile question, string at)
    {
        Want(question.Zh.Length > 0 && question.En.Length > 0 && question.Source.Length > 0, at, "it needs zh, en and the source where it stands");
        Want(question.CodeTable is null || conditions.CodeTables.ContainsKey(question.CodeTable), $"{at}.codeTable", $"there is no code table '{question.CodeTable}' in {RulesBinder.FileName}");
        Want(question.Options.Count is > 1 and <= MostOptions && question.Options.DistinctBy(o => o.Id).Count() == question.Options.Count, $"{at}.options", $"2 to {MostOptions} options, each with an id of its own");
        for (var i = 0; i < question.Options.Count; i++)
        {
            var (option, path) = (question.Options[i], $"{at}.options[{i}]");
            Want(option.Next is null != option.Result is null, path, "it leads nowhere, or to two places: give either next or result");
            Want(option.Next is null || file.Questions.Any(q => q.Id == option.Next), $"{path}.next", $"there is no question '{option.Next}'");
            Want(option.Result is null || file.Results.Any(r => r.Id == option.Result), $"{path}.result", $"there is no result '{option.Result}'");
            foreach (var (key, value) in option.Facts ?? new Dictionary<string, System.Text.Json.JsonElement>())
                if (conditions.Facts.FirstOrDefault(f => f.Key == key) is not { } fact)
                    Want(false, $"{path}.facts.{key}", $"there is no fact '{key}' in {RulesBinder.FileName}");
                else
                    Want(fact.From.Contains(FactSource.Applicant) && SaidFacts.Read(conditions, fact, value) is not null, $"{path}.facts.{key}", $"no value of type {fact.Type}, not in its code table, or the fact doesn't come from the applicant");
        }
    }

    private void Ways()
    {
        var (state, used) = (new Dictionary<string, bool>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        Visit(file.First);
        for (var i = 0; i < file.Questions.Count; i++)
            Want(state.ContainsKey(file.Questions[i].Id), $"questions[{i}]", "no way leads to this question; lead one to it, or remove it");
        for (var i = 0; i < file.Results.Count; i++)
            Want(used.Contains(file.Results[i].Id), $"results[{i}]", "no way leads to this result; lead one to it, or remove it");

        // At most MostQuestions deep: each is entered once.
        void Visit(string id)
        {
            state[id] = false;
            foreach (var option in file.Questions.First(q => q.Id == id).Options)
                if (option.Result is { } result)
                    used.Add(result);
                else if (!state.TryGetValue(option.Next!, out var done))
                    Visit(option.Next!);
                else
                    Want(done, $"questions[{file.Questions.ToList().FindIndex(q => q.Id == id)}].options", $"'{option.Id}' leads back to '{option.Next}', so the questions would never end");
            state[id] = true;
        }
    }

    private void Want(bool holds, string path, string message)
    {
        if (!holds)
            errors.Add(new ContentError(FileName, path, message));
    }
}
