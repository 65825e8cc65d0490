using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace Talent.Workflows.Tests;

/// <summary>
/// The numbers and addresses that tests and samples use, which are nobody's, and the search for them where they mustn't stand: phones
/// 1990000xxxx, identity numbers of regions that don't exist (110199, xx9999), addresses of the sample city's people and at
/// private.example.cn and public.example.org. A masked one isn't found.
/// </summary>
/// <remarks>Source: R-AUD-2, R-NTF-4. Whatever a new test needs of this kind, it takes from here.</remarks>
public static partial class Canary
{
    // One pattern for .NET and PostgreSQL: no look-behind, so that what stands before is part of the match.
    private const string Pattern = "(^|[^0-9])((0?0?86)?1990000[0-9]{4}|(110199|[1-8][0-9]9999)(19|20)[0-9]{9}[0-9Xx])([^0-9]|$)|[A-Za-z0-9._+-]{2,}@private\\.example\\.cn|[A-Za-z0-9._+-]{2,}@public\\.example\\.org|[a-z]+(-[a-z0-9]+)+@talent\\.example\\.org";

    /// <summary>What of them a text holds, each once and told so that it can be found again without being repeated.</summary>
    public static IReadOnlyList<string> In(string text) => [.. Searched().Matches(text.Replace("%40", "@", StringComparison.Ordinal)).Select(m => Told(m.Value)).Distinct(StringComparer.Ordinal)];

    /// <summary>What of them stands in the tables of a database, bytes as their text, as "schema.table.column: what".</summary>
    /// <param name="but">Columns that may hold them, as "schema.table.column".</param>
    public static async Task<IReadOnlyList<string>> InAsync(NpgsqlDataSource database, params string[] but)
    {
        var columns = new List<(string Table, string Column, bool Bytes)>();
        await using (var command = database.CreateCommand("""
            select format('%I.%I', table_schema, table_name), column_name, data_type = 'bytea' from information_schema.columns c
            join information_schema.tables t using (table_schema, table_name) where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'
            order by 1, ordinal_position
            """))
        await using (var reader = await command.ExecuteReaderAsync())
            while (await reader.ReadAsync())
                columns.Add((reader.GetString(0), reader.GetString(1), reader.GetBoolean(2)));
        var found = new List<string>();
        foreach (var table in columns.Where(c => !but.Contains($"{c.Table}.{c.Column}")).GroupBy(c => c.Table))
        {
            // One question a table: which columns, and the first of each.
            var searched = string.Join(", ", table.Select(c => c.Bytes ? $"('{c.Column}', encode(r.\"{c.Column}\", 'escape'))" : $"('{c.Column}', r.\"{c.Column}\"::text)"));
            await using var command = database.CreateCommand($"""
                select distinct on (v.name) v.name, substring(v.text from $1) from {table.Key} r cross join lateral (values {searched}) v(name, text) where v.text ~ $1 order by v.name
                """);
            // A group in a pattern makes substring give it alone.
            command.Parameters.Add(new NpgsqlParameter { Value = $"({Pattern})" });
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                found.Add(string.Create(CultureInfo.InvariantCulture, $"{table.Key}.{reader.GetString(0)}: {Told(reader.GetString(1))}"));
        }
        return found;
    }

    // The last characters tell which it is.
    private static string Told(string value)
    {
        if (value.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at)
            return $"{value[..2]}…{value[at..]}";
        var number = string.Concat(value.Where(c => char.IsAsciiDigit(c) || c is 'X' or 'x'));
        return string.Create(CultureInfo.InvariantCulture, $"a number of {number.Length} digits ending in {number[^4..]}");
    }

    [GeneratedRegex(Pattern, RegexOptions.CultureInvariant)]
    private static partial Regex Searched();
}
