using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Standing;

/// <summary>What cases give employers: certifications and permissions, with the step that gives them.</summary>
public sealed class StandingPart : StepPart
{
    /// <summary>The code that is to be approved is another employer's in the directory.</summary>
    public const string CodeGate = "standing_code";

    private const int Certified = 0, Reviewed = 1, Opened = 2;

    // What the handler confirmed and the reviewer approved.
    private const string Approved = "(select d.data ->> 'unitName' as name, upper(d.data ->> 'creditCode') as code from approvals.case_data d where d.case_id = @instance and d.phase = 2)";

    public override string Name => "standing";

    public override IReadOnlyList<StepParameter> Parameters { get; } =
    [
        new("certification", NpgsqlDbType.Uuid), new("way", NpgsqlDbType.Text), new("service", NpgsqlDbType.Text), new("credential", NpgsqlDbType.Text), new("user", NpgsqlDbType.Text),
    ];

    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        // The one before ends first: an employer has one at a time.
        new("""
            standing_ended as (
                update approvals.certifications x set ended_at = @now from step join approvals.cases c on c.id = step.id
                where x.employer_id = c.employer_id and x.ended_at is null returning 1),
            standing_certified as (
                insert into approvals.certifications (id, user_id, employer_id, way, case_id, certified_at)
                select @certification, c.applicant_id, c.employer_id, @way, step.id, @now
                from step join approvals.cases c on c.id = step.id cross join (select count(*) from standing_ended) ended)
            """),
        new($"""
            standing_directory as (
                update approvals.organisations o set name_zh = a.name, uscc = a.code
                from step join approvals.cases c on c.id = step.id cross join {Approved} a
                where o.id = c.employer_id and a.name <> '' and a.code <> '' and (o.name_zh, o.uscc) is distinct from (a.name, a.code)
                returning o.id),
            standing_noted as (
                insert into approvals.directory_changes (at, credential, user_id, subject, subject_id, change, fields)
                select @now, @credential, @user, 'organisation', d.id, 'certified',
                    array_remove(array[case when o.name_zh is distinct from a.name then 'nameZh' end, case when o.uscc is distinct from a.code then 'uscc' end], null)
                from standing_directory d join approvals.organisations o on o.id = d.id cross join {Approved} a)
            """,
            new StepGate(CodeGate, $"""
                not exists (select from approvals.cases c cross join {Approved} a join approvals.organisations o on o.uscc = a.code and o.id <> c.employer_id and o.active where c.id = @instance)
                """)),
        new("""
            standing_opened as (
                insert into approvals.permissions as p (employer_id, service, case_id, opened_at)
                select c.employer_id, @service, step.id, @now from step join approvals.cases c on c.id = step.id
                on conflict (employer_id, service) do update set case_id = excluded.case_id,
                    opened_at = case when p.closed_at is null then p.opened_at else excluded.opened_at end, closed_at = null)
            """),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        EmployerCertified? certified = null;
        PermissionOpened? opened = null;
        foreach (var effect in step.Effects)
            switch (effect)
            {
                case EmployerCertified given:
                    certified = given;
                    break;
                case PermissionOpened given:
                    opened = given;
                    break;
            }
        values.SkipUnless(certified is not null, Certified);
        values.SkipUnless(certified is { Way: CertificationWays.Reviewed }, Reviewed);
        values.SkipUnless(opened is not null, Opened);
        values["certification"] = certified?.Id;
        values["way"] = certified?.Way;
        values["service"] = opened?.Service;
        values["credential"] = step.Request.Actor.Credential;
        values["user"] = (step.Domain as CaseAction)?.User ?? step.Request.Actor.User;
    }
}
