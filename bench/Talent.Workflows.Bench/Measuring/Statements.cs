using System.Globalization;
using Npgsql;

namespace Talent.Workflows.Bench.Measuring;

/// <summary>What PostgreSQL has spent its time on, by pg_stat_statements.</summary>
internal static class Statements
{
    private const int Most = 20;

    public static async Task CountAsync(string connectionString)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var create = database.CreateCommand("create extension if not exists pg_stat_statements");
        await create.ExecuteNonQueryAsync();
    }

    public static async Task PrintAsync(string connectionString)
    {
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using var read = database.CreateCommand($"""
            select calls, total_exec_time, total_plan_time, shared_blks_hit / greatest(calls, 1), left(regexp_replace(query, '\s+', ' ', 'g'), 110)
            from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database()) and calls > 0
            order by total_exec_time + total_plan_time desc limit {Most}
            """);
        await using var reader = await read.ExecuteReaderAsync();
        Console.WriteLine($"{"calls",9} {"run ms",10} {"plan ms",9} {"us each",8} {"blocks",7}  statement");
        while (await reader.ReadAsync())
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{reader.GetInt64(0),9} {reader.GetDouble(1),10:N0} {reader.GetDouble(2),9:N0} {(reader.GetDouble(1) + reader.GetDouble(2)) * 1000 / reader.GetInt64(0),8:N0} {reader.GetInt64(3),7}  {reader.GetString(4)}"));
    }
}
