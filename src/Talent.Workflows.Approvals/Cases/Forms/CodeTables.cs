using System.Collections.Frozen;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>A code table that forms share: a file of <c>workflows/shared/code-tables</c>.</summary>
public sealed record CodeTable
{
    public required string Zh { get; init; }
    public required string En { get; init; }

    /// <summary>The standard that the codes are from, such as <c>GB/T 3304-1991</c>, or who sets them.</summary>
    public required string Source { get; init; }

    public required IReadOnlyList<CodeEntry> Entries { get; init; }
}

/// <summary>Shared code tables by name, and how forms come by them (R-CASE-2).</summary>
public static class CodeTables
{
    /// <summary>The table that region fields use unless they name another.</summary>
    public const string Regions = "regions";

    /// <summary>Levels of regions, the highest first: 省级, 地级, 县级.</summary>
    public static readonly IReadOnlyList<string> Levels = ["province", "city", "district"];

    private const int MostEntries = 5_000;

    public static readonly IReadOnlyDictionary<string, CodeTable> None = FrozenDictionary<string, CodeTable>.Empty;

    /// <summary>The tables of a folder, each under the name of its file; none where there is no such folder.</summary>
    /// <exception cref="ContentException">A table can't be used; every error names the file.</exception>
    public static IReadOnlyDictionary<string, CodeTable> Read(string folder)
    {
        var tables = new SortedDictionary<string, CodeTable>(StringComparer.Ordinal);
        var errors = new List<ContentError>();
        foreach (var path in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            var file = $"code-tables/{Path.GetFileName(path)}";
            var table = ContentFile.Parse<CodeTable>(file, File.ReadAllBytes(path));
            errors.AddRange(Flaws(table.Entries).Select(flaw => new ContentError(file, "entries", flaw)));
            if (table.Source.Length == 0)
                errors.Add(new ContentError(file, "source", "say which standard the codes are from, or who sets them"));
            tables[Path.GetFileNameWithoutExtension(path)] = table;
        }
        return errors.Count == 0 ? tables.ToFrozenDictionary(StringComparer.Ordinal) : throw new ContentException(errors);
    }

    /// <summary>What is wrong with the lines of a table.</summary>
    internal static IEnumerable<string> Flaws(IReadOnlyList<CodeEntry> entries)
    {
        if (entries.Count is 0 or > MostEntries)
        {
            yield return entries.Count == 0 ? "the table is empty" : $"the table has more than {MostEntries} lines";
        }

        var byCode = new Dictionary<string, CodeEntry>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (!byCode.TryAdd(entry.Code, entry))
                yield return $"the code '{entry.Code}' stands twice in the table";
            if (entry.Code.Length is 0 or > 40 || entry.Zh.Length == 0 || entry.En.Length == 0)
                yield return $"the code '{entry.Code}' needs 1 to 40 characters, a Chinese and an English word";
            if (entry.Level is { } level && !Levels.Contains(level))
                yield return $"the level of '{entry.Code}' is '{level}'; use one of {string.Join(", ", Levels)}";
        }

        foreach (var entry in entries.Where(e => e.Parent is not null))
            if (!byCode.TryGetValue(entry.Parent!, out var parent))
                yield return $"'{entry.Code}' lies under '{entry.Parent}', which the table doesn't have";
            else if (IsCircular(entry, byCode))
                yield return $"'{entry.Code}' lies under itself";
            else if (entry.Level is not null && (parent.Level is null || Place(parent.Level) >= Place(entry.Level)))
                yield return $"'{entry.Code}' lies under '{entry.Parent}', which isn't of a higher level";
    }

    /// <summary>The form with every shared table in it that its fields use, so that it says all by itself what data of it means.</summary>
    internal static FormDefinition Into(FormDefinition definition, IReadOnlyDictionary<string, CodeTable> shared)
    {
        var steps = definition.Steps.Select(s => s with { Fields = Named(s.Fields) }).ToArray();
        var decisions = definition.Decisions.Select(d => d with { Fields = Named(d.Fields) }).ToArray();
        var tables = new Dictionary<string, IReadOnlyList<CodeEntry>>(definition.CodeTables, StringComparer.Ordinal);
        foreach (var name in steps.SelectMany(s => s.Fields).Concat(decisions.SelectMany(d => d.Fields)).SelectMany(f => f.Fields is { } inner ? [f, .. inner] : (FormField[])[f])
            .Select(f => f.CodeTable).OfType<string>())
            if (!tables.ContainsKey(name) && shared.TryGetValue(name, out var table))
                tables[name] = table.Entries;
        return definition with { CodeTables = tables, Steps = steps, Decisions = decisions };
    }

    private static FormField[] Named(IReadOnlyList<FormField> fields) =>
        [.. fields.Select(f => f is { Type: FieldType.Region, CodeTable: null } ? f with { CodeTable = Regions } : f.Fields is { } inner ? f with { Fields = Named(inner) } : f)];

    private static bool IsCircular(CodeEntry entry, Dictionary<string, CodeEntry> byCode)
    {
        var at = entry;
        for (var steps = 0; at.Parent is { } above && byCode.TryGetValue(above, out var next); steps++, at = next)
            if (steps > byCode.Count || next == entry)
                return true;
        return false;
    }

    private static int Place(string level) => Levels.ToList().IndexOf(level);
}
