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
    private const int IdLength = 18;

    private readonly FrozenDictionary<string, BoundField> fields;
    private readonly JsonElement data;
    private readonly DateOnly today;
    private readonly DateOnly filedOn;
    private readonly List<FormError> errors = [];

    private RuleChecks(FrozenDictionary<string, BoundField> fields, JsonElement data, DateOnly today, DateOnly filedOn) => (this.fields, this.data, this.today, this.filedOn) = (fields, data, today, filedOn);

    /// <param name="data">A JSON object.</param>
    /// <param name="phase">Rules of fields of later phases don't count yet.</param>
    /// <returns>In the order of the rules, each with its rule's id.</returns>
    public static IReadOnlyList<FormError> Of(FormDefinition definition, FrozenDictionary<string, BoundField> fields, JsonElement data, int phase, DateOnly today, DateOnly filedOn)
    {
        var checks = new RuleChecks(fields, data, today, filedOn);
        foreach (var rule in definition.Rules)
        {
            var path = rule.At.Split('.');
            var top = fields[path[0]];
            if (top.Step.Phase <= phase && (top.Step.When?.Holds(data) ?? true) && (top.Field.When?.Holds(data) ?? true))
                checks.Check(rule, top, path.Length == 2 ? top.Row![path[1]] : null);
        }
        return checks.errors;
    }

    /// <param name="inner">The field of the group's rows that is judged; null: the field itself.</param>
    private void Check(FormRule rule, BoundField top, BoundField? inner)
    {
        if (inner is not null)
        {
            foreach (var (index, row) in Rows(top.Field.Key))
                if (rule.When?.Holds(data, row) ?? true)
                    Single(rule, inner, row, top.Row, $"{top.Field.Key}[{index}].{inner.Field.Key}", index);
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
                Single(rule, top, null, fields, top.Field.Key, null);
                break;
        }
    }

    /// <summary>A check of one value.</summary>
    /// <param name="beside">The fields of its row, or of the form.</param>
    private void Single(FormRule rule, BoundField bound, JsonElement? row, FrozenDictionary<string, BoundField>? beside, string path, int? index)
    {
        var field = bound.Field;
        var value = FormData.Find(row, field.Key) ?? FormData.Find(data, field.Key);
        if (rule.Check is RuleCheck.MatchesId)
        {
            if (IdOf(beside![rule.Number!], row) is var (born, male) && Beside(field.Key, row) is var own && (field.Type is FieldType.Choice
                ? FormData.Text(own) is { } code && bound.Codes!.ContainsKey(code) && code != (male ? rule.Male : rule.Female)
                : Date(own) is { } day && day != born))
                Broken(rule, field, path, index);
        }
        else if (rule.Check is RuleCheck.AgeAtFiling)
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
        ? FormData.Text(value) is { Length: IdLength } id ? DayIn(id) : null
        : Date(value);

    /// <summary>What the resident identity number in a field says of whom it is; null: there is none, or one that its own check refuses.</summary>
    private (DateOnly Born, bool Male)? IdOf(BoundField number, JsonElement? row)
    {
        if (!(number.Step.When?.Holds(data) ?? true) || !(number.Field.When?.Holds(data, row) ?? true)
            || FormData.Text(Beside(number.Field.Key, row)) is not { Length: IdLength } id || !id[..^1].All(char.IsAsciiDigit) || CheckOf(number, row, id)?.Invoke(id) != true)
            return null;
        return DayIn(id) is { } born ? (born, (id[16] - '0') % 2 == 1) : null;
    }

    /// <summary>The check of resident identity numbers, where the number is of a document that has one.</summary>
    private TextCheck? CheckOf(BoundField number, JsonElement? row, string id) => number.Field.Type is FieldType.ResidentId ? number.Check
        : FormData.Text(Beside(number.Field.Kind!, row) ?? FormData.Find(data, number.Field.Kind!)) is { } kind && number.Kinds!.TryGetValue(kind, out var document)
            && document.Entry.Check == FormBinder.ResidentIdCheck && document.Pattern?.IsMatch(id) != false ? document.Check : null;

    /// <summary>A field of the row, or of the form.</summary>
    private JsonElement? Beside(string name, JsonElement? row) => row is { } own ? FormData.Find(own, name) : FormData.Find(data, name);

    private static DateOnly? DayIn(string id) =>
        DateOnly.TryParseExact(id.AsSpan(6, 8), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var born) && born.Year is >= 1900 and <= 2100 ? born : null;

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
