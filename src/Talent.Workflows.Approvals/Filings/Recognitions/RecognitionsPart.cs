using System.Text;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Filings.Recognitions;

/// <summary>What a step does with the recognitions of a case.</summary>
internal abstract record RecognitionWrite
{
    private RecognitionWrite() { }

    /// <summary>A material is given to be read, turned so far, or other offices are asked; what is under way of the same already is cancelled.</summary>
    public sealed record Asked(Guid Id, string? Slot, Guid? Material, string Kind, short Rotation, bool Replaces) : RecognitionWrite;

    /// <summary>The service has answered, or nobody wants to know any more. Only what is pending ends so.</summary>
    public sealed record Ended(Guid Id, string State, SealedRecognition? Content) : RecognitionWrite;

    /// <summary>取消识别: what is pending or was read.</summary>
    public sealed record Cancelled(Guid Id) : RecognitionWrite;
}

/// <summary>Recognitions of materials, in the step that they belong to (R-CASE-5).</summary>
internal sealed class RecognitionsPart : StepPart
{
    /// <summary>The recognition has ended already.</summary>
    public const string OpenGate = "recognition_open";

    private const int Asking = 0, Ending = 1, Cancelling = 2;

    private static readonly byte[] Nothing = Encoding.ASCII.GetBytes("{}");

    public override string Name => "recognitions";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("id", NpgsqlDbType.Uuid), new("slot", NpgsqlDbType.Text), new("material", NpgsqlDbType.Uuid), new("kind", NpgsqlDbType.Text), new("rotation", NpgsqlDbType.Smallint),
        new("replaces", NpgsqlDbType.Boolean), new("user", NpgsqlDbType.Text), new("state", NpgsqlDbType.Text), new("key_id", NpgsqlDbType.Integer), new("sealed", NpgsqlDbType.Bytea), new("digest", NpgsqlDbType.Text),
    ];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new("""
            recognitions_superseded as (
                update approvals.case_readings r set state = 'cancelled', ended_seq = step.version, ended_at = @now from step
                where r.case_id = step.id and (r.slot, r.material_id) is not distinct from (@slot, @material) and r.state = 'pending'),
            recognitions_asked as (
                insert into approvals.case_readings (id, case_id, slot, material_id, kind, rotation, replaces, asked_seq, asked_at, asked_by)
                select @id, step.id, @slot, @material, @kind, @rotation, @replaces, step.version, @now, @user from step),
            recognitions_turned as (
                update approvals.case_materials k set rotation = @rotation from step
                where k.case_id = step.id and k.slot = @slot and k.material_id = @material and k.removed_seq is null and k.rotation <> @rotation)
            """),
        new("""
            recognitions_ended as (
                update approvals.case_readings r set state = @state, ended_seq = step.version, ended_at = @now, key_id = @key_id, sealed = @sealed, sha256 = @digest
                from step where r.id = @id and r.case_id = step.id)
            """,
            new StepGate(OpenGate, "exists (select from approvals.case_readings r where r.id = @id and r.case_id = @instance and r.state = 'pending')")),
        new("""
            recognitions_cancelled as (
                update approvals.case_readings r set state = 'cancelled', ended_seq = step.version, ended_at = @now from step
                where r.id = @id and r.case_id = step.id and r.state in ('pending', 'read'))
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        var action = step.Domain as CaseAction;
        var write = action?.Filing?.Recognition;
        var (asked, ended) = (write as RecognitionWrite.Asked, write as RecognitionWrite.Ended);
        values["id"] = asked?.Id ?? ended?.Id ?? (write as RecognitionWrite.Cancelled)?.Id;
        values["slot"] = asked?.Slot;
        values["material"] = asked?.Material;
        values["kind"] = asked?.Kind;
        values["rotation"] = asked?.Rotation;
        values["replaces"] = asked?.Replaces;
        values["user"] = action?.User;
        values["state"] = ended?.State;
        values["key_id"] = ended?.Content?.KeyId;
        values["sealed"] = ended?.Content?.Sealed;
        values["digest"] = ended?.Content?.Sha256;
        values.SkipUnless(asked is not null, Asking);
        values.SkipUnless(ended is not null, Ending);
        values.SkipUnless(write is RecognitionWrite.Cancelled, Cancelling);
        if (asked is not null)
            step.Outbox.Add(asked.Id, RecognitionCalls.WorkKind, Nothing);
    }
}
