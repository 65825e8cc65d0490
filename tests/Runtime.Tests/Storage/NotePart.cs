using System.Text;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Runtime.Tests.Storage;

/// <summary>What a domain hands to its part.</summary>
internal sealed record Note(string Text, bool Allowed = true);

/// <summary>A domain's part: a row, a gate, a message, an audit head and an answer of its own.</summary>
internal sealed class NotePart : StepPart
{
    public const string Table = "create table if not exists public.notes (id bigint generated always as identity, instance_id uuid not null, version bigint not null, text text not null constraint notes_text unique)";

    public override string Name => "note";
    public override IReadOnlyList<StepParameter> Parameters { get; } = [new("text", NpgsqlDbType.Text), new("allowed", NpgsqlDbType.Boolean)];
    public override IReadOnlyList<StepGate> Gates { get; } = [new("note_allowed", "@text is null or @allowed")];
    public override string Sql => "note_new as (insert into public.notes (instance_id, version, text) select id, version, @text from step where @text is not null)";

    public override void Bind(StepWrite step, StepParameters values)
    {
        var note = step.Domain as Note;
        values["text"] = note?.Text;
        values["allowed"] = note?.Allowed;
        if (note is null)
            return;
        step.NextChainHash = [.. step.PreviousChainHash ?? [], (byte)step.VersionAfter];
        step.ReceiptAnswer = Encoding.UTF8.GetBytes($$"""{"note":"{{note.Text}}"}""");
        step.Outbox.Add(step.InstanceId, "note", Encoding.UTF8.GetBytes($"\"{note.Text}\""), $"notes of {step.InstanceId}");
    }

    public override WorkflowException? Explain(PostgresException violation) =>
        violation.ConstraintName == "notes_text" ? new WorkflowException(ErrorCodes.Conflict, "There is such a note already.") : null;
}

/// <summary>Fails for every step of a poisoned instance until it is cured.</summary>
internal sealed class PoisonPart : StepPart
{
    public Exception Failure { get; set; } = new InvalidOperationException("This step can't be written.");
    public bool Cured { get; set; }
    public override string Name => "poison";
    public override IReadOnlyList<StepParameter> Parameters => [];

    public override void Bind(StepWrite step, StepParameters values)
    {
        if (!Cured && step.Effects.Any(e => e is PoisonEffect))
            throw Failure;
    }
}
