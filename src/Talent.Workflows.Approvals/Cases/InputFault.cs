namespace Talent.Workflows.Approvals.Cases;

/// <summary>Why a value that someone entered isn't accepted: a stable code, and what to tell them. Never holds the value itself.</summary>
public sealed record InputFault(string Code, string Zh, string En);
