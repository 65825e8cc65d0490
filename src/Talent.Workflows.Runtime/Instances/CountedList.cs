using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>
/// A list whose members keep their places once they are in it: it has an index, marks of the last count, and what has
/// come in since. So any rank leads to its rows and any row to its rank by reading some hundred entries of the index.
/// </summary>
internal sealed class CountedList
{
    private static readonly Guid HighestId = new("ffffffff-ffff-ffff-ffff-ffffffffffff");

    private readonly NpgsqlConnection connection;
    private readonly string where;
    private readonly string? definition;
    private readonly string? at;
    private readonly List<(InstanceKey Key, long Counted)> marks = [];

    private CountedList(NpgsqlConnection connection, string where, string? at, string? definition) =>
        (this.connection, this.where, this.at, this.definition) = (connection, where, at, definition);

    /// <summary>All instances, by their ids.</summary>
    public static Task<CountedList> AllAsync(NpgsqlConnection connection, IEnumerable<ChangedInstance> changed, CancellationToken cancellationToken) =>
        new CountedList(connection, "true", null, null).ReadAsync("all", changed.Where(c => c.IsNew).Select(c => new InstanceKey(null, c.Id)), cancellationToken);

    /// <summary>Those of one definition, by their ids.</summary>
    public static Task<CountedList> OfDefinitionAsync(NpgsqlConnection connection, string definition, IEnumerable<ChangedInstance> changed, CancellationToken cancellationToken) =>
        new CountedList(connection, "i.definition_id = $1", null, definition)
            .ReadAsync($"definition:{definition}", changed.Where(c => c.IsNew && c.DefinitionId == definition).Select(c => new InstanceKey(null, c.Id)), cancellationToken);

    /// <summary>All, by the instant of their creation.</summary>
    public static Task<CountedList> CreatedAsync(NpgsqlConnection connection, IEnumerable<ChangedInstance> changed, CancellationToken cancellationToken) =>
        new CountedList(connection, "true", "created_at", null).ReadAsync("created", changed.Where(c => c.IsNew).Select(c => new InstanceKey(c.CreatedAt, c.Id)), cancellationToken);

    /// <summary>What has ended, by its id.</summary>
    public static Task<CountedList> FinishedAsync(NpgsqlConnection connection, IEnumerable<ChangedInstance> changed, CancellationToken cancellationToken) =>
        new CountedList(connection, "i.status = 1", null, null).ReadAsync("finished", changed.Where(c => c.HasEnded).Select(c => new InstanceKey(null, c.Id)), cancellationToken);

    /// <summary>What has ended of one definition, by its id.</summary>
    public static Task<CountedList> FinishedOfAsync(NpgsqlConnection connection, string definition, IEnumerable<ChangedInstance> changed, CancellationToken cancellationToken) =>
        new CountedList(connection, "i.definition_id = $1 and i.status = 1", null, definition)
            .ReadAsync($"finished:{definition}", changed.Where(c => c.HasEnded && c.DefinitionId == definition).Select(c => new InstanceKey(null, c.Id)), cancellationToken);

    /// <summary>What has ended, by the instant of its end, which is that of its last execution too.</summary>
    public static Task<CountedList> EndedAsync(NpgsqlConnection connection, IEnumerable<ChangedInstance> changed, CancellationToken cancellationToken) =>
        new CountedList(connection, "i.status = 1", "finished_at", null).ReadAsync("ended", changed.Where(c => c.HasEnded).Select(c => new InstanceKey(c.FinishedAt, c.Id)), cancellationToken);

    /// <summary>Marks, lowest first, with how many there are up to each.</summary>
    public IReadOnlyList<(InstanceKey Key, long Counted)> Marks => marks;

    /// <summary>How many there are up to a key, itself included; null: in all.</summary>
    public async Task<long> RankAsync(InstanceKey? upTo, CancellationToken cancellationToken)
    {
        var below = upTo is { } key ? marks.FindLastIndex(m => m.Key <= key) : marks.Count - 1;
        await using var command = Command();
        command.CommandText = $"select count(*) from engine.instances i where {where}{(below < 0 ? "" : Bound(">", marks[below].Key, command))}{(upTo is { } to ? Bound("<=", to, command) : "")}";
        return (below < 0 ? 0 : marks[below].Counted) + (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Members in ascending order, from the one that has <paramref name="skip"/> before it.</summary>
    /// <param name="count">The rank of <paramref name="upTo"/>: members behind it aren't read.</param>
    public async Task<List<InstanceKey>> ReadAsync(long skip, int take, InstanceKey? upTo, long count, CancellationToken cancellationToken)
    {
        take = (int)Math.Min(take, count - skip);
        if (take <= 0)
            return [];
        var near = marks.FindLastIndex(m => m.Counted <= skip);
        var offset = skip - (near < 0 ? 0 : marks[near].Counted);
        var left = count - skip - take;
        // Whichever is nearer: the mark before, or the end.
        var backwards = left < offset;
        await using var command = Command();
        var bounds = backwards ? upTo is { } to ? Bound("<=", to, command) : "" : near < 0 ? "" : Bound(">", marks[near].Key, command);
        var direction = backwards ? "desc" : "asc";
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"""
            select i.id{(at is null ? "" : $", i.{at}")} from engine.instances i where {where}{bounds}
            order by {(at is null ? "" : $"i.{at} {direction}, ")}i.id {direction} limit {take} offset {(backwards ? left : offset)}
            """);
        var keys = new List<InstanceKey>(take);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            keys.Add(new InstanceKey(at is null ? null : reader.GetFieldValue<DateTimeOffset>(1), reader.GetGuid(0)));
        if (backwards)
            keys.Reverse();
        return keys;
    }

    /// <summary>The last key before what a condition on the instant lets in, or the last that it does; null when it is no bound.</summary>
    public static (InstanceKey? After, InstanceKey? UpTo)? Bounds(InstantCondition condition)
    {
        // PostgreSQL keeps microseconds.
        var instant = new DateTimeOffset(condition.Instant.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
        return condition.Operator switch
        {
            ">" => (new InstanceKey(instant, HighestId), null),
            ">=" => (new InstanceKey(instant, Guid.Empty), null),
            "<" => (null, new InstanceKey(instant, Guid.Empty)),
            "<=" => (null, new InstanceKey(instant, HighestId)),
            _ => null,
        };
    }

    private NpgsqlCommand Command()
    {
        var command = new NpgsqlCommand { Connection = connection };
        if (definition is not null)
            InstanceConditions.Parameter(command.Parameters, NpgsqlDbType.Text, definition);
        return command;
    }

    private string Bound(string comparison, InstanceKey key, NpgsqlCommand command) => at is null
        ? $" and i.id {comparison} {InstanceConditions.Parameter(command.Parameters, NpgsqlDbType.Uuid, key.Id)}"
        : $" and (i.{at}, i.id) {comparison} ({InstanceConditions.Parameter(command.Parameters, NpgsqlDbType.TimestampTz, key.At!.Value)}, {InstanceConditions.Parameter(command.Parameters, NpgsqlDbType.Uuid, key.Id)})";

    private async Task<CountedList> ReadAsync(string list, IEnumerable<InstanceKey> since, CancellationToken cancellationToken)
    {
        var added = since.Order().ToList();
        var below = 0;
        await using var command = new NpgsqlCommand("select at, id, counted from engine.list_marks where list = $1 order by place", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = list });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var key = new InstanceKey(reader.IsDBNull(0) ? null : reader.GetFieldValue<DateTimeOffset>(0), reader.GetGuid(1));
            while (below < added.Count && added[below] <= key)
                below++;
            marks.Add((key, reader.GetInt64(2) + below));
        }
        return this;
    }
}
