using NpgsqlTypes;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Storage;

/// <summary>The journal of the step: one row, which is also what followers of the tail see.</summary>
internal sealed class JournalPart : StepPart
{
    public override string Name => "journal";
    public override IReadOnlyList<StepParameter> Parameters { get; } = [new("entries", NpgsqlDbType.Bytea)];

    public override string Sql => """
        journal as (
            insert into engine.journal (instance_id, seq, at, entries)
            select id, version, @now, @entries from step)
        """;

    public override void Bind(StepWrite step, StepParameters values)
    {
        var engine = step.Result?.Journal ?? [];
        values["entries"] = StateSerializer.WriteJournal(step.Journal.Count == 0 ? engine : [.. engine, .. step.Journal]);
    }
}
