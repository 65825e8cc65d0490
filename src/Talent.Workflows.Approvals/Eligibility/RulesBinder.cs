using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Integrations.Recognition;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>Checks <c>conditions.json</c> and makes its tables ready; everything wrong is reported at once.</summary>
internal sealed partial class RulesBinder(EligibilityFile file, Form? form)
{
    internal const string FileName = "conditions.json";

    /// <summary>What isn't in a code table: allowed for every fact of type code.</summary>
    internal const string OtherCode = "other";

    private const int MostFacts = 100, MostTables = 50, MostRows = 200, MostInputs = 20, MostConditions = 200, MostCodes = 5_000;

    private readonly List<ContentError> errors = [];
    private readonly Dictionary<string, int> slots = new(StringComparer.Ordinal);
    private readonly List<FactType> types = [];
    private readonly List<string?> codeTables = [];
    private readonly List<(string Zh, string En)> names = [];

    /// <exception cref="ContentException">Something can't be used.</exception>
    public EligibilityRules Bind(QuestionnaireFile? questionnaire, string version)
    {
        Facts();
        Conditions();
        Want(file.Tables.Count <= MostTables, "tables", $"at most {MostTables} tables");
        Want(file.Tables.Select(t => t.Id).Distinct().Count() == file.Tables.Count, "tables", "an id stands twice; give each table its own");
        DecisionTable[] tables = [.. file.Tables.Take(MostTables).Select((t, i) => Table(t, $"tables[{i}]"))];
        Reachable(tables);
        if (questionnaire is not null)
            errors.AddRange(new QuestionnaireCheck(questionnaire, file).Errors());
        return errors.Count > 0 ? throw new ContentException(errors)
            : new EligibilityRules(file, questionnaire is null ? null : new Questionnaire(questionnaire), version, slots, tables);
    }

    private void Facts()
    {
        Want(file.Facts.Count + file.Derived.Count is > 0 and <= MostFacts, "facts", $"1 to {MostFacts} facts, derived ones among them");
        foreach (var (name, table) in file.CodeTables)
        {
            Want(table.Entries.Count is > 0 and <= MostCodes, $"codeTables.{name}", $"1 to {MostCodes} codes");
            Want(table.Entries.DistinctBy(e => e.Code).Count() == table.Entries.Count && table.Entries.All(e => e.Code is { Length: > 0 and <= FactValue.LongestText } and not OtherCode),
                $"codeTables.{name}", $"a code stands twice, is empty or too long, or is '{OtherCode}', which means what isn't in the table");
        }
        for (var i = 0; i < file.Facts.Count; i++)
        {
            var (fact, at) = (file.Facts[i], $"facts[{i}]");
            Add(fact.Key, fact.Type, fact.CodeTable, (fact.Zh, fact.En), at);
            Want(fact.Type == FactType.Code == fact.CodeTable is not null, $"{at}.codeTable", "a fact of type code, and no other, needs a codeTable");
            Want(fact.CodeTable is null || file.CodeTables.ContainsKey(fact.CodeTable), $"{at}.codeTable", $"there is no code table '{fact.CodeTable}'; add it to codeTables");
            Want(fact.From.Count > 0 && !fact.From.Contains(FactSource.Skipped), $"{at}.from", "name where it may come from: identity, sharedData, recognition, applicant");
            Want(fact.Record is null == !(fact.From.Contains(FactSource.SharedData) || fact.From.Contains(FactSource.Identity)), $"{at}.record", "what comes from shared data or identity, and nothing else, has a record");
            Want(fact.Record is null || RecordFacts.TypeOf(fact.Record) == fact.Type, $"{at}.record", $"'{fact.Record}' isn't known, or of another type; use one of {string.Join(", ", RecordFacts.Names)}");
            Want(fact.Recognised is not null == fact.From.Contains(FactSource.Recognition), $"{at}.recognised", "what comes from recognition, and nothing else, says what of which document it is");
            if (fact.Recognised is { } read)
                Recognised(fact, read, $"{at}.recognised");
            Field(fact, at);
        }
        for (var i = 0; i < file.Derived.Count; i++)
            Derived(file.Derived[i], $"derived[{i}]");
    }

    private void Recognised(FactDeclaration fact, FactRecognition read, string at)
    {
        Want(DocumentKinds.All.Contains(read.Kind) && read.Field.Length > 0, at, $"kind is one of {string.Join(", ", DocumentKinds.All)}, and field what is read on it");
        Want(read.Codes is null ? fact.Type is FactType.Text or FactType.Date or FactType.Code : read.Codes.Count > 0, $"{at}.codes", $"what is read is text: say by codes what it means for a fact of type {fact.Type}");
        foreach (var (word, said) in read.Codes ?? new Dictionary<string, JsonElement>())
            Want(SaidFacts.Read(file, fact, said) is not null, $"{at}.codes.{word}", $"no value of type {fact.Type}, or not in its code table");
    }

    private void Field(FactDeclaration fact, string at)
    {
        Want(fact.FieldAs is null || fact.Field is not null, $"{at}.fieldAs", "it says how a field is read, so it needs a field");
        Want(fact.FieldCodes is null || fact.Field is not null, $"{at}.fieldCodes", "it says what codes of a field mean, so it needs a field");
        foreach (var (code, said) in fact.FieldCodes ?? new Dictionary<string, JsonElement>())
            Want(SaidFacts.Read(file, fact, said) is not null, $"{at}.fieldCodes.{code}", $"no value of type {fact.Type}, or not in its code table");
        if (fact.Field is null || form is null)
            return;
        if (form.Field(fact.Field) is not { } field)
        {
            Want(false, $"{at}.field", $"the form has no field '{fact.Field}'; correct the name or leave it out");
            return;
        }
        Want(FormFacts.Fits(fact, field), $"{at}.field", $"'{fact.Field}' is of type {field.Type}, which says nothing of type {fact.Type}{(fact.FieldAs is null ? "" : $" as {fact.FieldAs}")}");
        if (fact.FieldCodes is { } codes && field.CodeTable is { } table && form.Definition.CodeTables.TryGetValue(table, out var entries))
            foreach (var code in codes.Keys.Where(c => entries.All(e => e.Code != c)))
                Want(false, $"{at}.fieldCodes.{code}", $"the form's table '{table}' has no code '{code}'");
    }

    private void Derived(DerivedFact derived, string at)
    {
        var kinds = (derived.AgeOf is null ? 0 : 1) + (derived.InsuredMonths is null ? 0 : 1) + (derived.FirstKnown is null ? 0 : 1);
        Want(kinds == 1, at, "give exactly one of ageOf, insuredMonths, firstKnown");
        var type = FactType.Months;
        if (derived.AgeOf is { } born)
        {
            type = FactType.Number;
            Is(born, FactType.Date, $"{at}.ageOf");
        }
        else if (derived.InsuredMonths is { } months)
        {
            Is(months.Of, FactType.Periods, $"{at}.insuredMonths.of");
            if (months.After is not null)
                Is(months.After, FactType.Date, $"{at}.insuredMonths.after");
        }
        else if (derived.FirstKnown is { } list)
        {
            type = list.Count > 0 && slots.TryGetValue(list[0], out var first) ? types[first] : FactType.Text;
            Want(list.Count is > 0 and <= MostInputs, $"{at}.firstKnown", $"1 to {MostInputs} facts");
            foreach (var key in list)
                Is(key, type, $"{at}.firstKnown");
        }
        Add(derived.Key, type, derived.FirstKnown is [var one, ..] && slots.TryGetValue(one, out var slot) ? codeTables[slot] : null, (derived.Zh, derived.En), at);
    }

    private void Is(string key, FactType type, string at)
    {
        if (!slots.TryGetValue(key, out var slot))
            Want(false, at, $"there is no fact '{key}' before it; correct the name, or put it before");
        else
            Want(types[slot] == type, at, $"'{key}' is of type {types[slot]}, and has to be {type}");
    }

    private void Add(string key, FactType type, string? codeTable, (string Zh, string En) name, string at)
    {
        Want(Key().IsMatch(key), $"{at}.key", "a key is lower camel case, at most 40 letters and digits");
        Want(name.Zh.Length > 0 && name.En.Length > 0, at, "the fact needs a Chinese and an English name");
        Want(!slots.ContainsKey(key), $"{at}.key", $"'{key}' is used twice; give each fact its own");
        // The order of slots is that of the lists, whatever is wrong with a key.
        slots[slots.ContainsKey(key) ? $"{key}#{types.Count}" : key] = types.Count;
        types.Add(type);
        codeTables.Add(codeTable);
        names.Add(name);
    }

    private void Conditions()
    {
        Want(file.Conditions.Count is > 0 and <= MostConditions, "conditions", $"1 to {MostConditions} conditions");
        Want(file.Conditions.Select(c => c.Id).Distinct().Count() == file.Conditions.Count, "conditions", "an id stands twice; give each condition its own");
        Want(file.Categories.DistinctBy(c => c.Code).Count() == file.Categories.Count, "categories", "a code stands twice");
        for (var i = 0; i < file.Conditions.Count; i++)
        {
            var condition = file.Conditions[i];
            Want(ConditionId().IsMatch(condition.Id), $"conditions[{i}].id", "1 to 40 letters, digits and hyphens");
            Want(condition.Zh.Length > 0 && condition.En.Length > 0 && condition.Source.Length > 0, $"conditions[{i}]", "it needs zh, en and the source where it stands");
            Want(file.Categories.Any(c => c.Code == condition.Category), $"conditions[{i}].category", $"there is no category '{condition.Category}'");
        }
        if (file.ConditionField is not { } key || form is null)
            return;
        if (form.Field(key) is not { Type: FieldType.Choice, CodeTable: { } table })
            Want(false, "conditionField", $"the form has no choice '{key}'");
        else if (form.Definition.CodeTables.TryGetValue(table, out var entries))
            foreach (var condition in file.Conditions.Where(c => entries.All(e => e.Code != c.Id)))
                Want(false, "conditionField", $"the form's table '{table}' has no code '{condition.Id}', so this condition couldn't be chosen; add it");
    }

    private DecisionTable Table(TableFile table, string at)
    {
        Want(table.Id.Length > 0 && table.Zh.Length > 0 && table.En.Length > 0 && table.Source.Length > 0, at, "a table needs id, zh, en and the source where it stands");
        Want(table.Inputs.Count is > 0 and <= MostInputs && table.Inputs.Distinct().Count() == table.Inputs.Count, $"{at}.inputs", $"1 to {MostInputs} inputs, each once");
        Want(table.Rows.Count is > 0 and <= MostRows, $"{at}.rows", $"1 to {MostRows} rows");
        string[] inputs = [.. table.Inputs.Take(MostInputs)];
        foreach (var input in inputs)
            Want(slots.ContainsKey(input), $"{at}.inputs", $"there is no fact '{input}'; declare it in facts or derived");
        var before = errors.Count;
        var rows = table.Rows.Take(MostRows).Select((row, r) => Row(table, row, r, inputs, $"{at}.rows[{r}]")).ToArray();
        var compiled = new DecisionTable(table, [.. inputs.Select(i => slots.GetValueOrDefault(i))], rows);
        if (errors.Count == before && compiled.Clash() is var (first, second))
            Want(false, $"{at}.rows[{second}]", table.Hit == HitPolicy.Unique
                ? $"it overlaps with rows[{first}], and of a table with the hit policy 'unique' only one row may match; narrow one of them, or use another policy"
                : $"it overlaps with rows[{first}] and says something else, which the hit policy 'any' doesn't allow; make them say the same, or narrow one of them");
        return compiled;
    }

    private DecisionTable.Row Row(TableFile table, RowFile row, int index, string[] inputs, string at)
    {
        foreach (var key in row.When.Keys.Where(k => !inputs.Contains(k)))
            Want(false, $"{at}.when.{key}", $"'{key}' is no input of the table; add it to inputs, or correct the name");
        Want(row.Then.Count > 0, $"{at}.then", "the row has no result; name the conditions that are met");
        var then = row.Then.Select(id => file.Conditions.ToList().FindIndex(c => c.Id == id)).ToArray();
        for (var i = 0; i < then.Length; i++)
            Want(then[i] >= 0, $"{at}.then", $"there is no condition '{row.Then[i]}'");
        Cell?[] cells = [.. inputs.Select(i => row.When.TryGetValue(i, out var cell) ? Compile(cell, i, $"{at}.when.{i}") : null)];
        return new DecisionTable.Row(cells, then, RowText.Of(table, index, cells, [.. inputs.Select(i => slots.TryGetValue(i, out var slot) ? names[slot] : (i, i))]));
    }

    private Cell? Compile(CellFile cell, string input, string at)
    {
        if (!slots.TryGetValue(input, out var slot))
            return null;
        var (type, bounds) = (types[slot], new[] { cell.AtLeast, cell.AtMost, cell.Above, cell.Below }.Count(b => b is not null));
        var tests = (cell.Is is null ? 0 : 1) + (cell.In is null ? 0 : 1) + (cell.NotIn is null ? 0 : 1) + (cell.InTable is null ? 0 : 1) + (bounds > 0 ? 1 : 0);
        Want(tests == 1 && !(cell.AtLeast is not null && cell.Above is not null) && !(cell.AtMost is not null && cell.Below is not null), at,
            "give exactly one of is, in, notIn, inTable, or bounds (atLeast or above, atMost or below)");
        switch (type)
        {
            case FactType.Boolean:
                return cell.Is is { ValueKind: JsonValueKind.True or JsonValueKind.False } wanted ? new Cell.Yes(wanted.GetBoolean()) : Wrong(at, "a boolean is tested by is: true or false");
            case FactType.Code:
                return Codes(cell, codeTables[slot], at);
            case FactType.Number or FactType.Months or FactType.Date:
                return Range(cell, type, at);
            default:
                return Wrong(at, $"a fact of type {type} can't be tested; derive something from it");
        }
    }

    private Cell.Codes? Codes(CellFile cell, string? table, string at)
    {
        var known = table is not null && file.CodeTables.TryGetValue(table, out var own) ? own.Entries : [];
        var is1 = cell.Is is { } one && FormData.Text(one) is { } text ? text : null;
        if (cell.InTable is { } name)
        {
            if (!file.CodeTables.TryGetValue(name, out var other))
                return (Cell.Codes?)Wrong(at, $"there is no code table '{name}'");
            return new Cell.Codes(other.Entries.Select(e => e.Code).ToFrozenSet(StringComparer.Ordinal), false, $"属于《{other.Zh}》", $"is in “{other.En}”");
        }
        var listed = is1 is not null ? [is1] : cell.In ?? cell.NotIn;
        if (listed is null || listed.Count == 0)
            return (Cell.Codes?)Wrong(at, "a code is tested by is, in, notIn or inTable");
        foreach (var code in listed.Where(c => c != OtherCode && known.All(k => k.Code != c)))
            Want(false, at, $"'{code}' isn't in the code table '{table}'");
        var negated = cell.NotIn is not null;
        var (zh, en) = (string.Join("、", listed.Select(c => known.FirstOrDefault(k => k.Code == c)?.Zh ?? c)), string.Join(" or ", listed.Select(c => known.FirstOrDefault(k => k.Code == c)?.En ?? c)));
        return new Cell.Codes(listed.ToFrozenSet(StringComparer.Ordinal), negated, negated ? $"不为{zh}" : $"为{zh}", negated ? $"isn't {en}" : $"is {en}");
    }

    private Cell.Range? Range(CellFile cell, FactType type, string at)
    {
        if (cell.In is not null || cell.NotIn is not null || cell.InTable is not null)
            return (Cell.Range?)Wrong(at, "a number, months or a date is tested by is or by bounds");
        var texts = new List<(string Zh, string En)>();
        var (low, lowOpen) = Bound(cell.Is, "为", "is") is { } same ? (same, false) : Bound(cell.AtLeast, "不小于", "is at least") is { } least ? (least, false)
            : Bound(cell.Above, "大于", "is above") is { } above ? (above, true) : (decimal.MinValue, false);
        var (high, highOpen) = cell.Is is not null ? (low, false) : Bound(cell.AtMost, "不大于", "is at most") is { } most ? (most, false)
            : Bound(cell.Below, "小于", "is below") is { } below ? (below, true) : (decimal.MaxValue, false);
        Want(low < high || low == high && !lowOpen && !highOpen, at, "nothing lies between the bounds");
        return new Cell.Range(low, lowOpen, high, highOpen, string.Join("且", texts.Select(t => t.Zh)), string.Join(" and ", texts.Select(t => t.En)));

        decimal? Bound(JsonElement? bound, string zh, string en)
        {
            if (bound is not { } json)
                return null;
            if (FactValue.Read(type, json) is not { } value || Cell.Ordered(value) is not { } number)
            {
                Want(false, at, $"'{json.GetRawText()}' is no {type}");
                return 0;
            }
            var unit = type == FactType.Months ? ("个月", " months") : ("", "");
            texts.Add(($"{zh}{Cell.Shown(value)}{unit.Item1}", $"{en} {Cell.Shown(value)}{unit.Item2}"));
            return number;
        }
    }

    private Cell? Wrong(string at, string message)
    {
        Want(false, at, message);
        return null;
    }

    /// <summary>Every condition is said by some row that decides, or is the office's.</summary>
    private void Reachable(DecisionTable[] tables)
    {
        for (var i = 0; i < file.Conditions.Count; i++)
        {
            var has = tables.Any(t => t.File.Use == TableUse.Filing && t.Rows.Any(r => r.Then.Contains(i)));
            Want(has != file.Conditions[i].ByOffice, $"conditions[{i}]", has ? "a table says it, so it isn't byOffice" : "no row of a table for filing says it; add one, or make it byOffice");
        }
    }

    private void Want(bool holds, string path, string message)
    {
        if (!holds)
            errors.Add(new ContentError(FileName, path, message));
    }

    [GeneratedRegex(@"\A[a-z][A-Za-z0-9]{0,39}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Key();

    [GeneratedRegex(@"\A[A-Za-z0-9-]{1,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ConditionId();
}
