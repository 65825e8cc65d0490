using NpgsqlTypes;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>The messages that parts have added; bound after all of them.</summary>
internal sealed class OutboxPart : StepPart
{
    public override string Name => "outbox";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("ids", NpgsqlDbType.Array | NpgsqlDbType.Uuid),
        new("instances", NpgsqlDbType.Array | NpgsqlDbType.Uuid),
        new("kinds", NpgsqlDbType.Array | NpgsqlDbType.Text),
        new("keys", NpgsqlDbType.Array | NpgsqlDbType.Text),
        new("payloads", NpgsqlDbType.Array | NpgsqlDbType.Bytea),
    ];

    private static readonly string[] Columns = ["@ids", "@instances", "@kinds", "@keys", "@payloads"];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new($"""
            outbox as (
                insert into engine.outbox (id, instance_id, kind, ordering_key, payload, created_at)
                select m.id, m.instance, m.kind, m.key, m.payload, @now
                from step, {StepSection.Row(Columns)} m(id, instance, kind, key, payload))
            """),
        new($"""
            outbox_many as (
                insert into engine.outbox (id, instance_id, kind, ordering_key, payload, created_at)
                select m.id, m.instance, m.kind, m.key, m.payload, @now
                from step, {StepSection.Rows(Columns)} with ordinality m(id, instance, kind, key, payload, place)
                order by m.place)
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        var draft = step.Outbox;
        values.SkipUnless(draft.Count == 1, 0);
        values.SkipUnless(draft.Count > 1, 1);
        if (draft.Count == 0)
            return;
        for (var i = 0; i < draft.Count; i++)
            if (draft.InstanceIds[i] == default)
                draft.InstanceIds[i] = step.InstanceId;
        values["ids"] = draft.Ids;
        values["instances"] = draft.InstanceIds;
        values["kinds"] = draft.Kinds;
        values["keys"] = draft.OrderingKeys;
        values["payloads"] = draft.Payloads;
    }
}
