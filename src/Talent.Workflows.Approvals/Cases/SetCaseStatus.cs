using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>Gives a case another status (a code of <see cref="StatusWord"/>) and, when set, another filing phase (1 or 2).</summary>
public sealed record SetCaseStatus(Guid Id, string Code, short? Phase = null) : Effect(Id);
