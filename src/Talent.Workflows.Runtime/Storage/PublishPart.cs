using System.Text.Json;
using NpgsqlTypes;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Signals;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>
/// Broadcasts: one outbox message for each wait and each start trigger of that name that exists when the step commits. Waits of other instances
/// are found by the statement itself; those of this one are known here, the new ones included.
/// </summary>
internal sealed class PublishPart : StepPart
{
    public override string Name => "publish";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("ids", NpgsqlDbType.Array | NpgsqlDbType.Uuid),
        new("names", NpgsqlDbType.Array | NpgsqlDbType.Text),
        new("correlations", NpgsqlDbType.Array | NpgsqlDbType.Text),
        new("onlies", NpgsqlDbType.Array | NpgsqlDbType.Uuid),
        new("payloads", NpgsqlDbType.Array | NpgsqlDbType.Bytea),
    ];

    public override string Sql => $"""
        publish_found as (
            insert into engine.outbox (id, instance_id, kind, payload, created_at)
            select b.id, b.instance_id, '{PublishedEvents.MessageKind}', p.payload, @now
            from step, unnest(@ids, @names, @correlations, @onlies, @payloads) p(id, name, correlation, target, payload)
            cross join lateral (
                select c.id, c.instance_id from engine.bookmarks c where c.event_name = p.name and c.correlation_id = p.correlation
                union all
                select a.id, a.instance_id from engine.bookmarks a where a.event_name = p.name and p.correlation is null) b
            where b.instance_id <> @instance and (p.target is null or b.instance_id = p.target)),
        publish_starting as materialized (
            select t.definition_id, t.activity_id, p.correlation, p.payload, engine.time_id(@machine_now) as id
            from step, unnest(@names, @correlations, @onlies, @payloads) p(name, correlation, target, payload)
            join engine.triggers t on t.event_name = p.name
            where p.target is null),
        publish_started as (
            insert into engine.outbox (id, instance_id, kind, payload, created_at)
            select s.id, s.id, '{TriggeredStarts.MessageKind}', convert_to(json_build_object('definitionId', s.definition_id, 'activityId', s.activity_id,
                'correlationId', s.correlation, 'payload', convert_from(s.payload, 'UTF8')::json)::text, 'UTF8'), @now
            from publish_starting s)
        """;

    public override void Bind(StepWrite step, StepParameters values)
    {
        List<PublishEffect>? published = null;
        foreach (var effect in step.Effects)
            if (effect is PublishEffect publish)
                (published ??= []).Add(publish);
        if (published is null)
        {
            values.Skip(0);
            return;
        }
        Bind(published, step, values);
    }

    private static void Bind(List<PublishEffect> published, StepWrite step, StepParameters values)
    {
        var outward = published.FindAll(p => p.OnlyInstance != step.InstanceId);
        values.SkipUnless(outward.Count > 0, 0);
        values["ids"] = outward.ConvertAll(p => p.Id).ToArray();
        values["names"] = outward.ConvertAll(p => p.EventName).ToArray();
        values["correlations"] = outward.ConvertAll(p => p.CorrelationId).ToArray();
        values["onlies"] = outward.ConvertAll(p => p.OnlyInstance).ToArray();
        values["payloads"] = outward.ConvertAll(Payload).ToArray();
        foreach (var publish in published)
            if ((publish.CorrelationId is null || publish.CorrelationId == step.State.CorrelationId) && (publish.OnlyInstance ?? step.InstanceId) == step.InstanceId)
                foreach (var bookmark in step.State.Bookmarks)
                    if (bookmark.Kind == BookmarkKinds.Event && bookmark.Name == publish.EventName)
                        step.Outbox.Add(bookmark.Id, PublishedEvents.MessageKind, Payload(publish));
    }

    private static byte[] Payload(PublishEffect publish) =>
        publish.Payload.ValueKind == JsonValueKind.Undefined ? "null"u8.ToArray() : JsonSerializer.SerializeToUtf8Bytes(publish.Payload);
}
