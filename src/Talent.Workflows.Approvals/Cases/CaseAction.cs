using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>
/// What a person asks of a case, handed to the step as its <c>Domain</c>. The step's statement checks who may, in the same
/// transaction; each feature adds its own records. Ids only, except where a record says that it goes to the domain's tables.
/// </summary>
public abstract record CaseAction
{
    /// <summary>The word in the audit, such as <c>task.decided</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The acting user: must be known and active when the step commits. Null: a service of its own accord, or the server.</summary>
    public string? User { get; init; }

    /// <summary>The task that is acted on: must be open, and the user's to act on. Null: none.</summary>
    public Guid? TaskId { get; init; }

    /// <summary>Whose right to the task the user acts with; null: their own.</summary>
    public ActingFor? For { get; init; }

    /// <summary>What the credential is limited to; null: nothing.</summary>
    public CredentialLimits? Limits { get; init; }

    /// <summary>The status that the action itself gives the case; null: what the flow says. Given the state before the step.</summary>
    public virtual string? StatusAfter(WorkflowState before) => null;

    /// <summary>A message of the service that the applicant gets for it; null: none.</summary>
    public virtual string? TellsApplicant(WorkflowState before) => null;

    /// <summary>Other messages of the service that go out with it.</summary>
    public virtual IEnumerable<MessageOrder> Tells => [];

    /// <summary>The phase whose filling-in it changes: that must be open to the acting user. Null: it changes none.</summary>
    public virtual short? EditsPhase => null;

    /// <summary>What it does with materials, profile and confirmations of the case; null: nothing.</summary>
    internal FilingWrite? Filing { get; init; }

    /// <summary>What the conditions of the service say of the case, to be kept with it; null: nothing.</summary>
    internal EligibilityWrite? Eligibility { get; init; }

    /// <summary>What the data said before a correction, to be kept with its first change; null: nothing.</summary>
    internal CaseBefore? Before { get; init; }

    /// <summary>JSON for the audit: ids, outcomes, hashes. No personal data.</summary>
    public virtual string? AuditDetails => null;
}

/// <summary>A user acts with somebody else's right, through delegations that must still hold when the step commits.</summary>
/// <param name="Chain">The delegations that lead from the user to the principal, the user's own first.</param>
public sealed record ActingFor(string Principal, IReadOnlyList<Guid> Chain);

/// <summary>The services, organisations and roles that a credential may act for; null lists are unlimited.</summary>
public sealed record CredentialLimits(IReadOnlyCollection<string>? Services, IReadOnlyCollection<string>? Organisations, IReadOnlyCollection<string>? Roles)
{
    /// <returns>Null: the caller's credential isn't limited.</returns>
    public static CredentialLimits? Of(Caller caller) =>
        caller.Services is null && caller.Organisations is null && caller.Roles is null ? null : new(caller.Services, caller.Organisations, caller.Roles);
}
