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

    /// <summary>Makes one; line ends are unified, so that the checksum doesn't depend on the checkout.</summary>
    public static Migration Create(int number, string name, string sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        var text = sql.ReplaceLineEndings("\n");
        return new Migration
        {
            Number = number,
            Name = name,
            Sql = text,
            Checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))),
        };
    }

    /// <summary>The migrations embedded in these assemblies, in order.</summary>
    /// <exception cref="MigrationException">Two of them have one number.</exception>
    public static IReadOnlyList<Migration> From(params IEnumerable<Assembly> assemblies)
    {
        ArgumentNullException.ThrowIfNull(assemblies);
        return Order(assemblies.Distinct().SelectMany(In));
    }

    /// <exception cref="MigrationException">Two of them have one number.</exception>
    internal static IReadOnlyList<Migration> Order(IEnumerable<Migration> migrations)
    {
        var all = migrations.OrderBy(migration => migration.Number).ToList();
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
            yield return Create(
                int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture), match.Groups["name"].Value, reader.ReadToEnd());
        }
    }

    [GeneratedRegex(@"\.Migrations\._?(?<number>\d{4})_(?<name>[^.]+)\.sql$")]
    private static partial Regex FileName();
}
