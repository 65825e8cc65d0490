using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Approvals.Integrations.Records;

namespace Talent.Workflows.Approvals.Tests.Eligibility;

/// <summary>Rules and facts by chance: three of each type, tables of every hit policy.</summary>
internal static class RandomRules
{
    private static readonly FactType[] Tested = [FactType.Boolean, FactType.Number, FactType.Date, FactType.Code, FactType.Months];
    private static readonly string[] Codes = ["a", "b", "c"];
    private static readonly string[] Ids = ["C0", "C1", "C2", "C3"];

    public static IReadOnlyList<FactDeclaration> Facts { get; } =
    [
        .. Tested.SelectMany(type => Enumerable.Range(0, 3).Select(i => new FactDeclaration
        {
            Key = $"{type.ToString().ToLowerInvariant()}{i}", Type = type, Zh = $"事实{type}{i}", En = $"{type}{i}", From = [FactSource.Applicant], CodeTable = type == FactType.Code ? "codes" : null,
        })),
        new FactDeclaration { Key = "insurance", Type = FactType.Periods, Zh = "参保", En = "insurance", From = [FactSource.Applicant] },
    ];

    private static readonly DerivedFact[] Derived =
    [
        new() { Key = "age", Zh = "年龄", En = "age", AgeOf = "date0" },
        new() { Key = "insured", Zh = "参保月数", En = "insured", InsuredMonths = new InsuredMonthsOf("insurance", "date1", MonthCount.Sum) },
    ];

    /// <summary>A value of a type, from few so that cells are hit.</summary>
    public static Gen<FactValue> Value(FactType type) => type switch
    {
        FactType.Boolean => Gen.Elements(true, false).Select(b => (FactValue)new FactValue.Boolean(b)),
        FactType.Number => Gen.Choose(-2, 6).Select(n => (FactValue)new FactValue.Number(n)),
        FactType.Date => Gen.Choose(0, 20_000).Select(n => (FactValue)new FactValue.Date(new DateOnly(1980, 1, 1).AddDays(n))),
        FactType.Code => Gen.Elements("a", "b", "c", "other", "zz").Select(c => (FactValue)new FactValue.Code(c)),
        FactType.Months => Gen.Choose(0, 30).Select(n => (FactValue)new FactValue.Months(n)),
        FactType.Text => Gen.Elements("x", "a").Select(t => (FactValue)new FactValue.Text(t)),
        _ => Gen.Choose(0, 9_000).Two().Select(p => (FactValue)new FactValue.Periods([new InsurancePeriod(new DateOnly(2000, 1, 1).AddDays(p.Item1), new DateOnly(2000, 1, 1).AddDays(p.Item1 + p.Item2))])),
    };

    /// <summary>Each fact with its type, sometimes with another, sometimes not at all; and some that nobody declared.</summary>
    public static Gen<Dictionary<string, KnownFact>> Known(bool sound, int known) =>
        from facts in Gen.CollectToArray(Facts.Select(f =>
            from type in sound ? Gen.Constant(f.Type) : Gen.Frequency((5, Gen.Constant(f.Type)), (1, Gen.Elements(Enum.GetValues<FactType>())))
            from value in Value(type)
            from source in Gen.Elements(Enum.GetValues<FactSource>())
            from there in Gen.Choose(0, 99)
            select (f.Key, Fact: there < known ? new KnownFact(value, source) : null)))
        from more in Gen.Elements("nobody", "age", "")
        select facts.Where(f => f.Fact is not null).Select(f => (f.Key, Fact: f.Fact!)).Append((Key: sound ? "nobody" : more, Fact: new KnownFact(new FactValue.Number(1), FactSource.Applicant)))
            .ToDictionary(f => f.Key, f => f.Fact, StringComparer.Ordinal);

    public static Gen<DateOnly> Day => Gen.Choose(0, 20_000).Select(n => new DateOnly(1990, 1, 1).AddDays(n));

    /// <summary>Files as somebody may have written them: what overlaps is refused, so those policies get rows apart.</summary>
    public static Gen<EligibilityFile> File =>
        from tables in Table.ListOf(3)
        select new EligibilityFile
        {
            Notice = new ServiceText("须知", "Notice", ["请确认。"], ["Confirm."]),
            CodeTables = new Dictionary<string, EligibilityCodes> { ["codes"] = new("代码", "Codes", "test", [.. Codes.Select(c => new CodeEntry(c, c, c))]) },
            Facts = Facts,
            Derived = Derived,
            Categories = [new CodeEntry("A", "类", "Category")],
            Conditions = [.. Ids.Select(id => new ConditionFile(id, "A", $"条件{id}", $"condition {id}", "test", tables.All(t => t.Use == TableUse.Hint || t.Rows.All(r => !r.Then.Contains(id)))))],
            Tables = [.. tables.Select((t, i) => t with { Id = $"t{i}" })],
        };

    private static Gen<TableFile> Table =>
        from inputs in Gen.Shuffle(Facts.Where(f => f.Type != FactType.Periods).Select(f => f.Key).Concat(["age", "insured"]).ToArray()).Select(keys => keys.Take(4).ToArray())
        from hit in Gen.Elements(HitPolicy.First, HitPolicy.Collect, HitPolicy.Any, HitPolicy.Unique)
        from use in Gen.Frequency((4, Gen.Constant(TableUse.Filing)), (1, Gen.Constant(TableUse.Hint)))
        from same in Gen.Elements(Ids)
        from rows in Row(inputs).ListOf(4)
        select new TableFile
        {
            Id = "t", Zh = "表", En = "table", Source = "test", Use = use, Hit = hit, Inputs = inputs,
            Rows = hit == HitPolicy.Unique ? [rows[0]] : hit == HitPolicy.Any ? [.. rows.Select(r => r with { Then = [same] })] : [.. rows],
        };

    private static Gen<RowFile> Row(string[] inputs) =>
        from cells in Gen.CollectToArray(inputs.Select(i => from there in Gen.Elements(true, true, false) from cell in Cell(i) select (Input: i, Cell: there ? cell : null)))
        from then in Gen.Elements(Ids)
        select new RowFile(cells.Where(c => c.Cell is not null).ToDictionary(c => c.Input, c => c.Cell!), [then]);

    private static Gen<CellFile> Cell(string input)
    {
        var type = input == "age" ? FactType.Number : input == "insured" ? FactType.Months : Facts.Single(f => f.Key == input).Type;
        var json = Value(type).Select(v => (JsonElement?)JsonSerializer.SerializeToElement(v.Plain));
        return type switch
        {
            FactType.Boolean => json.Select(j => new CellFile { Is = j }),
            FactType.Code => Gen.OneOf(Gen.Elements(Codes).Select(c => new CellFile { In = [c] }), Gen.Elements(Codes).Select(c => new CellFile { NotIn = [c] }), Gen.Constant(new CellFile { InTable = "codes" })),
            _ => Gen.OneOf(json.Select(j => new CellFile { AtLeast = j }), json.Select(j => new CellFile { AtMost = j }), json.Select(j => new CellFile { Above = j }), json.Select(j => new CellFile { Below = j }), json.Select(j => new CellFile { Is = j })),
        };
    }
}
