using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>Puts the letters that a step issues into its outbox: what activities asked for, and what the service issues on what happens in it.</summary>
/// <remarks>Registered after the case's clock, which finds out in its own part what has fallen due.</remarks>
public sealed class LettersPart(ApprovalContent content) : StepPart
{
    public override string Name => "letters";

    /// <summary>The letter isn't the user's to have issued again: they hold none of the roles for it at the office that issued it.</summary>
    public const string OfficeGate = "letter_office";

    /// <summary>The letter was replaced already.</summary>
    public const string CurrentGate = "letter_current";

    /// <summary>Another in its place was asked for, and isn't there yet.</summary>
    public const string PendingGate = "letter_pending";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("letter", NpgsqlDbType.Uuid), new("new_letter", NpgsqlDbType.Uuid), new("user", NpgsqlDbType.Text), new("reason", NpgsqlDbType.Text), new("issuers", NpgsqlDbType.Array | NpgsqlDbType.Text),
        new("services", NpgsqlDbType.Array | NpgsqlDbType.Text), new("organisations", NpgsqlDbType.Array | NpgsqlDbType.Text), new("roles", NpgsqlDbType.Array | NpgsqlDbType.Text),
    ];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new("""
            letters_reissued as (
                insert into approvals.letter_reissues (letter_id, case_id, new_id, asked_at, asked_by, reason) select @letter, step.id, @new_letter, @now, @user, @reason from step)
            """,
            new StepGate(OfficeGate, $"""
                exists (select from approvals.letters l join approvals.cases c on c.id = l.case_id where l.id = @letter and l.case_id = @instance and {KeyLimits.Service("@services")} and {KeyLimits.Own("@user")} is not true
                    and exists (select from approvals.user_roles r where r.user_id = @user and r.organisation_id = l.issuer_id and r.role = any(@issuers) and {KeyLimits.Office("@organisations", "@roles")}))
                """),
            new StepGate(CurrentGate, "not exists (select from approvals.letters s where s.supersedes = @letter)"),
            new StepGate(PendingGate, "not exists (select from approvals.letter_reissues g where g.letter_id = @letter)")),
    ];

    public override WorkflowException? Explain(PostgresException violation) => violation.ConstraintName == "letter_reissues_pkey" ? LetterReissuing.BeingIssued(violation) : null;

    public override void Bind(StepWrite step, StepParameters values)
    {
        var again = step.Domain as LetterReissued;
        values.SkipUnless(again is not null, 0);
        values["letter"] = again?.LetterId;
        values["new_letter"] = again?.NewId;
        values["user"] = again?.User;
        values["reason"] = again?.Reason;
        values["issuers"] = again?.IssuedBy.ToArray();
        values["services"] = again?.Limits?.Services?.ToArray();
        values["organisations"] = again?.Limits?.Organisations?.ToArray();
        values["roles"] = again?.Limits?.Roles?.ToArray();
        if (again is not null)
        {
            Add(step, again.NewId, new LetterOrder { Kind = again.Kind, On = LetterEvents.Reissued, Seq = step.VersionAfter, Replaces = again.LetterId });
            return;
        }
        foreach (var effect in step.Effects)
            if (effect is IssueLetterEffect issue)
                Add(step, issue.Id, LetterEvents.OrderOf(step) with { Kind = issue.Kind, Corrects = issue.Corrects });
        if (step.State.Input(CaseFacts.Service) is not { } service || content.Find(service) is not { Letters.All: { Count: > 0 } letters })
            return;
        var number = 0;
        foreach (var (name, order) in LetterEvents.Of(step))
            foreach (var letter in letters)
                if (letter.On == name && (order.Lapsed is not null || letter.Covers(order.Stage)))
                    Add(step, DerivedId.For(step.InstanceId, letter.Kind, (int)step.VersionAfter, $"letter-{++number}"), order with { Kind = letter.Kind, On = name });
    }

    // In their order, so that a letter that corrects another finds it.
    private static void Add(StepWrite step, Guid id, LetterOrder order) =>
        step.Outbox.Add(id, LetterIssuing.WorkKind, JsonSerializer.SerializeToUtf8Bytes(order, LetterOrder.Json), $"letters:{step.InstanceId:N}");
}

/// <summary>What an outbox row of a letter holds: ids and instants.</summary>
internal sealed record LetterOrder
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    public string Kind { get; init; } = "";

    /// <summary>Null: an activity asked for it.</summary>
    public string? On { get; init; }

    /// <summary>The version of the case that the step made.</summary>
    public long Seq { get; init; }

    /// <summary>The task that was decided in the step.</summary>
    public Guid? TaskId { get; init; }

    /// <summary>Its stage.</summary>
    public string? Stage { get; init; }

    /// <summary>When what is asked of the applicant is due, UTC and exclusive, and by which rule.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <inheritdoc cref="DueAt"/>
    public string? DueRule { get; init; }

    /// <summary>The task of the applicant that lapsed in the step; which stage had returned the case is looked up when the letter is made.</summary>
    public Guid? Lapsed { get; init; }

    /// <summary>重新出具: the letter that it is issued in the place of.</summary>
    public Guid? Replaces { get; init; }

    /// <summary>The task of the correction that was asked for.</summary>
    public Guid? Correction { get; init; }

    /// <summary>The notice that was posted.</summary>
    public Guid? NoticeId { get; init; }

    /// <summary>It replaces the case's last letter of the kind.</summary>
    public bool Corrects { get; init; }
}
