using Npgsql;
using Talent.Workflows.Bench.Measuring;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>What a waiting instance costs in the database and in memory, and whether the number of them slows a decision.</summary>
internal static class Waiting
{
    private const string EngineTables = "'engine.instances', 'engine.bookmarks', 'engine.timers', 'engine.journal'";

    /// <summary>Bytes of engine rows (instance, bookmark, timer, journal, their indexes and TOAST) per instance that waits at its second level.</summary>
    public static async Task BytesAsync(string connectionString, Report report, int instances)
    {
        await using var host = await BenchHost.CreateAsync(connectionString, ("CachedInstances", "0"));
        var flow = new FiveStages(host);
        await flow.PrepareAsync();
        var before = await SizeAsync(host.Database);
        var memoryBefore = GC.GetTotalMemory(forceFullCollection: true);
        await Load.TimesAsync(8, instances, async _ => await flow.DecideAsync(await flow.StartAsync(), 1));
        var memory = GC.GetTotalMemory(forceFullCollection: true) - memoryBefore;
        await using (var shares = host.Database.CreateCommand($"select t, pg_relation_size(t::regclass), pg_indexes_size(t::regclass), (select pg_relation_size(reltoastrelid) from pg_class where oid = t::regclass and reltoastrelid <> 0) from unnest(array[{EngineTables}]) t"))
        await using (var reader = await shares.ExecuteReaderAsync())
            while (await reader.ReadAsync())
                Report.Note($"{reader.GetString(0)}: rows {reader.GetInt64(1) / instances:N0}, indexes {reader.GetInt64(2) / instances:N0}, TOAST {(reader.IsDBNull(3) ? 0 : reader.GetInt64(3) / instances):N0} bytes each");
        // As it lies there, with the space of older versions that nobody has used again; then packed.
        await VacuumAsync(host.Database, "vacuum analyze");
        report.Add(new Row("bytes_per_waiting_instance", null, null, (await SizeAsync(host.Database) - before) / (double)instances, "bytes") { Limit = 4096 });
        await VacuumAsync(host.Database, "vacuum full");
        report.Add(new Row("bytes_per_waiting_instance_packed", null, null, (await SizeAsync(host.Database) - before) / (double)instances, "bytes") { Limit = 4096 });
        report.Add(new Row("bytes_memory_per_waiting_instance", null, null, Math.Max(0, memory / (double)instances), "bytes"));
    }

    /// <summary>p50 of a decision with 100,000 waiting instances over that with 1,000; all in the cache, then none.</summary>
    public static async Task FlatnessAsync(string connectionString, Report report, int few, int many, int decisions)
    {
        foreach (var (temperature, cached) in ((string, string)[])[("hot", "200000"), ("cold", "0")])
        {
            await using var host = await BenchHost.CreateAsync(connectionString, ("CachedInstances", cached), ("CachedBytes", $"{4L << 30}"));
            var flow = new FiveStages(host);
            await flow.PrepareAsync();
            var instances = new List<Guid>();
            var p50 = new List<double>();
            foreach (var count in (int[])[few, many])
            {
                var started = new System.Collections.Concurrent.ConcurrentBag<Guid>();
                await Load.TimesAsync(8, count - instances.Count, async _ => started.Add(await flow.StartAsync()));
                instances.AddRange(started);
                await using (var analyze = host.Database.CreateCommand("analyze; checkpoint"))
                {
                    analyze.CommandTimeout = 600;
                    await analyze.ExecuteNonQueryAsync();
                }
                var order = instances.ToArray();
                new Random(7).Shuffle(order);
                // A first round warms plans and code; the figure is the second's.
                for (var round = 0; round < 2; round++)
                {
                    var figures = await Load.TimesAsync(1, Math.Min(decisions, few / 2), i => flow.DecideAsync(order[i], round == 0 ? 1 : 2));
                    if (round == 1)
                        p50.Add(figures.P50Ms);
                }
                foreach (var used in order.Take(Math.Min(decisions, few / 2)))
                    instances.Remove(used);
            }
            Report.Note($"{temperature}: p50 {p50[0]:0.000} ms with {few:N0} waiting, {p50[1]:0.000} ms with {many:N0}");
            report.Add(new Row("signal_p50_flatness", temperature == "hot" ? "inprocess" : null, 1, p50[1] / p50[0], $"ratio {temperature}"));
        }
    }

    private static async Task VacuumAsync(NpgsqlDataSource database, string how)
    {
        await using var vacuum = database.CreateCommand($"{how} engine.instances, engine.bookmarks, engine.timers, engine.journal");
        vacuum.CommandTimeout = 600;
        await vacuum.ExecuteNonQueryAsync();
    }

    private static async Task<long> SizeAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand($"select sum(pg_total_relation_size(t::regclass))::bigint from unnest(array[{EngineTables}]) t");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
