using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>One forward step of the schema: an embedded file <c>…Migrations.NNNN_name.sql</c>.</summary>
public sealed partial record Migration
{
    /// <summary>Its place in the order, unique over all assemblies.</summary>
    public required int Number { get; init; }

    /// <summary>The file name without number and ending.</summary>
    public required string Name { get; init; }

    /// <summary>The statements.</summary>
    public required string Sql { get; init; }

    /// <summary>SHA-256 of the statements in lower-case hexadecimal, the same for either kind of line end.</summary>
    public required string Checksum { get; init; }

    /// <summary>The migrations of all the given assemblies in order.</summary>
    /// <exception cref="MigrationException">Two of them have one number.</exception>
    public static IReadOnlyList<Migration> From(params IEnumerable<Assembly> assemblies)
    {
        ArgumentNullException.ThrowIfNull(assemblies);
        var all = assemblies.Distinct().SelectMany(In).OrderBy(migration => migration.Number).ToList();
        foreach (var (first, second) in all.Zip(all.Skip(1)))
        {
            if (first.Number == second.Number)
            {
                throw new MigrationException(
                    $"Two migrations have the number {first.Number:0000}: {first.Name} and {second.Name}. Give the newer one the next free number.");
            }
        }

        return all;
    }

    private static IEnumerable<Migration> In(Assembly assembly)
    {
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (FileName().Match(resource) is not { Success: true } match)
            {
                continue;
            }

            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            var sql = reader.ReadToEnd().ReplaceLineEndings("\n");
            yield return new Migration
            {
                Number = int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture),
                Name = match.Groups["name"].Value,
                Sql = sql,
                Checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))),
            };
        }
    }

    [GeneratedRegex(@"\.Migrations\._?(?<number>\d{4})_(?<name>[^.]+)\.sql$")]
    private static partial Regex FileName();
}
