using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>
/// Holds a submission to what it was judged by: whatever a person, an office or the clock may have changed since is a gate of the
/// same statement. Of several that exclude each other and don't see each other, one takes the turn first, and the others fail on its key.
/// </summary>
internal sealed class CataloguePart : StepPart
{
    /// <summary>A condition holds no more: association, profile, certification, permission, round, closure or bar.</summary>
    public const string OpenGate = "filing_open";

    /// <summary>A case that excludes this one was submitted meanwhile.</summary>
    public const string FreeGate = "filing_free";

    private const string TurnKey = "filing_turns_pkey";

    public override string Name => "catalogue";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("service", NpgsqlDbType.Text), new("applicant", NpgsqlDbType.Text), new("employer", NpgsqlDbType.Text), new("by_employer", NpgsqlDbType.Boolean),
        new("associated", NpgsqlDbType.Boolean), new("profile", NpgsqlDbType.Boolean), new("certified", NpgsqlDbType.Boolean), new("permission", NpgsqlDbType.Boolean),
        new("rounds", NpgsqlDbType.Text), new("excluding", NpgsqlDbType.Array | NpgsqlDbType.Text), new("subject", NpgsqlDbType.Text), new("turn", NpgsqlDbType.Integer),
    ];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new(new StepGate(OpenGate, """
            not exists (select from approvals.service_closures l where l.service = @service and l.closed and (l.until_at is null or l.until_at > @now))
            and not exists (select from approvals.filing_bars b where not b.lifted and b.from_at <= @now and (b.until_at is null or b.until_at > @now)
                and (b.services is null or @service = any(b.services)) and (b.user_id = @applicant or @by_employer and b.employer_id = @employer))
            and (not @associated or exists (select from approvals.associations a where a.user_id = @applicant and a.employer_id = @employer and a.ended_at is null))
            and (not @profile or exists (select from approvals.people p where p.user_id = @applicant and p.submitted_at is not null))
            and (not @certified or exists (select from approvals.certifications t where t.employer_id = @employer and t.ended_at is null))
            and (not @permission or exists (select from approvals.permissions m where m.employer_id = @employer and m.service = @service and m.closed_at is null))
            and (@rounds::text is null or exists (select from approvals.filing_rounds d where d.series = @rounds and not d.cancelled and d.opens_at <= @now and d.closes_at > @now))
            """)),
        new("""
            catalogue_turn as (insert into approvals.filing_turns (subject, turn, case_id) select @subject, @turn, step.id from step)
            """, new StepGate(FreeGate, """
            not exists (select from approvals.cases c where c.ended_at is null and c.status <> 'draft' and c.id <> @instance and c.service = any(@excluding)
                and case when @applicant::text is null then c.employer_id = @employer else c.applicant_id = @applicant end)
            """)),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        var gate = (step.Domain as CaseSubmitted)?.Gate;
        values.SkipUnless(gate is not null, 0);
        values.SkipUnless(gate is { Excluding.Count: > 0 }, 1);
        if (gate is null)
            return;
        values["service"] = gate.Service;
        values["applicant"] = gate.Applicant;
        values["employer"] = gate.EmployerOf;
        values["by_employer"] = gate.ByEmployer;
        values["associated"] = gate.Associated;
        values["profile"] = gate.Profile;
        values["certified"] = gate.Certified;
        values["permission"] = gate.Permission;
        values["rounds"] = gate.Rounds;
        values["excluding"] = gate.Excluding.ToArray();
        values["subject"] = gate.Subject;
        values["turn"] = gate.Turn;
    }

    public override WorkflowException? Explain(PostgresException violation) => violation.ConstraintName == TurnKey
        ? new WorkflowException(ErrorCodes.Busy, "Another case of the same applicant or employer is being submitted at this moment. Send it again.", "该申报人或单位的另一业务正在提交，请稍后重试。")
        { Facts = new Dictionary<string, object?> { ["gate"] = TurnKey } }
        : null;

    /// <summary>Whether a submission failed by what another one of the same subject has just written.</summary>
    public static bool IsTurnTaken(WorkflowException refusal) => refusal.Facts.TryGetValue("gate", out var gate) && gate is TurnKey;
}
