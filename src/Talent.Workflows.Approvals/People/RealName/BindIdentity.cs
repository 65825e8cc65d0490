using NpgsqlTypes;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.People.RealName;

/// <summary>
/// Talent.BindIdentity: the applicant takes over the verified identity that another account holds (人工申诉), in the step that decides it. The
/// step is refused when the applicant has no confirmed claim any more.
/// </summary>
/// <remarks>Source: R-ACC-2; docs/adr/0033.</remarks>
public sealed class BindIdentity : Activity
{
    public const string TypeName = "Talent.BindIdentity";

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Talent", "实名认证改绑 Bind Identity",
        "将经核验一致、但已被其他账号认证的身份改绑到申诉人账号，并告知原账号。Binds a confirmed identity to the applicant's account and tells the one that held it.");

    protected override void Execute(ActivityContext context)
    {
        var applicant = context.State.Input(CaseFacts.ApplicantId) ?? throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' is in no case: there is no applicant.", "没有申诉人。");
        context.Emit(new BindIdentityEffect(context.NewId("identity"), applicant));
        context.Complete();
    }
}

/// <summary>An account takes over the identity that it has a confirmed claim to.</summary>
/// <param name="Id">The move's.</param>
/// <param name="User">The account.</param>
public sealed record BindIdentityEffect(Guid Id, string User) : Effect(Id);

/// <summary>Moves verified identities in the step that decides an appeal.</summary>
public sealed class RealNamePart : StepPart
{
    /// <summary>The applicant has a name and number that the office has confirmed and that are bound to another account.</summary>
    public const string ClaimGate = "identity_claim";

    private const int Moves = 0;

    public override string Name => "identity";

    public override IReadOnlyList<StepParameter> Parameters { get; } = [new("account", NpgsqlDbType.Text), new("move", NpgsqlDbType.Uuid), new("decider", NpgsqlDbType.Text), new("decider_key", NpgsqlDbType.Text)];

    // The gate locks the applicant's row, so that a rebinding at this instant is waited for. Who held the identity is released first:
    // counting them makes the binding wait, and the unique index sees one at a time.
    public override IReadOnlyList<StepSection> Sections { get; } =
    [
        new($"""
            identity_claim as (
                select p.id, p.resident_id_index, v.id as verification from step, approvals.people p join approvals.identity_verifications v on {RealNameStore.Confirmed}
                where p.user_id = @account order by v.seq desc limit 1),
            identity_released as (
                update approvals.people b set version = b.version + 1, identity_version = b.identity_version + 1, verified_at = null, changed_at = @now
                from identity_claim c where b.resident_id_index = c.resident_id_index and b.verified_at is not null and b.id <> c.id returning b.id),
            identity_bound as (
                update approvals.people a set version = a.version + 1, verified_at = @now, changed_at = @now
                from identity_claim c, (select count(*) from identity_released) r where a.id = c.id returning a.id),
            identity_settled as (
                update approvals.identity_verifications v set state = 'verified' from identity_bound b where v.person_id = b.id and v.state = 'bound_to_another'),
            identity_moved as (
                insert into approvals.identity_moves (id, at, way, to_person, from_person, verification_id, case_id, user_id, credential)
                select @move, @now, 'appeal', b.id, (select r.id from identity_released r limit 1), c.verification, @instance, @decider, @decider_key from identity_bound b, identity_claim c)
            """,
            new StepGate(ClaimGate, $"""
                exists (select from (select p.id from approvals.people p join approvals.identity_verifications v on {RealNameStore.Confirmed} where p.user_id = @account for update of p) l)
                """)),
    ];

    public override void Bind(StepWrite step, StepParameters values)
    {
        BindIdentityEffect? bind = null;
        foreach (var effect in step.Effects)
            bind = effect as BindIdentityEffect ?? bind;
        values.SkipUnless(bind is not null, Moves);
        if (bind is null)
            return;
        values["account"] = bind.User;
        values["move"] = bind.Id;
        values["decider"] = (step.Domain as CaseAction)?.User;
        values["decider_key"] = step.Request.Actor.Credential;
        foreach (var (id, payload) in AccountMessages.Orders(bind.Id, tellsNew: false))
            step.Outbox.Add(id, AccountMessages.WorkKind, payload);
    }

    public override WorkflowException? Explain(PostgresException violation) => RealNameStore.IsBoundElsewhere(violation)
        ? new WorkflowException(ErrorCodes.Conflict, "Another account was verified with this identity at this instant. Decide again.", "该身份刚刚被其他账号认证，请重新办理。") : null;

    /// <summary>Why an appeal can't be approved.</summary>
    internal static WorkflowException NoClaim(Guid taskId) => new(ErrorCodes.WrongState,
        $"Task {taskId} can't be approved: the applicant has no confirmed name and number that are bound to another account; they were never verified, were changed, or are bound to the applicant already. Return or reject it.",
        "不能通过：申诉人的姓名、身份证号码未经核验一致，或核验后已变更，或已绑定到申诉人账号。请退回补正或不予支持。")
    { Facts = new Dictionary<string, object?> { ["reason"] = ClaimGate } };
}
