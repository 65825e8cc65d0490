using Npgsql;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>
/// What runs, in the order of the last execution. No index may follow that, so it is the order of the last count, kept in
/// blocks, without what has changed since, and with that where it belongs now.
/// </summary>
internal sealed class RunningByLastExecution
{
    private readonly NpgsqlConnection connection;
    private readonly List<(InstanceKey Key, long Before)> blocks = [];
    private readonly List<InstanceKey> moved;
    private readonly HashSet<Guid> changed;
    private readonly Dictionary<int, List<InstanceKey>> read = [];

    private RunningByLastExecution(NpgsqlConnection connection, IReadOnlyList<ChangedInstance> changed)
    {
        this.connection = connection;
        this.changed = [.. changed.Select(c => c.Id)];
        moved = [.. changed.Where(c => c.Runs).Select(c => new InstanceKey(c.UpdatedAt, c.Id)).Order()];
    }

    public long Count { get; private set; }

    /// <summary>Where blocks begin, lowest first, with how many of what they hold come before.</summary>
    public IReadOnlyList<(InstanceKey Key, long Before)> Blocks => blocks;

    public static async Task<RunningByLastExecution> ReadAsync(NpgsqlConnection connection, IReadOnlyList<ChangedInstance> changed, CancellationToken cancellationToken)
    {
        var running = new RunningByLastExecution(connection, changed);
        await using var command = new NpgsqlCommand("""
            select b.at, b.id, cardinality(b.ids) - case when cardinality($1) = 0 then 0 else (select count(*) from unnest(b.ids) e(id) where e.id = any($1)) end
            from engine.list_blocks b order by b.block
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. running.changed] });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        long before = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            running.blocks.Add((new InstanceKey(reader.GetFieldValue<DateTimeOffset>(0), reader.GetGuid(1)), before));
            before += reader.GetInt64(2);
        }
        running.Count = before + running.moved.Count;
        return running;
    }

    /// <summary>At most so many of them are up to a key.</summary>
    public long AtMost(InstanceKey upTo)
    {
        var next = UpTo(blocks.Count, i => blocks[i].Key, upTo);
        return (next == blocks.Count ? Count - moved.Count : blocks[next].Before) + UpTo(moved.Count, i => moved[i], upTo);
    }

    /// <summary>How many are up to a key (none: null), and the <paramref name="take"/> that follow it.</summary>
    public async Task<(long Rank, List<InstanceKey> Following)> ReadAsync(InstanceKey? after, int take, CancellationToken cancellationToken)
    {
        var known = after is { } key ? UpTo(blocks.Count, i => blocks[i].Key, key) : 0;
        var passed = after is { } last ? UpTo(moved.Count, i => moved[i], last) : 0;
        var rank = passed + (known == 0 ? 0 : blocks[known - 1].Before);
        var stayed = new List<InstanceKey>();
        for (var block = Math.Max(0, known - 1); block < blocks.Count && (block < known || stayed.Count < take); block++)
            foreach (var one in await BlockAsync(block, cancellationToken))
                if (after is { } low && one <= low)
                    rank++;
                else
                    stayed.Add(one);
        var following = InstanceKey.Merge([.. moved.Skip(passed).Take(take)], stayed);
        return (rank, following.Count > take ? following.GetRange(0, take) : following);
    }

    /// <summary>How many of a sorted list are up to a key.</summary>
    internal static int UpTo(int count, Func<int, InstanceKey> at, InstanceKey upTo)
    {
        var (low, high) = (0, count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = at(middle) <= upTo ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    private async Task<List<InstanceKey>> BlockAsync(int block, CancellationToken cancellationToken)
    {
        if (read.TryGetValue(block, out var keys))
            return keys;
        await using var command = new NpgsqlCommand("select b.ats, b.ids from engine.list_blocks b where (b.at, b.id) = ($1, $2)", connection);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = blocks[block].Key.At!.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = blocks[block].Key.Id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (ats, ids) = (reader.GetFieldValue<DateTimeOffset[]>(0), reader.GetFieldValue<Guid[]>(1));
        return read[block] = [.. ids.Zip(ats, (id, at) => new InstanceKey(at, id)).Where(k => !changed.Contains(k.Id))];
    }
}
