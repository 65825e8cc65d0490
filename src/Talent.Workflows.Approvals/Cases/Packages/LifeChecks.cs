using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Reviews;

namespace Talent.Workflows.Approvals.Cases.Packages;

/// <summary>What a service says of the life of its cases: the words for where they stand, when they are filed again, which stage accepts them (R-CASE-6, R-CASE-9).</summary>
internal static class LifeChecks
{
    private const string File = "service.json";
    private const int LongestWord = 40, LongestNote = 300;

    public static IEnumerable<ContentError> Errors(ServiceDefinition service)
    {
        HashSet<string> stages = [.. service.Phases.SelectMany(p => p.Stages).Select(s => s.Key)];
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (PositionWord word in service.Words)
        {
            string at = $"words[{word.At}]";
            if (!stages.Contains(word.At) && StatusWord.Find(word.At) is null)
            {
                yield return new(File, at, $"'{word.At}' is no stage of phases and no status; statuses are {string.Join(", ", StatusWord.All.Select(w => w.Code))}");
            }

            if (!seen.Add(word.At))
            {
                yield return new(File, at, $"'{word.At}' has two words; keep one");
            }

            foreach (string? text in (string?[])[word.Zh, word.En, word.Employer?.Zh, word.Employer?.En, word.Reviewer?.Zh, word.Reviewer?.En])
            {
                if (text is not null && (string.IsNullOrWhiteSpace(text) || text.Length > LongestWord))
                {
                    yield return new(File, at, $"a word has 1 to {LongestWord} characters");
                }
            }

            if ((word.NoteZh is null) != (word.NoteEn is null) || word.NoteZh?.Length is 0 or > LongestNote || word.NoteEn?.Length is 0 or > LongestNote)
            {
                yield return new(File, at, $"a note is given in both languages, with 1 to {LongestNote} characters each");
            }
        }

        if (service.Refile is not { } refile)
        {
            yield break;
        }

        if (refile.After.Count == 0 || refile.After.Distinct(StringComparer.Ordinal).Count() != refile.After.Count)
        {
            yield return new(File, "refile.after", "names the statuses after which a case is filed again, each once");
        }

        foreach (string code in refile.After.Where(c => StatusWord.Find(c) is not { Status: CaseStatus.Rejected or CaseStatus.Refused or CaseStatus.Withdrawn or CaseStatus.Completed }))
        {
            yield return new(File, "refile.after", $"'{code}' is no status that a case ends in after it was submitted; use rejected, refused, withdrawn or completed, or a word of these");
        }

        if (string.IsNullOrWhiteSpace(refile.Zh) || string.IsNullOrWhiteSpace(refile.En))
        {
            yield return new(File, "refile", "zh and en say what the act is called");
        }
    }

    /// <summary>A stage that accepts cases is a review, and 不予受理 leads to the status of that.</summary>
    public static IEnumerable<ContentError> Errors(ServiceDefinition service, JsonNode definition)
    {
        foreach (string stage in service.Acceptance ?? [])
        {
            string at = $"phases.stages[{stage}].acceptance";
            if (Find(definition["root"], stage) is not ({ } chart, { } activity) || (string?)activity["type"] != ReviewStage.TypeName)
            {
                yield return new(File, at, $"'{stage}' is no {ReviewStage.TypeName} of definition.json, which decides on acceptance");
                continue;
            }

            foreach (JsonNode connection in Items(chart["connections"]).Where(c => (string?)c["source"]?["activity"] == stage && (string?)c["source"]?["port"] == nameof(DecisionOutcome.Refuse)))
            {
                if (Items(chart["activities"]).FirstOrDefault(a => (string?)a["id"] == (string?)connection["target"]?["activity"]) is { } next && (string?)next["type"] == "Talent.SetStatus"
                    && next["status"]?["expression"]?["value"] is JsonValue value && value.GetValueKind() == JsonValueKind.String && StatusWord.Find((string)value!)?.Status is not CaseStatus.Refused)
                {
                    yield return new("definition.json", $"{stage}.Refuse", "不予受理 ends a case as refused; connect it to a Talent.SetStatus with that status");
                }
            }
        }
    }

    private static (JsonNode Chart, JsonNode Activity)? Find(JsonNode? node, string id)
    {
        if (node is not JsonObject)
        {
            return null;
        }

        foreach (JsonNode activity in Items(node["activities"]))
        {
            if ((string?)activity["id"] == id)
            {
                return (node, activity);
            }

            if (Find(activity, id) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static IEnumerable<JsonNode> Items(JsonNode? array) => (array as JsonArray ?? []).OfType<JsonNode>();
}
