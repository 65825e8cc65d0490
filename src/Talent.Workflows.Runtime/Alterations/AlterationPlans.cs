using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime.Alterations;

/// <summary>Plans and their jobs. A plan that was answered is carried out, whatever happens to this process.</summary>
public sealed class AlterationPlans(NpgsqlDataSource database, BusinessClock clock, Wakeups wakeups)
{
    // One statement: plan, jobs and the messages that carry them out are there together or not at all.
    private const string SubmitSql = $"""
        with plan as (
            insert into engine.alteration_plans (id, alterations, filter, credential, acting_user, created_at)
            values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning id),
        jobs as (
            insert into engine.alteration_jobs (id, plan_id, instance_id)
            select j.id, plan.id, j.instance from plan, unnest($7, $8) j(id, instance)),
        messages as (
            insert into engine.outbox (id, instance_id, kind, ordering_key, payload, created_at)
            select j.id, j.instance, '{AlterationDelivery.MessageKind}', 'alteration:' || j.instance, convert_to('null', 'UTF8'), $6
            from plan, unnest($7, $8) with ordinality j(id, instance, place) order by j.place)
        select exists (select from plan)
        """;

    /// <summary>Keeps a plan for these instances. Each is altered after that, by any node.</summary>
    /// <exception cref="WorkflowException"><c>too_large</c>: too many instances; <c>conflict</c>: the id is another plan's. Under the same id the same plan is kept once.</exception>
    public async Task SubmitAsync(AlterationPlan plan, IReadOnlyList<Guid> instances, CancellationToken cancellationToken)
    {
        if (instances.Count > AlterationPlan.MostInstances)
            throw AlterationPlan.TooMany();
        var alterations = JsonSerializer.SerializeToUtf8Bytes(plan.Alterations, JsonSerializerOptions.Web);
        await using var command = database.CreateCommand(SubmitSql);
        Add(NpgsqlDbType.Text, plan.Id);
        Add(NpgsqlDbType.Bytea, alterations);
        Add(NpgsqlDbType.Bytea, plan.Filter);
        Add(NpgsqlDbType.Text, plan.Actor.Credential);
        Add(NpgsqlDbType.Text, plan.Actor.User);
        Add(NpgsqlDbType.TimestampTz, clock.Now);
        Add(NpgsqlDbType.Array | NpgsqlDbType.Uuid, instances.Select(_ => Guid.CreateVersion7(clock.Machine.GetUtcNow())).Order().ToArray());
        Add(NpgsqlDbType.Array | NpgsqlDbType.Uuid, instances.ToArray());
        if ((bool)(await command.ExecuteScalarAsync(cancellationToken))!)
        {
            wakeups.Committed(leavesMessages: true, nextDueAt: null);
            return;
        }
        if (await FindAsync(plan.Id, cancellationToken) is not { } known || known.Actor.Credential != plan.Actor.Credential
            || !alterations.AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(known.Alterations, JsonSerializerOptions.Web)) || !known.Filter.AsSpan().SequenceEqual(plan.Filter))
            throw new WorkflowException(ErrorCodes.Conflict, $"There is another plan '{plan.Id}'. Choose another id, or leave it out.", $"计划编号“{plan.Id}”已被使用。");

        void Add(NpgsqlDbType type, object? value) => command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
    }

    /// <summary>A plan; null when there is none.</summary>
    public async Task<AlterationPlan?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select id, alterations, filter, credential, acting_user, created_at from engine.alteration_plans where id = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new AlterationPlan
            {
                Id = reader.GetString(0),
                Alterations = Read(reader.GetFieldValue<byte[]>(1)),
                Filter = reader.GetFieldValue<byte[]>(2),
                Actor = new Actor(reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4)),
                CreatedAt = reader.GetFieldValue<DateTimeOffset>(5),
            }
            : null;
    }

    /// <summary>The jobs of a plan, in the order in which they were ordered.</summary>
    public async Task<IReadOnlyList<AlterationJob>> JobsAsync(string planId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select id, instance_id, status, message, started_at, completed_at from engine.alteration_jobs where plan_id = $1 order by id");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = planId });
        var jobs = new List<AlterationJob>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            jobs.Add(new AlterationJob(reader.GetGuid(0), reader.GetGuid(1), (AlterationStatus)reader.GetInt16(2), reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetFieldValue<DateTimeOffset>(4), reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5)));
        return jobs;
    }

    /// <summary>Notes that a job is under way, and says what to do and for whom; null when it has ended already, or is forgotten.</summary>
    internal async Task<(IReadOnlyList<Alteration> Alterations, Actor Actor)?> BeginAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"""
            update engine.alteration_jobs j set status = {(int)AlterationStatus.Running}, started_at = coalesce(j.started_at, $2)
            from engine.alteration_plans p where j.id = $1 and p.id = j.plan_id and j.status <= {(int)AlterationStatus.Running}
            returning p.alterations, p.credential, p.acting_user
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = jobId });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.Now });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (Read(reader.GetFieldValue<byte[]>(0)), new Actor(reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2)))
            : null;
    }

    internal async Task EndAsync(Guid jobId, AlterationStatus status, string message, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("update engine.alteration_jobs set status = $2, message = $3, completed_at = $4 where id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = jobId });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)status });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = message });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.Now });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static List<Alteration> Read(byte[] json) => JsonSerializer.Deserialize<List<Alteration>>(json, JsonSerializerOptions.Web)!;
}
