using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Integrations.Records;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>Checks a form's definition and makes its fields ready; everything wrong is reported at once.</summary>
internal sealed class FormBinder(FormDefinition definition, IReadOnlyDictionary<string, TextCheck> checks, string file)
{
    internal const string ResidentIdCheck = "residentId";
    private const int LongestText = 20_000;
    internal const int MostRows = 200;

    private readonly List<ContentError> _errors = [];
    private IReadOnlyList<FormField> _siblings = [];
    private readonly HashSet<string> _topLevel =
        definition.Steps.SelectMany(s => s.Fields).Select(f => f.Key).ToHashSet(StringComparer.Ordinal);

    /// <exception cref="ContentException">The definition can't be used.</exception>
    public FrozenDictionary<string, BoundField> Bind()
    {
        Dictionary<string, BoundField> fields = new(StringComparer.Ordinal);
        HashSet<string> steps = new(StringComparer.Ordinal);
        foreach (FormStep step in definition.Steps)
        {
            string at = $"steps[{step.Key}]";
            Want(steps.Add(step.Key), at, "the step's key is used twice; give each step its own");
            Want(step.Phase is 1 or 2, at, $"phase is {step.Phase}; it must be 1 (资格审核) or 2 (完善材料)");
            Want(step.Fields.Count > 0, at, "the step has no fields; add some or remove it");
            Condition(step.When, at, _ => false);
            BindFields(step, step.Fields, at, fields, inRow: false);
        }

        foreach ((string table, IReadOnlyList<CodeEntry> entries) in definition.CodeTables)
        {
            foreach (string flaw in CodeTables.Flaws(entries))
            {
                Want(false, $"codeTables.{table}", flaw);
            }
        }

        foreach (ContentError error in RuleFlaws.Of(definition, file))
        {
            _errors.Add(error);
        }

        Want(definition.MaxBytes is >= 1_024 and <= 1_048_576, "maxBytes", "must lie between 1024 and 1048576 bytes");
        return _errors.Count == 0 ? fields.ToFrozenDictionary(StringComparer.Ordinal) : throw new ContentException(_errors);
    }

    private void BindFields(FormStep step, IReadOnlyList<FormField> from, string at, Dictionary<string, BoundField> into, bool inRow)
    {
        HashSet<string> siblings = from.Select(f => f.Key).ToHashSet(StringComparer.Ordinal);
        foreach (FormField field in from)
        {
            _siblings = from;
            string path = $"{at}.{field.Key}";
            Want(Regex.IsMatch(field.Key, "^[a-z][A-Za-z0-9]{0,39}$"), path, "a key is lower camel case, at most 40 letters and digits");
            Want(field.Zh.Length > 0 && field.En.Length > 0, path, "the field needs a Chinese and an English label");
            Condition(field.When, path, siblings.Contains);
            foreach (string? bound in new[] { field.NotBefore, field.NotAfter })
            {
                Want(bound is null or "today" || siblings.Contains(bound) || _topLevel.Contains(bound), path, $"the date is compared with '{bound}', which the form doesn't have");
            }

            Want(into.TryAdd(field.Key, Ready(step, field, path, inRow)), path, "the key is used twice; give each field its own");
        }
    }

    private BoundField Ready(FormStep step, FormField f, string path, bool inRow)
    {
        bool text = f.Type is FieldType.Text;
        bool date = f.Type is FieldType.Date or FieldType.Month;
        Want(!text || f.MaxLength is > 0 and <= LongestText, path, $"a text field needs maxLength between 1 and {LongestText}");
        Want(text || (f.MinLength ?? f.MaxLength) is null && f.Pattern is null && f.Check is null && !f.Multiline && !f.Masked, path, "minLength, maxLength, pattern, check, multiline and masked belong to text fields");
        Want(f.Type is FieldType.Number or FieldType.Choices || f.Min is null && f.Max is null, path, "min and max belong to number and choices fields");
        Want(f.Type is not FieldType.Choices || (IsCount(f.Min) && IsCount(f.Max)), path, "min and max of choices are whole numbers from 0 on");
        Want(f.Type is FieldType.Number || f.Decimals is null, path, "decimals belongs to number fields");
        Want(f.Decimals is null or (>= 0 and <= 10), path, "decimals lies between 0 and 10");
        Want(f.Type is FieldType.Choice or FieldType.Choices or FieldType.Region == f.CodeTable is not null, path, "choice, choices and region, and nothing else, need a codeTable");
        Want(f.Level is null || (f.Type is FieldType.Region && CodeTables.Levels.Contains(f.Level)), path, $"level belongs to region fields and is one of {string.Join(", ", CodeTables.Levels)}");
        Want(f.Type is FieldType.DocumentNumber == f.Kind is not null, path, "a documentNumber, and nothing else, names by kind the choice that says which document it is");
        Want(f.HiddenFrom is null || !inRow, path, "hiddenFrom belongs to steps and to fields outside groups; hide the group");
        Want(f.Type is FieldType.Boolean || f.MustBe is null, path, "mustBe belongs to boolean fields");
        Want(date || f.NotBefore is null && f.NotAfter is null, path, "notBefore and notAfter belong to date and month fields");
        Want(f.Type is FieldType.Group == f.Fields is not null, path, "a group, and nothing else, needs fields");
        Want(f.Type is not FieldType.Group || f.MaxRows is > 0 and <= MostRows, path, $"a group needs maxRows between 1 and {MostRows}");
        Want(f.Type is FieldType.Group || f.MinRows is null && f.MaxRows is null, path, "minRows and maxRows belong to groups");
        Want((f.MinLength ?? 0) <= (f.MaxLength ?? int.MaxValue) && (f.MinRows ?? 0) <= (f.MaxRows ?? int.MaxValue)
            && (f.Min ?? decimal.MinValue) <= (f.Max ?? decimal.MaxValue), path, "the smallest is above the largest");
        Want(f.FilledFrom is null || (text && !inRow && FilledFields.Sources.Contains(f.FilledFrom)), path, $"filledFrom belongs to text fields outside groups and is one of {string.Join(", ", FilledFields.Sources)}");
        Want(f.Prefill is null || (!inRow && f.FilledFrom is null && f.Type is not (FieldType.Group or FieldType.File) && Regex.IsMatch(f.Prefill, "^profile\\.[a-z][A-Za-z0-9]*\\.[a-z][A-Za-z0-9]*$")), path, "prefill belongs to fields outside groups that aren't files, and names a field of the profile as profile.step.field");
        Want(f.Shared is null || (!inRow && f.FilledFrom is null && f.Type is FieldType.Text or FieldType.Choice or FieldType.Date or FieldType.Month && RecordValues.Names.Contains(f.Shared)), path, $"shared belongs to texts, choices, dates and months outside groups and is one of {string.Join(", ", RecordValues.Names)}");
        Want(f.FilledWith is null || (!inRow && f.FilledWith.All(w => _siblings.FirstOrDefault(s => s.Key == w.Key) is { Type: FieldType.Choice, CodeTable: { } table } && definition.CodeTables.TryGetValue(table, out var codes) && codes.Any(c => c.Code == w.Value))), path, "filledWith belongs to fields outside groups, and names choices beside it, each with one of its codes");
        Want(f.LastYears is null || (f.MinRows == f.MaxRows && f.Fields?.FirstOrDefault(r => r.Key == f.LastYears) is { Type: FieldType.Number }), path, "lastYears names a number field of a group that has as many rows at least as at most");
        Want(!inRow || f.Type is not FieldType.Group, path, "a group inside a group isn't possible");

        Dictionary<string, BoundField>? row = null;
        if (f is { Type: FieldType.Group, Fields: { } inner })
        {
            row = new(StringComparer.Ordinal);
            BindFields(step, inner, path, row, inRow: true);
        }

        return new BoundField
        {
            Field = f,
            Step = step,
            Pattern = PatternOf(f.Pattern, path),
            Check = CheckOf(f.Type is FieldType.ResidentId ? ResidentIdCheck : f.Check, path),
            Codes = CodesOf(f, path),
            Kinds = KindsOf(f, path),
            Row = row?.ToFrozenDictionary(StringComparer.Ordinal),
        };
    }

    private Regex? PatternOf(string? pattern, string path)
    {
        try
        {
            return pattern is null ? null : new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            Want(false, path, $"the pattern can't be used: {e.Message}");
            return null;
        }
    }

    private TextCheck? CheckOf(string? name, string path)
    {
        TextCheck? check = null;
        Want(name is null || checks.TryGetValue(name, out check), path, $"the check '{name}' isn't known; known are: {string.Join(", ", checks.Keys.Order(StringComparer.Ordinal))}");
        return check;
    }

    private FrozenDictionary<string, CodeEntry>? CodesOf(FormField f, string path)
    {
        IReadOnlyList<CodeEntry>? table = null;
        Want(f.CodeTable is null || definition.CodeTables.TryGetValue(f.CodeTable, out table), path, $"the code table '{f.CodeTable}' isn't in codeTables, nor a shared one; add it");
        Want(f.Type is not FieldType.Region || table is null || table.Any(e => e.Level is not null && (f.Level is null || e.Level == f.Level)), path, $"the code table '{f.CodeTable}' has no regions of that level");
        return table?.DistinctBy(e => e.Code).ToFrozenDictionary(e => e.Code, StringComparer.Ordinal);
    }

    private FrozenDictionary<string, DocumentKind>? KindsOf(FormField f, string path)
    {
        if (f.Kind is null)
        {
            return null;
        }

        FormField? kind = _siblings.FirstOrDefault(s => s.Key == f.Kind) ?? definition.Steps.SelectMany(s => s.Fields).FirstOrDefault(s => s.Key == f.Kind);
        if (kind is not { Type: FieldType.Choice, CodeTable: { } name } || !definition.CodeTables.TryGetValue(name, out IReadOnlyList<CodeEntry>? table))
        {
            Want(false, path, $"kind names '{f.Kind}', which is no choice of the form");
            return null;
        }

        foreach (CodeEntry entry in table.Where(e => e.Pattern is null && e.Check is null))
        {
            Want(false, path, $"the code table '{name}' doesn't say what numbers of '{entry.Code}' look like; give it a pattern or a check");
        }

        return table.DistinctBy(e => e.Code).ToFrozenDictionary(e => e.Code, e => new DocumentKind(e, PatternOf(e.Pattern, path), CheckOf(e.Check, path)), StringComparer.Ordinal);
    }

    private static bool IsCount(decimal? number) => number is null || (number >= 0 && number <= MostRows && decimal.Truncate(number.Value) == number);

    private void Condition(FormCondition? condition, string path, Func<string, bool> sibling)
    {
        string? flaw = condition?.Flaw(name => sibling(name) || _topLevel.Contains(name));
        Want(flaw is null, $"{path}.when", flaw ?? "");
    }

    private void Want(bool holds, string path, string message)
    {
        if (!holds)
        {
            _errors.Add(new ContentError(file, path, message));
        }
    }
}
