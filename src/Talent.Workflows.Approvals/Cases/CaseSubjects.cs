using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>
/// Whom a case is about: a person, or an employer. An employer's case is operated by whoever is its handler at the moment, and what
/// the applicant would be told goes to them; the applicant of the row is the handler who began it.
/// </summary>
/// <remarks>Source: S2, S5, R-EMP-3.</remarks>
public static class CaseSubjects
{
    public const string Person = "person";
    public const string Employer = "employer";

    /// <summary>Whoever operates an employer's cases holds it at the employer.</summary>
    public const string HandlerRole = "employer.handler";

    public static readonly IReadOnlyList<string> All = [Person, Employer];

    /// <summary>Whether the workflow is of an employer's case.</summary>
    public static bool IsOfEmployer(this WorkflowState state) => state.Input(CaseFacts.Subject) == Employer;
}
