using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Employers.Associations;

/// <summary>The applicant asks the case's employer to be associated: they must be free, and the code that they gave the employer's.</summary>
public sealed record AskAssociation(Guid Id) : Effect(Id);

/// <summary>The applicant works for the case's employer from now on; the effect's id is the association's.</summary>
public sealed record BeginAssociation(Guid Id) : Effect(Id);

/// <summary>The applicant works for the case's employer no longer.</summary>
public sealed record EndAssociation(Guid Id) : Effect(Id);
