using System.Collections.Frozen;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>Says why: the row, the facts with their values and whose word they are, what is missing, and a sentence in both languages (R-ELG-5). For one evaluation.</summary>
/// <param name="values">By slot, as the tables are tested on them.</param>
internal sealed class Explanations(EligibilityFile file, FrozenDictionary<string, int> slots, KnownFact?[] known, FactValue?[] values)
{
    private readonly object?[] plain = new object?[values.Length];
    private readonly FactGround[]?[] grounds = new FactGround[values.Length][];

    /// <param name="deciding">The row that it is judged by; null: no table says it.</param>
    public ConditionAnswer Answer(ConditionFile condition, (DecisionTable Table, int Row, Truth Match, Truth Hit)? deciding, IReadOnlyList<RuleTrace> hints)
    {
        if (deciding is not var (table, row, match, hit))
            return new ConditionAnswer(condition.Id, condition.Category, condition.Zh, condition.En, condition.Source, ConditionStates.Unknown,
                "本条件由受理部门审核认定，可自主选择此条件申报。", "The office decides on this condition; it may be chosen for filing.", [], null, hints);
        var rule = Trace(table, row, match, hit);
        var (zh, en) = Sentence(table, row, rule.GivesWay, hit);
        return new ConditionAnswer(condition.Id, condition.Category, condition.Zh, condition.En, condition.Source, ConditionStates.Of(hit), zh, en,
            hit == Truth.Unknown ? [.. rule.Facts.Where(f => f.State == ConditionStates.Unknown).SelectMany(Missing)] : [], rule, hints);
    }

    public RuleTrace Trace(DecisionTable table, int row, Truth match, Truth hit)
    {
        var cells = table.Rows[row].Cells;
        var facts = new List<FactUse>(cells.Count);
        for (var c = 0; c < cells.Count; c++)
            if (cells[c] is { } cell)
                facts.Add(Use(table.Columns[c], cell));
        return new RuleTrace(table.File.Id, table.File.Zh, table.File.En, table.File.Source, HitWord(table.File.Hit), row + 1, ConditionStates.Of(hit), match != hit, facts);
    }

    private FactUse Use(int slot, Cell cell)
    {
        var state = ConditionStates.Of(cell.Test(values[slot]));
        if (slot < file.Facts.Count)
        {
            var fact = file.Facts[slot];
            return new FactUse(fact.Key, fact.Zh, fact.En, cell.RequiredZh, cell.RequiredEn, state, Plain(slot), Source(slot), [], fact.Personal);
        }
        var derived = file.Derived[slot - file.Facts.Count];
        var from = grounds[slot] ??= [.. Grounds(derived).Distinct().Select(s => new FactGround(file.Facts[s].Key, file.Facts[s].Zh, file.Facts[s].En, Plain(s), Source(s), file.Facts[s].Personal))];
        return new FactUse(derived.Key, derived.Zh, derived.En, cell.RequiredZh, cell.RequiredEn, state, Plain(slot), values[slot] is null ? null : Common(from), from, Array.Exists(from, f => f.Personal));
    }

    /// <summary>Slots of the given facts that a derived one follows from; of alternatives, the one that is known.</summary>
    private IEnumerable<int> Grounds(DerivedFact derived)
    {
        var keys = derived.AgeOf is { } born ? [born]
            : derived.InsuredMonths is { } months ? months.After is null ? [months.Of] : (string[])[months.Of, months.After]
            : derived.FirstKnown!.FirstOrDefault(k => values[slots[k]] is not null) is { } first ? [first] : [.. derived.FirstKnown!];
        return keys.SelectMany(k => slots[k] is var slot && slot < file.Facts.Count ? [slot] : Grounds(file.Derived[slot - file.Facts.Count]));
    }

    /// <summary>The source that all of them have; null: they differ.</summary>
    private static string? Common(FactGround[] from)
    {
        string? one = null;
        foreach (var ground in from)
            if (ground.Source is { } source)
            {
                if (one is not null && one != source)
                    return null;
                one = source;
            }
        return one;
    }

    private static IEnumerable<FactName> Missing(FactUse use) =>
        use.From.Count == 0 ? [new FactName(use.Fact, use.Zh, use.En)] : use.From.Where(f => f.Value is null).Select(f => new FactName(f.Fact, f.Zh, f.En));

    private object? Plain(int slot) => values[slot] is { } value ? plain[slot] ??= value.Plain : null;

    private string? Source(int slot) => known[slot] is { } fact ? FactSources.Code(fact.Source) : null;

    private (string Zh, string En) Sentence(DecisionTable table, int row, bool givesWay, Truth hit)
    {
        var text = table.Rows[row].Text;
        if (hit == Truth.Yes)
            return (text.MetZh, text.MetEn);
        if (givesWay)
            return ($"{text.AtZh}，其前面的规则优先适用。", $"{text.AtEn}, an earlier row goes first.");
        var open = Texts(table, row, hit);
        return hit == Truth.No
            ? ($"不符合：{text.AtZh}，须{string.Join("，", open.Select(t => t.NeedsZh))}。", $"Not met {text.AtEn}, which needs: {string.Join(", ", open.Select(t => t.NeedsEn))}.")
            : ($"暂不能确定：{text.AtZh}，尚不掌握{string.Join("、", open.Select(t => t.NameZh))}（须{string.Join("，", open.Select(t => t.NeedsZh))}）。", $"Not known yet {text.AtEn}: {string.Join(", ", open.Select(t => t.UnknownEn))}.");
    }

    /// <summary>The cells that come to this.</summary>
    private List<CellText> Texts(DecisionTable table, int row, Truth truth)
    {
        var (cells, texts) = (table.Rows[row].Cells, new List<CellText>());
        for (var c = 0; c < cells.Count; c++)
            if (cells[c] is { } cell && cell.Test(values[table.Columns[c]]) == truth)
                texts.Add(table.Rows[row].Text.Cells[c]!);
        return texts;
    }

    private static string HitWord(HitPolicy hit) => hit switch { HitPolicy.Unique => "unique", HitPolicy.First => "first", HitPolicy.Any => "any", _ => "collect" };
}
