using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Bench.Limits;

/// <summary>
/// The very statement that the server sends for a review decision, as a pgbench script: the parameters of one real decision
/// as literals of their types, except what differs from decision to decision (instance, version, task ids, keys).
/// </summary>
internal static partial class StepScript
{
    /// <summary>Instances that the script works on: ids that follow from a number.</summary>
    public const string Instance = "('019a0000-0000-7000-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid";

    /// <param name="states">What two decisions that follow each other wrote: the script writes them in turns, because PostgreSQL
    /// logs of an updated row only what differs from the row before.</param>
    public static string Of(StepStatement statement, StepWrite sample, (byte[] One, byte[] Other) states, Guid closedTask, Guid openedTask, int instances)
    {
        // A write of its own: parts add their messages to it, as in every attempt.
        var write = new StepWrite
        {
            Request = sample.Request, Workflow = sample.Workflow, Before = sample.Before, State = sample.State, Result = sample.Result,
            VersionBefore = sample.VersionBefore, Now = sample.Now, MachineNow = sample.MachineNow, PreviousChainHash = sample.PreviousChainHash,
        };
        var values = statement.CreateValues();
        var shape = statement.Bind(values, write, states.One);
        using var command = shape.CreateCommand(null!);
        shape.Fill(command, values);
        var expressions = new string[command.Parameters.Count];
        for (var i = 0; i < expressions.Length; i++)
            expressions[i] = Expression(command.Parameters[i], sample, states, closedTask, openedTask);
        var sql = Parameter().Replace(shape.Sql, m => expressions[int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture) - 1]);
        // The version is read in the same statement: one more look-up by primary key than the server needs.
        sql = $"with this as materialized (select id, version from engine.instances where id = {Instance}), {sql["with ".Length..]}";
        return new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"\\set n random(1, {instances})\n\\set r random(1, 9000000000000000)\n")
            .Append(sql.ReplaceLineEndings(" ")).Append(";\n").ToString();
    }

    /// <summary>Rows for the script to work on: as many waiting instances as the server would have.</summary>
    public static async Task SeedAsync(NpgsqlDataSource database, Guid sampleInstance, Guid openTask, int instances)
    {
        await using var connection = await database.OpenConnectionAsync();
        async Task Copy(string table, string id, params (string Column, string Value)[] changes)
        {
            var columns = new List<string>();
            await using (var names = new NpgsqlCommand("select quote_ident(column_name) from information_schema.columns where table_schema || '.' || table_name = $1 order by ordinal_position", connection) { Parameters = { new() { Value = table } } })
            await using (var reader = await names.ExecuteReaderAsync())
                while (await reader.ReadAsync())
                    columns.Add(reader.GetString(0));
            var values = columns.Select(c => changes.FirstOrDefault(x => x.Column == c).Value ?? $"s.{c}");
            await using var insert = new NpgsqlCommand(
                $"insert into {table} ({string.Join(", ", columns)}) select {string.Join(", ", values)} from {table} s, generate_series(1, {instances}) n where s.{id}", connection) { CommandTimeout = 600 };
            await insert.ExecuteNonQueryAsync();
        }
        var instance = Instance.Replace(":n", "n", StringComparison.Ordinal);
        await Copy("engine.instances", $"id = '{sampleInstance}'", ("id", instance));
        await Copy("engine.timers", $"instance_id = '{sampleInstance}'", ("instance_id", instance));
        await Copy("approvals.tasks", $"id = '{openTask}'",
            ("id", Task(instance, $"(select version from engine.instances where id = '{sampleInstance}')").Replace(":n", "n", StringComparison.Ordinal)), ("case_id", instance));
        await using var analyze = new NpgsqlCommand("analyze engine.instances, engine.timers, approvals.tasks; checkpoint", connection) { CommandTimeout = 600 };
        await analyze.ExecuteNonQueryAsync();
    }

    // The task that was opened by a version of an instance: begins like the instance, as the server's ids do.
    private static string Task(string instance, string version) =>
        $"(left({instance}::text, 19) || lpad(to_hex(({version}) % 65536), 4, '0') || right({instance}::text, 13))::uuid";

    private static string Expression(NpgsqlParameter parameter, StepWrite sample, (byte[] One, byte[] Other) states, Guid closedTask, Guid openedTask)
    {
        var type = TypeName(parameter.NpgsqlDbType);
        if (parameter.Value is null or DBNull)
            return $"null::{type}";
        if (ReferenceEquals(parameter.Value, states.One))
            return $"case (select version from this) % 2 when {sample.VersionBefore % 2} then {Literal(states.One)} else {Literal(states.Other)} end::bytea";
        if (parameter.Value is Guid id && Replaced(id) is { } one)
            return one;
        if (parameter.Value is long version && version == sample.VersionBefore)
            return "(select version from this)";
        if (parameter.Value is IEnumerable<Guid> ids)
            return $"array[{string.Join(", ", ids.Select(i => Replaced(i) ?? "gen_random_uuid()"))}]::uuid[]";
        if (parameter.Value is string text && sample.Request.Idempotency?.Key == text)
            return "(E'bench-' || :r ::text || '-' || :client_id::text)";
        return $"{Literal(parameter.Value)}::{type}";

        string? Replaced(Guid value) =>
            value == sample.InstanceId ? "(select id from this)"
            : value == closedTask ? Task("(select id from this)", "(select version from this)")
            : value == openedTask ? Task("(select id from this)", "(select version + 1 from this)")
            : null;
    }

    private static string Literal(object value) => value switch
    {
        byte[] bytes => Quoted($"\\x{Convert.ToHexString(bytes)}"),
        System.Collections.IEnumerable list and not string => Quoted($"{{{string.Join(",", list.Cast<object?>().Select(Item))}}}"),
        DateTimeOffset at => Quoted($"{at:O}"),
        bool flag => flag ? "'t'" : "'f'",
        _ => Quoted(Convert.ToString(value, CultureInfo.InvariantCulture)!),
    };

    // pgbench takes a colon for a variable, inside quotes too.
    private static string Quoted(string text) => "E'" + text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("'", "''", StringComparison.Ordinal).Replace(":", "\\x3a", StringComparison.Ordinal) + "'";

    private static string Item(object? item) => item switch
    {
        null or DBNull => "NULL",
        byte[] bytes => $"\"\\\\x{Convert.ToHexString(bytes)}\"",
        DateTimeOffset at => $"\"{at:O}\"",
        bool flag => flag ? "t" : "f",
        string text => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
        _ => Convert.ToString(item, CultureInfo.InvariantCulture)!,
    };

    private static string TypeName(NpgsqlDbType type)
    {
        var array = type.HasFlag(NpgsqlDbType.Array);
        var name = (type & ~NpgsqlDbType.Array) switch
        {
            NpgsqlDbType.Uuid => "uuid",
            NpgsqlDbType.Bigint => "bigint",
            NpgsqlDbType.Integer => "integer",
            NpgsqlDbType.Smallint => "smallint",
            NpgsqlDbType.Text => "text",
            NpgsqlDbType.Bytea => "bytea",
            NpgsqlDbType.Boolean => "boolean",
            NpgsqlDbType.TimestampTz => "timestamptz",
            NpgsqlDbType.Jsonb => "jsonb",
            NpgsqlDbType.Json => "json",
            var other => throw new NotSupportedException($"The step has a parameter of type {other}, which the script can't write yet."),
        };
        return array ? name + "[]" : name;
    }

    [GeneratedRegex(@"\$(\d+)")]
    private static partial Regex Parameter();
}
