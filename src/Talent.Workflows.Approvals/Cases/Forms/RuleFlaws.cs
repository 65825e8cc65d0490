using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>What is wrong with the rules of a form themselves.</summary>
internal static partial class RuleFlaws
{
    private const int Most = 100;

    public static IEnumerable<ContentError> Of(FormDefinition definition, string file)
    {
        if (definition.Rules.Count > Most)
            yield return new ContentError(file, "rules", $"a form has at most {Most} rules");
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var top = definition.Steps.SelectMany(s => s.Fields).DistinctBy(f => f.Key).ToDictionary(f => f.Key, StringComparer.Ordinal);
        foreach (var rule in definition.Rules)
        {
            var at = $"rules[{rule.Id}]";
            if (!Id().IsMatch(rule.Id) || !ids.Add(rule.Id))
                yield return new ContentError(file, at, "the id is lower camel case, at most 40 letters and digits, and each rule has its own");
            if (rule.Zh.Length is 0 or > 200 || rule.En.Length is 0 or > 200)
                yield return new ContentError(file, at, "zh and en have 1 to 200 characters each");
            foreach (var flaw in Flaws(rule, top, definition))
                yield return new ContentError(file, at, flaw);
        }
    }

    private static IEnumerable<string> Flaws(FormRule rule, Dictionary<string, FormField> top, FormDefinition definition)
    {
        var path = rule.At.Split('.');
        if (!top.TryGetValue(path[0], out var first) || path.Length > 2 || (path.Length == 2 && Row(first, path[1]) is null))
        {
            yield return $"at names '{rule.At}', which the form doesn't have";
            yield break;
        }

        var at = path.Length == 2 ? Row(first, path[1])! : first;
        if (rule.When?.Flaw(name => top.ContainsKey(name) || (path.Length == 2 && Row(first, name) is not null)) is { } flaw)
            yield return flaw;
        foreach (var (name, given, checks) in (IEnumerable<(string, bool, RuleCheck[])>)[
            ("than", rule.Than is not null, [RuleCheck.Before, RuleCheck.After]), ("by", rule.By is { Count: > 0 }, [RuleCheck.Unique]),
            ("from", rule.From is not null, [RuleCheck.NoOverlap, RuleCheck.NoGap]), ("to", rule.To is not null, [RuleCheck.NoOverlap, RuleCheck.NoGap]),
            ("months", rule.Months is not null, [RuleCheck.NoGap]), ("field", rule.Field is not null, [RuleCheck.Sum]), ("fields", rule.Fields is { Count: > 1 }, [RuleCheck.AnyOf]), ("number", rule.Number is not null, [RuleCheck.MatchesId]),
            ("min or max", rule.Min is not null || rule.Max is not null, [RuleCheck.Sum, RuleCheck.AgeAtFiling])])
            if (given != checks.Contains(rule.Check))
                yield return given ? $"{name} doesn't belong to this check; leave it out" : $"this check needs {name}";
        if (rule.Check is not RuleCheck.MatchesId && (rule.Male ?? rule.Female) is not null)
            yield return "male and female don't belong to this check; leave them out";
        foreach (var wrong in rule.Check is RuleCheck.MatchesId ? Matches(rule, at, path.Length == 2 ? Row(first, rule.Number ?? "") : top.GetValueOrDefault(rule.Number ?? ""), definition) : [])
            yield return wrong;
        foreach (var wrong in Named(rule, first, at, path.Length == 2, top))
            yield return wrong;
        if (rule.Min > rule.Max)
            yield return "the smallest is above the largest";
        if (rule.Months is < 0 or > 600)
            yield return "months lies between 0 and 600";
    }

    /// <summary>Whether the fields that it names are what the check takes.</summary>
    private static IEnumerable<string> Named(FormRule rule, FormField first, FormField at, bool inRow, Dictionary<string, FormField> top)
    {
        switch (rule.Check)
        {
            case RuleCheck.Before or RuleCheck.After:
                if (!IsDate(at) || (rule.Than is { } than && than != "today" && !IsDate(inRow ? Row(first, than) ?? top.GetValueOrDefault(than) : top.GetValueOrDefault(than))))
                    yield return "at and than are date or month fields; than may be today";
                break;
            case RuleCheck.Unique or RuleCheck.NoOverlap or RuleCheck.NoGap or RuleCheck.Sum:
                if (at.Type is not FieldType.Group)
                {
                    yield return "at is a group";
                    break;
                }
                if (rule.By?.Any(name => Row(at, name) is null) == true)
                    yield return "by names fields of the group's rows";
                if ((rule.From is { } from && !IsDate(Row(at, from))) || (rule.To is { } to && !IsDate(Row(at, to))))
                    yield return "from and to are date or month fields of the group's rows";
                if (rule.Field is { } field && Row(at, field)?.Type is not FieldType.Number)
                    yield return "field is a number field of the group's rows";
                break;
            case RuleCheck.AgeAtFiling when at.Type is not (FieldType.Date or FieldType.ResidentId):
                yield return "at is a date of birth or a resident identity number";
                break;
            case RuleCheck.AnyOf when inRow || rule.Fields?.All(top.ContainsKey) == false:
                yield return "at and fields are fields of the form, outside groups";
                break;
        }
    }

    /// <param name="number">The field that the rule names beside the one that is judged; null: there is none.</param>
    private static IEnumerable<string> Matches(FormRule rule, FormField at, FormField? number, FormDefinition definition)
    {
        if (number?.Type is not (FieldType.ResidentId or FieldType.DocumentNumber))
            yield return "number names the field with the identity number, of the same row or of the form";
        if (at.Type is FieldType.Date && (rule.Male ?? rule.Female) is not null)
            yield return "male and female belong to a choice; a date of birth has none";
        else if (at.Type is FieldType.Choice && (rule.Male is null || rule.Female is null || rule.Male == rule.Female
            || definition.CodeTables.TryGetValue(at.CodeTable ?? "", out var codes) && !new[] { rule.Male, rule.Female }.All(c => codes.Any(e => e.Code == c))))
            yield return "male and female are the two codes of the choice's table";
        else if (at.Type is not (FieldType.Date or FieldType.Choice))
            yield return "at is a date of birth or the choice of a sex";
    }

    private static FormField? Row(FormField group, string name) => group.Fields?.FirstOrDefault(f => f.Key == name);

    private static bool IsDate(FormField? field) => field?.Type is FieldType.Date or FieldType.Month;

    [GeneratedRegex("^[a-z][A-Za-z0-9]{0,39}$")]
    private static partial Regex Id();
}
