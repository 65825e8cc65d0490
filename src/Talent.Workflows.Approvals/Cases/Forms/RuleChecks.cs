using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>
/// Whether the rules of a form hold. Any JSON may be given: what a field's own check refuses, such as a date that is none, no rule
/// judges a second time.
/// </summary>
internal sealed class RuleChecks
{
    private readonly JsonElement data;
    private readonly DateOnly today;
    private readonly DateOnly filedOn;
    private readonly List<FormError> errors = [];

    private RuleChecks(JsonElement data, DateOnly today, DateOnly filedOn) => (this.data, this.today, this.filedOn) = (data, today, filedOn);

    /// <param name="data">A JSON object.</param>
    /// <param name="phase">Rules of fields of later phases don't count yet.</param>
    /// <returns>In the order of the rules, each with its rule's id.</returns>
    public static IReadOnlyList<FormError> Of(FormDefinition definition, FrozenDictionary<string, BoundField> fields, JsonElement data, int phase, DateOnly today, DateOnly filedOn)
    {
        var checks = new RuleChecks(data, today, filedOn);
        foreach (var rule in definition.Rules)
        {
            var path = rule.At.Split('.');
            var top = fields[path[0]];
            if (top.Step.Phase <= phase && (top.Step.When?.Holds(data) ?? true) && (top.Field.When?.Holds(data) ?? true))
                checks.Check(rule, top, path.Length == 2 ? top.Row![path[1]].Field : null);
        }
        return checks.errors;
    }

    /// <param name="inner">The field of the group's rows that is judged; null: the field itself.</param>
    private void Check(FormRule rule, BoundField top, FormField? inner)
    {
        if (inner is not null)
        {
            foreach (var (index, row) in Rows(top.Field.Key))
                if (rule.When?.Holds(data, row) ?? true)
                    Single(rule, inner, row, $"{top.Field.Key}[{index}].{inner.Key}", index);
            return;
        }
        if (rule.When?.Holds(data) == false)
            return;
        switch (rule.Check)
        {
            case RuleCheck.Unique:
                Unique(rule, top.Field);
                break;
            case RuleCheck.NoOverlap or RuleCheck.NoGap:
                Periods(rule, top);
                break;
            case RuleCheck.Sum:
                Sum(rule, top.Field);
                break;
            case RuleCheck.AnyOf:
                if (rule.Fields!.All(name => FormData.Find(data, name) is not { } value || FormData.IsEmpty(value)))
                    Broken(rule, top.Field, top.Field.Key);
                break;
            default:
                Single(rule, top.Field, null, top.Field.Key, null);
                break;
        }
    }

    /// <summary>A check of one value.</summary>
    private void Single(FormRule rule, FormField field, JsonElement? row, string path, int? index)
    {
        var value = FormData.Find(row, field.Key) ?? FormData.Find(data, field.Key);
        if (rule.Check is RuleCheck.AgeAtFiling)
        {
            if (BornOn(field, value) is { } born && Age(born, filedOn) is var age && (age < rule.Min || age > rule.Max))
                Broken(rule, field, path, index);
        }
        else if (Date(value) is { } date && (rule.Than == "today" ? today : Date(FormData.Find(row, rule.Than!) ?? FormData.Find(data, rule.Than!))) is { } than
            && (rule.Check is RuleCheck.Before ? date >= than : date <= than))
        {
            Broken(rule, field, path, index);
        }
    }

    private void Unique(FormRule rule, FormField group)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, row) in Rows(group.Key))
        {
            var parts = rule.By!.Select(name => Value(FormData.Find(row, name))).ToArray();
            if (!Array.Exists(parts, p => p is null) && !seen.Add(string.Join('\0', parts)))
                Broken(rule, group, $"{group.Key}[{index}].{rule.By![0]}", index);
        }
    }

    private void Periods(FormRule rule, BoundField group)
    {
        var periods = Rows(group.Field.Key).Select(r => (r.Index, From: Date(FormData.Find(r.Row, rule.From!)), To: FormData.Find(r.Row, rule.To!) is { } to && !FormData.IsEmpty(to) ? Date(to) : DateOnly.MaxValue))
            .Where(p => p.From <= p.To).Select(p => (p.Index, From: p.From!.Value, To: p.To!.Value)).OrderBy(p => p.From).ThenBy(p => p.To).ToArray();
        var months = group.Row![rule.From!].Field.Type is FieldType.Month;
        var latest = DateOnly.MinValue;
        for (var i = 0; i < periods.Length; latest = periods[i].To > latest ? periods[i].To : latest, i++)
        {
            var (index, from, to) = periods[i];
            if (i == 0)
                continue;
            // The month after, or the day after, there is no gap yet.
            var broken = rule.Check is RuleCheck.NoOverlap ? from < latest && periods.Take(i).Any(p => p.From < to && from < p.To)
                : latest < DateOnly.MaxValue && from > (months ? latest.AddMonths(rule.Months!.Value + 1) : latest.AddMonths(rule.Months!.Value).AddDays(1));
            if (broken)
                Broken(rule, group.Field, $"{group.Field.Key}[{index}].{rule.From}", index);
        }
    }

    private void Sum(FormRule rule, FormField group)
    {
        // Far beyond what any form counts, and far from what a decimal can't hold.
        const decimal Largest = 1e24m;
        var sum = Rows(group.Key).Select(r => FormData.Find(r.Row, rule.Field!)).Sum(v => v is { ValueKind: JsonValueKind.Number } number && number.TryGetDecimal(out var d) ? Math.Clamp(d, -Largest, Largest) : 0);
        if (sum < rule.Min || sum > rule.Max)
            Broken(rule, group, group.Key);
    }

    private IEnumerable<(int Index, JsonElement Row)> Rows(string group) =>
        FormData.Find(data, group) is { ValueKind: JsonValueKind.Array } rows ? rows.EnumerateArray().Take(FormBinder.MostRows).Select((row, index) => (index, row)) : [];

    /// <summary>Dates of people's lives; others are the field's own error.</summary>
    private static DateOnly? Date(JsonElement? value) => FieldRules.DateOf(value) is { Year: >= 1900 and <= 2100 } date ? date : null;

    private static DateOnly? BornOn(FormField field, JsonElement? value) => field.Type is FieldType.ResidentId
        ? FormData.Text(value) is { Length: 18 } id && DateOnly.TryParseExact(id.AsSpan(6, 8), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var born) && born.Year is >= 1900 and <= 2100 ? born : null
        : Date(value);

    private static int Age(DateOnly born, DateOnly on) => on.Year - born.Year - (on < born.AddYears(on.Year - born.Year) ? 1 : 0);

    private static string? Value(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.String } text => FormData.Text(text)?.Trim() is { Length: > 0 } filled ? filled : null,
        { ValueKind: JsonValueKind.Number } number => number.TryGetDecimal(out var d) ? d.ToString("G29", CultureInfo.InvariantCulture) : null,
        { ValueKind: JsonValueKind.True } => "true",
        { ValueKind: JsonValueKind.False } => "false",
        _ => null,
    };

    private void Broken(FormRule rule, FormField field, string path, int? row = null)
    {
        var zh = row is { } index ? $"“{field.Zh}”第{index + 1}条：{rule.Zh}" : rule.Zh.Contains($"“{field.Zh}”", StringComparison.Ordinal) ? rule.Zh : $"“{field.Zh}”{rule.Zh}";
        var en = row is { } place ? $"Row {place + 1} of {field.En}: {rule.En}" : rule.En.Contains(field.En, StringComparison.Ordinal) ? rule.En : $"{field.En}: {rule.En}";
        errors.Add(new FormError(path, FormErrorCodes.Rule, zh, en) { Rule = rule.Id });
    }
}
