using Npgsql;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime.Tests.Storage;

/// <summary>How PostgreSQL runs the product's statements when tables are large.</summary>
public sealed class PlanTests(RuntimeDatabase database) : RuntimeTest(database)
{
    [Fact]
    public async Task Bookmark_WhenTenThousandWait_ThenItIsFoundByAnIndex()
    {
        await ExecuteAsync("insert into engine.bookmarks select gen_random_uuid(), gen_random_uuid(), 'go', 'c' || i from generate_series(1, 10000) i; analyze engine.bookmarks");

        var plan = await PlanAsync(WorkflowRuntime.PublishSql, "key", "signal", "go", "c77", "user", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, "null"u8.ToArray(), "hash"u8.ToArray(), Guid.Empty);

        Assert.Contains("Index Cond: ((event_name = 'go'::text) AND (correlation_id = 'c77'::text))", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on bookmarks", plan, StringComparison.Ordinal);
        await ExecuteAsync("truncate engine.bookmarks");
    }

    [Fact]
    public async Task DueTimers_WhenManyWait_ThenTheyAreFoundByAnIndex()
    {
        await ExecuteAsync("insert into engine.timers (instance_id, due_at) select gen_random_uuid(), now() + i * interval '1 minute' from generate_series(1, 10000) i; analyze engine.timers");
        var now = await ScalarAsync<DateTime>("select now()");

        var claim = await PlanAsync(TimerStore.ClaimSql, now, now, now, 10);
        var next = await PlanAsync(TimerStore.NextDueSql, now);

        Assert.All([claim, next], plan =>
        {
            Assert.Contains("timers_due", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("Seq Scan on timers", plan, StringComparison.Ordinal);
        });
        await ExecuteAsync("truncate engine.timers");
    }

    [Fact]
    public async Task Outbox_WhenTenThousandMessagesOfOneKindWait_ThenTheirHeadIsFoundByAnIndex()
    {
        await ExecuteAsync("""
            insert into engine.outbox (id, instance_id, kind, ordering_key, payload, created_at)
            select gen_random_uuid(), gen_random_uuid(), 'crowd', 'event:' || i % 100, '', now() from generate_series(1, 10000) i;
            insert into engine.outbox_failed (seq, id, instance_id, kind, ordering_key, payload, created_at, attempts, retry_at, dead, last_error)
            select -i, gen_random_uuid(), gen_random_uuid(), 'crowd', 'other:' || i % 100, '', now(), 1, now() + i * interval '1 minute', i % 2 = 0, '' from generate_series(1, 10000) i;
            analyze engine.outbox; analyze engine.outbox_failed
            """);
        var now = await ScalarAsync<DateTime>("select now()");
        string[] kinds = ["crowd"];
        int[] places = [10];

        var fresh = await PlanAsync(OutboxStore.ClaimFreshSql, kinds, places, now, now);
        var failed = await PlanAsync(OutboxStore.ClaimFailedSql, kinds, places, now, now);

        Assert.Contains("outbox_ordering", fresh, StringComparison.Ordinal);
        Assert.Contains("outbox_failed_retry", failed, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on outbox", fresh + failed, StringComparison.Ordinal);
        await ExecuteAsync("truncate engine.outbox, engine.outbox_failed");
    }

    [Fact]
    public async Task Activation_WhenThereAreManyInstances_ThenItsGatesGoByKeysAlone()
    {
        // Half of them run, a fifth has a correlation id, all are of one definition.
        await ExecuteAsync("""
            insert into engine.instances (id, definition_id, definition_version_id, version, status, sub_status, incidents, correlation_id, created_at, updated_at, finished_at, state)
            select gen_random_uuid(), 'crowded', 'crowded-v1', 1, i % 2, case i % 2 when 0 then 2 else 3 end, 0, case i % 5 when 0 then 'c' || i end, now(), now(), case i % 2 when 1 then now() end, ''
            from generate_series(1, 20000) i;
            insert into engine.activations (instance_id, key, beside) select id, engine.activation_key('correlated', definition_id, correlation_id), id from engine.instances where definition_id = 'crowded' and status = 0;
            analyze engine.instances; analyze engine.activations
            """);

        var key = await GenericPlanAsync(ActivationPart.KeyIsFree.Replace("@kind", "$1").Replace("@definition", "$2").Replace("@asked", "$3"), "'correlated'", "'crowded'", "'c10'");
        var correlation = await GenericPlanAsync(ActivationPart.CorrelationIsFree.Replace("@asked", "$1"), "'c10'");

        Assert.Contains("Index Cond: (key =", key, StringComparison.Ordinal);
        Assert.Contains("Index Cond: (id = a.instance_id)", key, StringComparison.Ordinal);
        Assert.Contains("Index Cond: (correlation_id = $1)", correlation, StringComparison.Ordinal);
        Assert.All([key, correlation], plan => Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal));
        await ExecuteAsync("truncate engine.instances, engine.activations");
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = Db.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The plan that a step's connection would keep for good.</summary>
    private async Task<string> GenericPlanAsync(string sql, params string[] values)
    {
        await using var connection = await Db.DataSource.OpenConnectionAsync();
        foreach (var statement in (string[])[StepConnection.Settings, $"prepare gate({string.Join(", ", values.Select(_ => "text"))}) as {sql}"])
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
        var lines = new List<string>();
        await using (var explain = new NpgsqlCommand($"explain execute gate({string.Join(", ", values)})", connection))
        {
            await using var reader = await explain.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                lines.Add(reader.GetString(0));
        }
        return string.Join('\n', lines);
    }

    /// <summary>How PostgreSQL would run one of the product's own statements, with these values.</summary>
    private async Task<string> PlanAsync(string sql, params object[] values)
    {
        await using var command = Db.DataSource.CreateCommand($"explain {sql}");
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }
}
