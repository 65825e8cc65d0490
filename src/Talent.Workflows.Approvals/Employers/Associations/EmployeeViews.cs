using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Employers.Associations;

/// <summary>Words for where an employment stands.</summary>
public static class EmployeeStates
{
    /// <summary>待确认: the person has asked, and a handler hasn't decided.</summary>
    public const string Pending = "pending";

    /// <summary>在职.</summary>
    public const string Active = "active";

    /// <summary>已解除.</summary>
    public const string Left = "left";
}

/// <summary>Which employees are looked for; what is left out restricts nothing.</summary>
/// <param name="State">One of <see cref="EmployeeStates"/>; <c>active</c> when it is left out.</param>
/// <param name="Name">A fragment of the name.</param>
/// <param name="Department">A fragment; not for pending requests, which have none.</param>
/// <param name="Position">A fragment; not for pending requests, which have none.</param>
/// <param name="From">First day, in Asia/Shanghai: of the request, of the association, or of its end.</param>
/// <param name="To">Last day, likewise.</param>
/// <param name="Limit">1 to 200; 50 when it is left out.</param>
public sealed record EmployeeSearch(string? State = null, string? Name = null, string? Department = null, string? Position = null, DateOnly? From = null, DateOnly? To = null,
    string? Cursor = null, int? Limit = null)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => nameof(EmployeeSearch);
}

/// <summary>An employee, or somebody who asks to be one; numbers masked.</summary>
/// <param name="Id">Of the association; of the case for a pending request.</param>
/// <param name="Since">When the request, or the association, began.</param>
/// <param name="TaskId">待确认: the task that a handler approves or rejects.</param>
/// <param name="LeftOn">离职日期.</param>
public sealed record EmployeeSummary(Guid Id, string UserId, string Name, string? ResidentId, string? Phone, string State, string? Department, string? Position,
    DateOnly? ContractFrom, DateOnly? ContractTo, DateTimeOffset Since, DateTimeOffset? EndedAt = null, DateOnly? LeftOn = null, string? EndReason = null, Guid? TaskId = null);

/// <summary>How many wait and how many work here, whatever is looked for.</summary>
public sealed record EmployeeCounts(long Pending, long Active);

public sealed record EmployeePage(IReadOnlyList<EmployeeSummary> Items, string? Next, EmployeeCounts Counts);

/// <summary>An employee with what their employer may see.</summary>
/// <param name="Version">Of the association; as an entity tag it is what <c>If-Match</c> takes.</param>
/// <param name="Profile">General, education and work data, masked; null: not registered, or left.</param>
public sealed record EmployeeView(EmployeeSummary Employee, long Version, PersonView? Profile, IReadOnlyList<NextAction> NextActions);

/// <summary>Where the acting user works, and what they have asked.</summary>
public sealed record OwnAssociationView(OwnAssociation? Current, OwnRequest? Pending);

public sealed record OwnAssociation(Guid Id, FoundEmployer Employer, string? Department, string? Position, DateOnly? ContractFrom, DateOnly? ContractTo, DateTimeOffset Since);

public sealed record OwnRequest(Guid CaseId, FoundEmployer Employer, DateTimeOffset SubmittedAt);

/// <summary>What an employer says of an employee's work; it replaces what was there.</summary>
public sealed record EmployeeChange(string? Department = null, string? Position = null, string? ContractFrom = null, string? ContractTo = null);
