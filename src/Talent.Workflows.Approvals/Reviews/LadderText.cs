using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>
/// The ladder as definitions write it: <c>[{ "at": "-1wd", "do": "remind" }, { "at": "0", "do": "overdue" },
/// { "at": "+1wd", "do": "tell_superior" }, { "at": "+2wd", "do": "reassign" }, { "at": "+5wd", "do": "decide", "outcome": "approve" }]</c>.
/// <c>at</c> also takes the long form (<c>1wd before@09:00</c>, <c>due</c>). <c>overdue</c> is a reminder at or after the deadline.
/// <c>id</c> is what a step is remembered by: one that keeps its id can be moved without being done twice.
/// </summary>
public static class LadderText
{
    /// <exception cref="WorkflowException"><c>invalid_input</c>, naming the step.</exception>
    public static IReadOnlyList<EscalationRule> Read(IReadOnlyList<JsonElement>? steps)
    {
        if (steps is null or { Count: 0 })
            return [];
        var rules = new List<EscalationRule>(steps.Count);
        foreach (var step in steps)
        {
            try
            {
                rules.Add(Rule(step));
            }
            catch (FormatException e)
            {
                throw new WorkflowException(ErrorCodes.InvalidInput, $"Ladder step {step.GetRawText()}: {e.Message}", $"超时升级步骤 {step.GetRawText()} 不正确。", e);
            }
        }
        return rules;
    }

    private static EscalationRule Rule(JsonElement step)
    {
        if (step.ValueKind != JsonValueKind.Object)
            throw new FormatException("write an object with \"at\" and \"do\".");
        var kind = Text(step, "do") switch
        {
            "remind" or "overdue" => EscalationKind.Remind,
            "tell_superior" => EscalationKind.TellSuperior,
            "reassign" => EscalationKind.Reassign,
            "decide" => EscalationKind.DecideByRule,
            var other => throw new FormatException($"\"do\" is remind, overdue, tell_superior, reassign or decide, not \"{other}\"."),
        };
        DecisionOutcome? outcome = null;
        if (Text(step, "outcome") is { } word)
            outcome = DecisionWords.TryParse(word, out var parsed) && parsed != DecisionOutcome.Abstain ? parsed : throw new FormatException($"\"{word}\" isn't an outcome.");
        return new EscalationRule { Id = Text(step, "id"), Kind = kind, At = Offset(Text(step, "at") ?? throw new FormatException("\"at\" is missing.")), Outcome = outcome };
    }

    internal static DeadlineOffset Offset(string text)
    {
        text = text.Trim();
        if (text is "0" or "")
            return DeadlineOffset.Due;
        if (text[0] is not ('-' or '+'))
            return DeadlineOffset.Parse(text);
        var (amount, at) = text.IndexOf('@', StringComparison.Ordinal) is var i and > 0 ? (text[1..i], text[i..]) : (text[1..], "");
        return DeadlineOffset.Parse($"{amount} {(text[0] == '-' ? "before" : "after")}{at}");
    }

    private static string? Text(JsonElement step, string name) =>
        step.TryGetProperty(name, out var value) ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText() : null;
}
