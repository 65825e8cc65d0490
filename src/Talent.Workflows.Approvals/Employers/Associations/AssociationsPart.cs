using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Employers.Associations;

/// <summary>
/// Who works where, in the one statement of a step. Whoever files holds the person's row and counts up their association; whoever
/// ends it takes the row for themselves and goes on only with the count it had when the facts were read: of the two, one wins.
/// </summary>
/// <remarks>Rows are locked in one order, the user's before the association's, so that nobody waits in a circle.</remarks>
public sealed class AssociationsPart : StepPart
{
    /// <summary>The applicant isn't at the case's employer (any more).</summary>
    public const string HoldsGate = "association_holds";

    /// <summary>The applicant works for somebody already.</summary>
    public const string FreeGate = "association_free";

    /// <summary>The code was replaced since the request was begun.</summary>
    public const string CodeGate = "association_code";

    /// <summary>Something of what the decision to end it was made on has changed.</summary>
    public const string LeavingGate = "association_leaving";

    private const int Begun = 0, Files = 1, Asks = 2, Associates = 3, Leaves = 4;

    public override string Name => "associations";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("code", NpgsqlDbType.Text), new("id", NpgsqlDbType.Uuid), new("data", NpgsqlDbType.Jsonb), new("ending", NpgsqlDbType.Uuid), new("filings", NpgsqlDbType.Bigint),
        new("facts", NpgsqlDbType.Jsonb), new("reason", NpgsqlDbType.Text), new("left_on", NpgsqlDbType.Date),
    ];

    // Locks ask for rows that are as they should be: PostgreSQL asks again of a row that it waited for, and leaves out one that has changed.
    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new("associations_requested as (insert into approvals.association_requests (case_id, code) select step.id, @code from step)"),
        new("""
            associations_filed as (
                update approvals.associations a set filings = a.filings + 1 from step join approvals.cases c on c.id = step.id
                where a.user_id = c.applicant_id and a.employer_id = c.employer_id and a.ended_at is null)
            """,
            // A case without an employer is the bureau's, of somebody who works for nobody still.
            new StepGate(HoldsGate, Applicant($"(c.subject = '{CaseSubjects.Employer}' or u.organisation_id = c.employer_id or u.organisation_id is null and c.employer_id = c.bureau_id)", "share"))),
        new("",
            new StepGate(FreeGate, Applicant("u.organisation_id is null", "share")),
            new StepGate(CodeGate, """
                exists (select from (select k.employer_id from approvals.association_codes k join approvals.association_requests q on q.case_id = @instance and q.code = k.code
                    join approvals.cases c on c.id = @instance and c.employer_id = k.employer_id for share of k) l)
                """)),
        new("""
            associations_begun as (
                insert into approvals.associations (id, user_id, employer_id, case_id, department, position, contract_from, contract_to, began_at)
                select @id, c.applicant_id, c.employer_id, step.id, d.data ->> 'department', d.data ->> 'position', (d.data ->> 'contractFrom')::date, (d.data ->> 'contractTo')::date, @now
                from step join approvals.cases c on c.id = step.id cross join lateral (
                    select coalesce(@data, (select s.data from approvals.decision_data s where s.case_id = step.id and s.outcome = 'approve' order by s.saved_at desc limit 1)) as data) d),
            associations_employed as (
                update approvals.users u set organisation_id = c.employer_id from step join approvals.cases c on c.id = step.id where u.id = c.applicant_id),
            associations_role as (
                insert into approvals.user_roles (user_id, role, organisation_id) select c.applicant_id, 'applicant', c.employer_id from step join approvals.cases c on c.id = step.id
                on conflict do nothing)
            """,
            new StepGate(FreeGate, Applicant("u.organisation_id is null", "no key update"))),
        new("""
            associations_ended as (
                update approvals.associations a set ended_at = @now, ended_case_id = step.id, end_reason = @reason, left_on = @left_on, version = a.version + 1 from step where a.id = @ending),
            associations_freed as (
                update approvals.users u set organisation_id = null from step join approvals.cases c on c.id = step.id where u.id = c.applicant_id),
            associations_unrole as (
                delete from approvals.user_roles r using step join approvals.cases c on c.id = step.id where r.user_id = c.applicant_id and r.organisation_id = c.employer_id and r.role = 'applicant')
            """,
            new StepGate(LeavingGate, Applicant("u.organisation_id = c.employer_id", "no key update")),
            new StepGate(LeavingGate, "exists (select from (select a.id from approvals.associations a where a.id = @ending and a.ended_at is null and a.filings = @filings for no key update) l)"),
            new StepGate(LeavingGate, $"(select {Leavings.Facts} from approvals.associations a where a.id = @ending) = @facts")),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        var (created, submitted) = (step.Domain as CaseCreated, step.Domain as CaseSubmitted);
        Guid? begins = null;
        var (asks, ends) = (false, false);
        foreach (var effect in step.Effects)
            switch (effect)
            {
                case AskAssociation:
                    asks = true;
                    break;
                case BeginAssociation begin:
                    begins = begin.Id;
                    break;
                case EndAssociation:
                    ends = true;
                    break;
            }
        var leaving = submitted?.Leaving;
        if (ends && leaving is null)
            throw new WorkflowException(ErrorCodes.InvalidDefinition, $"Case {step.InstanceId} can't end an association: 'Talent.Dissociate' belongs in the service '{Leavings.Service}', in the step that hands the case in.", "解除关联只能在提交“解除关联”事项的同一步骤中执行。");
        values.SkipUnless(created?.AssociationCode is not null, Begun);
        values.SkipUnless(submitted is not null && !asks && begins is null && !ends, Files);
        values.SkipUnless(asks, Asks);
        values.SkipUnless(begins is not null, Associates);
        values.SkipUnless(ends, Leaves);
        values["code"] = created?.AssociationCode;
        values["id"] = begins;
        values["data"] = (step.Domain as TaskDecided)?.Data;
        values["ending"] = leaving?.Association;
        values["filings"] = leaving?.Filings;
        values["facts"] = leaving?.Facts;
        values["reason"] = leaving?.Reason;
        values["left_on"] = leaving?.LeftOn;
    }

    public override WorkflowException? Explain(PostgresException violation) => violation.ConstraintName switch
    {
        "cases_association" => AssociationRefusal.Pending(),
        "associations_person" => AssociationRefusal.Elsewhere(),
        _ => null,
    };

    private static string Applicant(string isAs, string held) =>
        $"exists (select from (select u.id from approvals.users u join approvals.cases c on c.id = @instance and c.applicant_id = u.id where {isAs} for {held} of u) l)";
}
