namespace Talent.Workflows.Approvals.People;

/// <summary>One thing to mend. <see cref="Path"/> is a JSON path in the body, a header, a query parameter or an activity id.</summary>
public sealed record ProblemError(string Path, string Code, string Message, string MessageEn);
