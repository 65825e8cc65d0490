using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>Holds filing to <see cref="FilingRules"/>: a draft when it is begun, and again when it is handed in.</summary>
public sealed class FilingCheck(FilingFactsReader reader, ApprovalContent content)
{
    /// <summary>Why these parties can't file for a service now; empty: they can.</summary>
    internal async Task<IReadOnlyList<FilingReason>> ReasonsAsync(ServiceDefinition service, FilingParties parties, CancellationToken cancellationToken)
    {
        var snapshot = await reader.ReadAsync(parties, [service], cancellationToken);
        return FilingRules.WithoutPerson(FilingRules.Check(service, content.Exclusions.Of(service.Id), snapshot.Facts));
    }

    /// <summary>Checks a draft that is to be handed in. It was begun, so that its service's workflow needn't be published any more.</summary>
    /// <returns>What the step has to check again.</returns>
    /// <exception cref="WorkflowException"><c>filing_refused</c> with all <c>reasons</c>.</exception>
    internal async Task<FilingGate> RequireAsync(ServiceDefinition service, FilingCase draft, CancellationToken cancellationToken)
    {
        var byEmployer = draft.FiledBy != draft.ApplicantId;
        var applicant = FilingRules.IsOfEmployer(service) ? null : draft.ApplicantId;
        var parties = new FilingParties(draft.FiledBy, byEmployer || applicant is null ? Filer.Employer : Filer.Person, applicant, draft.EmployerId, _ => true);
        var snapshot = await reader.ReadAsync(parties, [service], cancellationToken);
        var excluding = content.Exclusions.Of(service.Id);
        var reasons = FilingRules.Check(service, excluding, snapshot.Facts with { Published = new HashSet<string> { service.Id } });
        if (reasons.Count > 0)
            throw Refusal(service, FilingRules.WithoutPerson(reasons));
        var subject = applicant is null ? FilingGate.Employer(draft.EmployerId) : FilingGate.Person(applicant);
        return new FilingGate
        {
            Service = service.Id,
            Applicant = applicant,
            EmployerOf = draft.EmployerId,
            ByEmployer = parties.As == Filer.Employer,
            Associated = applicant is not null && (parties.As == Filer.Employer || service.Conditions.Person.Contains(ServiceConditions.Associated, StringComparer.Ordinal)),
            Profile = applicant is not null && service.Conditions.Person.Contains(ServiceConditions.Profile, StringComparer.Ordinal),
            Certified = service.Conditions.Employer.Contains(ServiceConditions.Certified, StringComparer.Ordinal),
            Permission = service.Conditions.Employer.Contains(ServiceConditions.Permission, StringComparer.Ordinal),
            Rounds = service.Conditions.Rounds,
            Excluding = [.. excluding],
            Subject = subject,
            Turn = snapshot.Turns.GetValueOrDefault(subject) + 1,
        };
    }

    internal static WorkflowException Refusal(ServiceDefinition service, IReadOnlyList<FilingReason> reasons) => new(ErrorCodes.FilingRefused,
        $"'{service.Id}' can't be filed now for {reasons.Count} reasons, the first: {reasons[0].En}. {reasons[0].Remedy.En}", $"暂不能申报“{service.Zh}”：{reasons[0].Zh}。{reasons[0].Remedy.Zh}")
    { Facts = new Dictionary<string, object?> { ["service"] = service.Id, ["reasons"] = reasons } };
}
