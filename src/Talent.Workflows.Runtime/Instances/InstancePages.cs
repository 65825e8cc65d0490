using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>The page of one search, and its total, in the snapshot of the connection's transaction.</summary>
internal sealed class InstancePages(NpgsqlConnection connection, InstanceSearchQuery query, int exactUpTo)
{
    private List<ChangedInstance> changed = [];

    public async Task<(List<Guid> Ids, long Total)> FindAsync(CancellationToken cancellationToken)
    {
        changed = await InstanceChangesSince.ReadAsync(connection, cancellationToken);
        var spans = query.Instants.Select(i => i.Column).Distinct().ToList();
        var isAll = IsPlain && query is { DefinitionIds: null, Instants.Count: 0 };
        var status = query.Statuses is [var one] ? one : (WorkflowStatus?)null;
        return (query.Order, status) switch
        {
            _ when !IsPlain || query.Statuses is not null && status is null => await ScanAsync(cancellationToken),
            (InstanceOrder.Created, null) when isAll => await MarkedAsync(await CountedList.AllAsync(connection, changed, cancellationToken), cancellationToken),
            (InstanceOrder.Created, null) when query is { DefinitionIds: [var definition], Instants.Count: 0 } => await MarkedAsync(await CountedList.OfDefinitionAsync(connection, definition, changed, cancellationToken), cancellationToken),
            (InstanceOrder.Created, null) when query.DefinitionIds is null && spans is [InstantColumn.CreatedAt] && AreBounds() => await MarkedAsync(await CountedList.CreatedAsync(connection, changed, cancellationToken), cancellationToken),
            (InstanceOrder.Created, WorkflowStatus.Finished) when isAll => await MarkedAsync(await CountedList.FinishedAsync(connection, changed, cancellationToken), cancellationToken),
            (InstanceOrder.Created, WorkflowStatus.Finished) when query is { DefinitionIds: [var definition], Instants.Count: 0 } => await MarkedAsync(await CountedList.FinishedOfAsync(connection, definition, changed, cancellationToken), cancellationToken),
            (InstanceOrder.Created, WorkflowStatus.Running) when isAll => await RunningAsync(query.Skip, query.Take, cancellationToken),
            (InstanceOrder.Finished or InstanceOrder.LastExecuted, WorkflowStatus.Finished) when isAll => await MarkedAsync(await EndedAsync(cancellationToken), cancellationToken),
            // What runs has no end, and fits no span of it.
            (InstanceOrder.Finished, not WorkflowStatus.Running) when query.DefinitionIds is null && spans is [InstantColumn.FinishedAt] && AreBounds() => await MarkedAsync(await EndedAsync(cancellationToken), cancellationToken),
            (InstanceOrder.Finished, null) when isAll => await EndedFirstAsync(cancellationToken),
            (InstanceOrder.LastExecuted, not WorkflowStatus.Finished) when isAll => await LastExecutedAsync(status is null, cancellationToken),
            (InstanceOrder.Name, null) when isAll => await NamedAsync(cancellationToken),
            _ => await ScanAsync(cancellationToken),
        };
    }

    /// <summary>Nothing restricts but definitions, statuses and instants.</summary>
    private bool IsPlain => query is { Text: null, Ids: null, DefinitionVersionId: null, DefinitionVersionIds: null, Version: null, CorrelationId: null, CorrelationIds: null, SubStatuses: null, HasIncidents: null };

    private bool AreBounds() => query.Instants.All(i => CountedList.Bounds(i) is not null);

    private Task<CountedList> EndedAsync(CancellationToken cancellationToken) => CountedList.EndedAsync(connection, changed, cancellationToken);

    /// <summary>Where the page begins, counted from the lowest key, and how long it is.</summary>
    private (long Skip, int Take) Ascending(long total, long skip, int take)
    {
        take = (int)Math.Clamp(total - skip, 0, take);
        return (query.Descending ? total - skip - take : skip, take);
    }

    private List<Guid> Directed(List<InstanceKey> ascending)
    {
        if (query.Descending)
            ascending.Reverse();
        return ascending.ConvertAll(k => k.Id);
    }

    private async Task<(List<Guid> Ids, long Total)> MarkedAsync(CountedList list, CancellationToken cancellationToken)
    {
        InstanceKey? after = null, upTo = null;
        foreach (var bounds in query.Instants.Select(i => CountedList.Bounds(i)!.Value))
        {
            after = bounds.After is { } low && (after is null || low > after) ? low : after;
            upTo = bounds.UpTo is { } high && (upTo is null || high < upTo) ? high : upTo;
        }
        var before = after is null ? 0 : await list.RankAsync(after, cancellationToken);
        var end = Math.Max(before, await list.RankAsync(upTo, cancellationToken));
        var (skip, take) = Ascending(end - before, query.Skip, query.Take);
        return (take <= 0 ? [] : Directed(await list.ReadAsync(before + skip, take, upTo, end, cancellationToken)), end - before);
    }

    /// <summary>By the end: what runs comes last, by its id, whichever way.</summary>
    private async Task<(List<Guid> Ids, long Total)> EndedFirstAsync(CancellationToken cancellationToken)
    {
        var ended = await EndedAsync(cancellationToken);
        var count = await ended.RankAsync(null, cancellationToken);
        var total = await AllTotalAsync(cancellationToken);
        var (skip, take) = Ascending(count, Math.Min(query.Skip, count), query.Take);
        var ids = take == 0 ? [] : Directed(await ended.ReadAsync(skip, take, null, count, cancellationToken));
        if (ids.Count < query.Take)
            ids.AddRange((await RunningAsync(Math.Max(0, query.Skip - count), query.Take - ids.Count, cancellationToken)).Ids);
        return (ids, total);
    }

    private async Task<(List<Guid> Ids, long Total)> LastExecutedAsync(bool withEnded, CancellationToken cancellationToken)
    {
        var running = await RunningByLastExecution.ReadAsync(connection, changed, cancellationToken);
        var ended = withEnded ? await EndedAsync(cancellationToken) : null;
        var count = ended is null ? 0 : await ended.RankAsync(null, cancellationToken);
        var total = count + running.Count;
        // Before the first count, or when rows have come in another way than by steps, there is only the slow one.
        if ((withEnded ? await AllTotalAsync(cancellationToken) : await RunningAsync(cancellationToken)) != total)
            return await ScanAsync(cancellationToken);
        var (skip, take) = Ascending(total, query.Skip, query.Take);
        return (Directed(await ByLastExecution.ReadAsync(ended, count, running, skip, take, cancellationToken)), total);
    }

    /// <summary>What runs, by its id. It leaves that list when it ends, so it has no marks: its rank is that among all less that among what has ended.</summary>
    private async Task<(List<Guid> Ids, long Total)> RunningAsync(long from, int most, CancellationToken cancellationToken)
    {
        var all = await CountedList.AllAsync(connection, changed, cancellationToken);
        var ended = await CountedList.FinishedAsync(connection, changed, cancellationToken);
        var total = await all.RankAsync(null, cancellationToken) - await ended.RankAsync(null, cancellationToken);
        var (skip, take) = Ascending(total, from, most);
        if (take == 0)
            return ([], total);
        InstanceKey? near = null;
        var (next, endedAtLeast) = (0, 0L);
        foreach (var (key, counted) in all.Marks)
        {
            for (; next < ended.Marks.Count && ended.Marks[next].Key <= key; next++)
                endedAtLeast = ended.Marks[next].Counted;
            if (counted - endedAtLeast > skip)
                break;
            near = key;
        }
        var before = near is null ? 0 : await all.RankAsync(near, cancellationToken) - await ended.RankAsync(near, cancellationToken);
        await using var page = new NpgsqlCommand { Connection = connection };
        page.CommandText = string.Create(CultureInfo.InvariantCulture, $"""
            select i.id from engine.instances i where i.status = 0{(near is { } mark ? $" and i.id > {InstanceConditions.Parameter(page.Parameters, NpgsqlDbType.Uuid, mark.Id)}" : "")}
            order by i.id limit {take} offset {skip - before}
            """);
        var ids = await IdsAsync(page, cancellationToken);
        if (query.Descending)
            ids.Reverse();
        return (ids, total);
    }

    /// <summary>Names may change with each step, so their marks hold only while nothing has.</summary>
    private async Task<(List<Guid> Ids, long Total)> NamedAsync(CancellationToken cancellationToken)
    {
        var total = await AllTotalAsync(cancellationToken);
        var (skip, take) = Ascending(total, query.Skip, query.Take);
        if (changed.Count == 0 && take > 0)
        {
            await using var near = new NpgsqlCommand("""
                select name, id, counted from engine.list_marks m where list = 'name' and counted <= $1
                    and (select max(counted) from engine.list_marks where list = 'name') >= $2 order by counted desc limit 1
                """, connection);
            near.Parameters.Add(new NpgsqlParameter<long> { TypedValue = skip });
            near.Parameters.Add(new NpgsqlParameter<long> { TypedValue = skip + take });
            await using var reader = await near.ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken))
            {
                var (name, id, counted) = (reader.GetString(0), reader.GetGuid(1), reader.GetInt64(2));
                await reader.DisposeAsync();
                await using var page = new NpgsqlCommand { Connection = connection };
                page.CommandText = string.Create(CultureInfo.InvariantCulture, $"""
                    select i.id from engine.instances i where (i.name, i.id) > ({InstanceConditions.Parameter(page.Parameters, NpgsqlDbType.Text, name)}, {InstanceConditions.Parameter(page.Parameters, NpgsqlDbType.Uuid, id)})
                    order by i.name, i.id limit {take} offset {skip - counted}
                    """);
                var ids = await IdsAsync(page, cancellationToken);
                if (query.Descending)
                    ids.Reverse();
                return (ids, total);
            }
        }
        return (await PageAsync(query, total, cancellationToken), total);
    }

    private async Task<(List<Guid> Ids, long Total)> ScanAsync(CancellationToken cancellationToken)
    {
        var (total, isExact) = await CountAsync(cancellationToken);
        return (await PageAsync(query, isExact ? total : null, cancellationToken), total);
    }

    /// <summary>An index alone finds the page, where there is one that has all that is asked for.</summary>
    /// <param name="total">Known exactly: a page behind the middle is read from the end.</param>
    private async Task<List<Guid>> PageAsync(InstanceSearchQuery searched, long? total, CancellationToken cancellationToken)
    {
        var take = total is { } most ? (int)Math.Clamp(most - searched.Skip, 0, searched.Take) : searched.Take;
        if (take == 0)
            return [];
        var left = (total ?? long.MaxValue) - searched.Skip - take;
        var backwards = left < searched.Skip;
        await using var page = new NpgsqlCommand { Connection = connection };
        var where = InstanceConditions.Sql(searched, page.Parameters);
        // Of few, all are found first: to walk along the order until they come by may take long, and the planner can't know.
        var source = total <= exactUpTo ? $"(select i.id, i.name, i.created_at, i.updated_at, i.finished_at from engine.instances i where {where} offset 0) i" : $"engine.instances i where {where}";
        page.CommandText = string.Create(CultureInfo.InvariantCulture, $"""
            select i.id from {source}
            order by {InstanceConditions.OrderBy(searched, searched.Descending != backwards)} limit {take} offset {(backwards ? left : searched.Skip)}
            """);
        var ids = await IdsAsync(page, cancellationToken);
        if (backwards)
            ids.Reverse();
        return ids;
    }

    private async Task<(long Total, bool IsExact)> CountAsync(CancellationToken cancellationToken)
    {
        if (IsPlain && query.Instants.Count == 0 && (query is { Statuses: null or { Count: 1 }, DefinitionIds: null } or { Statuses: null or [WorkflowStatus.Finished], DefinitionIds.Count: 1 }))
            return (await PlainTotalAsync(cancellationToken), true);
        var areCounted = InstanceConditions.AreCounted(query);
        var counted = await CountAsync(areCounted ? exactUpTo + 1 : null, cancellationToken);
        if (!areCounted || counted <= exactUpTo)
            return (counted, true);
        await using var kinds = new NpgsqlCommand { Connection = connection };
        kinds.CommandText = $"select sum(i.counted)::bigint, (select sum(counted)::bigint from engine.list_counts) from engine.list_counts i where {InstanceConditions.Sql(query, kinds.Parameters)}";
        var (fitting, all) = await PairAsync(kinds, cancellationToken);
        if (all == 0)
            return (await CountAsync(null, cancellationToken), true);
        // While no step has changed anything, and no other tool has written rows, the last count is the truth.
        var isExact = changed.Count == 0 && all == await AllTotalAsync(cancellationToken);
        return (isExact ? fitting : Math.Max(counted, fitting), isExact);
    }

    private async Task<long> CountAsync(int? atMost, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand { Connection = connection };
        var where = InstanceConditions.Sql(query, command.Parameters);
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"select count(*) from (select 1 from engine.instances i where {where}{(atMost is { } most ? $" limit {most}" : "")}) counted");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<long> PlainTotalAsync(CancellationToken cancellationToken) => query switch
    {
        { Statuses: [WorkflowStatus.Finished], DefinitionIds: [var definition] } => await (await CountedList.FinishedOfAsync(connection, definition, changed, cancellationToken)).RankAsync(null, cancellationToken),
        { Statuses: [WorkflowStatus.Running] } => await RunningAsync(cancellationToken),
        { Statuses: [WorkflowStatus.Finished] } => await (await CountedList.FinishedAsync(connection, changed, cancellationToken)).RankAsync(null, cancellationToken),
        { DefinitionIds: [var definition] } => await (await CountedList.OfDefinitionAsync(connection, definition, changed, cancellationToken)).RankAsync(null, cancellationToken),
        _ => await AllTotalAsync(cancellationToken),
    };

    private static async Task<(long, long)> PairAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.IsDBNull(0) ? 0 : reader.GetInt64(0), reader.IsDBNull(1) ? 0 : reader.GetInt64(1));
    }

    private async Task<long> AllTotalAsync(CancellationToken cancellationToken) => await (await CountedList.AllAsync(connection, changed, cancellationToken)).RankAsync(null, cancellationToken);

    private async Task<long> RunningAsync(CancellationToken cancellationToken) =>
        await AllTotalAsync(cancellationToken) - await (await CountedList.FinishedAsync(connection, changed, cancellationToken)).RankAsync(null, cancellationToken);

    private static async Task<List<Guid>> IdsAsync(NpgsqlCommand page, CancellationToken cancellationToken)
    {
        var ids = new List<Guid>();
        await using var reader = await page.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            ids.Add(reader.GetGuid(0));
        return ids;
    }
}
