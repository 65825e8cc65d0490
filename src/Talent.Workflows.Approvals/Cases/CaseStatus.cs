using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>Where a case as a whole stands. What people read is a <see cref="StatusWord"/>; several words can stand for one status.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CaseStatus>))]
public enum CaseStatus
{
    [JsonStringEnumMemberName("draft")]
    Draft,

    /// <summary>Filed, not yet taken in.</summary>
    [JsonStringEnumMemberName("submitted")]
    Submitted,

    /// <summary>With reviewers.</summary>
    [JsonStringEnumMemberName("in_review")]
    InReview,

    /// <summary>Returned for correction; waits for the applicant.</summary>
    [JsonStringEnumMemberName("supplement")]
    Supplement,

    /// <summary>Qualified; waits for the applicant to complete the materials.</summary>
    [JsonStringEnumMemberName("materials")]
    Materials,

    [JsonStringEnumMemberName("panel")]
    Panel,

    [JsonStringEnumMemberName("notice")]
    Notice,

    [JsonStringEnumMemberName("completed")]
    Completed,

    [JsonStringEnumMemberName("rejected")]
    Rejected,

    [JsonStringEnumMemberName("withdrawn")]
    Withdrawn,

    [JsonStringEnumMemberName("refused")]
    Refused,

    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}

/// <summary>What may follow what.</summary>
public static class CaseTransitions
{
    /// <summary>
    /// Whether a case may go from one status to another. The same status again is allowed only where it means something:
    /// the next review stage, a new panel, a notice opened again. An ended case never goes on: filing again is a new case
    /// linked to it (R-CASE-6).
    /// </summary>
    public static bool Allows(CaseStatus from, CaseStatus to) => (from, to) switch
    {
        (CaseStatus.Draft, CaseStatus.Submitted or CaseStatus.InReview or CaseStatus.Cancelled) => true,

        // Completed at once: a recognised licence confirmed unchanged passes by itself (S5).
        (CaseStatus.Submitted, CaseStatus.InReview or CaseStatus.Supplement or CaseStatus.Completed or CaseStatus.Rejected
            or CaseStatus.Refused or CaseStatus.Withdrawn or CaseStatus.Cancelled) => true,

        // Withdrawn: before acceptance only, which the service decides; many services take in and review in one stage.
        (CaseStatus.InReview, CaseStatus.InReview or CaseStatus.Supplement or CaseStatus.Materials or CaseStatus.Panel or CaseStatus.Notice
            or CaseStatus.Completed or CaseStatus.Rejected or CaseStatus.Refused or CaseStatus.Withdrawn or CaseStatus.Cancelled) => true,

        // Back to where it was returned from, or to the beginning; rejected or refused when nothing came in time (R-REV-3).
        (CaseStatus.Supplement, CaseStatus.Submitted or CaseStatus.InReview or CaseStatus.Materials or CaseStatus.Panel
            or CaseStatus.Rejected or CaseStatus.Refused or CaseStatus.Withdrawn or CaseStatus.Cancelled) => true,

        (CaseStatus.Materials, CaseStatus.InReview or CaseStatus.Rejected or CaseStatus.Withdrawn or CaseStatus.Cancelled) => true,

        (CaseStatus.Panel, CaseStatus.Panel or CaseStatus.InReview or CaseStatus.Supplement or CaseStatus.Notice
            or CaseStatus.Completed or CaseStatus.Rejected or CaseStatus.Cancelled) => true,

        // An objection upheld goes back to a named stage (R-NOT-1).
        (CaseStatus.Notice, CaseStatus.Notice or CaseStatus.InReview or CaseStatus.Supplement or CaseStatus.Panel
            or CaseStatus.Completed or CaseStatus.Rejected or CaseStatus.Cancelled) => true,

        _ => false,
    };

    /// <summary>Ended: nothing follows.</summary>
    public static bool IsFinal(CaseStatus status) => status
        is CaseStatus.Completed or CaseStatus.Rejected or CaseStatus.Withdrawn or CaseStatus.Refused or CaseStatus.Cancelled;
}
