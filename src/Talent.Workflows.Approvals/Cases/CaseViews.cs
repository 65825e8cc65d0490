using System.Text.Json;
using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.Reviews;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>A word in both languages, with its code.</summary>
public sealed record Worded(string Code, string Zh, string En)
{
    /// <summary>What is said beside it, such as 仅表示区级审核通过，还需报市级部门研究审批; null: nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NoteZh { get; init; }

    /// <inheritdoc cref="NoteZh"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NoteEn { get; init; }
}

/// <summary>A person or organisation as shown.</summary>
public sealed record Named(string Id, string? Name);

/// <summary>A case in a list; the applicant's name as officers may see it in lists.</summary>
public sealed record CaseSummary
{
    public required Guid Id { get; init; }
    public required string? Number { get; init; }
    public required string Service { get; init; }
    public required Worded Status { get; init; }
    public required short Phase { get; init; }

    /// <inheritdoc cref="CaseView.Round"/>
    public required short Round { get; init; }
    public required Named Applicant { get; init; }
    public required Named Employer { get; init; }
    public required IReadOnlyList<CaseStage> Stages { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset? SubmittedAt { get; init; }
    public required DateTimeOffset? EndedAt { get; init; }
}

/// <summary>A stage that a case waits in, and until when.</summary>
public sealed record CaseStage
{
    public required Guid TaskId { get; init; }
    public required string Stage { get; init; }
    public required string Name { get; init; }
    public required string Kind { get; init; }
    public required DateTimeOffset OpenedAt { get; init; }
    public required DateTimeOffset? DueAt { get; init; }

    /// <summary>暂定: an official calendar may still move it.</summary>
    public required bool DueProvisional { get; init; }

    /// <summary>剩余时间 as people read it, Chinese first; null without a deadline.</summary>
    public required RemainingText? Remaining { get; init; }
}

public sealed record RemainingText(bool Overdue, int Workdays, string Zh, string En);

/// <summary>Something that the acting user can do now.</summary>
/// <param name="Action">save, submit, withdraw, refile, supplement, confirm, put-material, confirm-profile, decide, claim, release, transfer, recall, urge, read; at a panel ballot, recuse, close, result.</param>
/// <param name="Outcomes">For decide.</param>
/// <param name="Name">For signal at a workflow instance: the event.</param>
public sealed record NextAction(string Action, string Zh, string Method, string Href, Guid? TaskId = null, IReadOnlyList<string>? Outcomes = null, string? Name = null)
{
    /// <summary>委托: in whose place the user can do it; null: in their own right.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OnBehalfOf { get; init; }

    /// <summary>Of a decision: where <c>return</c> may lead, one of which is its <c>returnTo</c>; null: as the stage is drawn.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ReturnTarget>? ReturnTo { get; init; }
}

/// <summary>A case with everything that its reader may see.</summary>
public sealed record CaseView
{
    public required Guid Id { get; init; }

    /// <summary>The ETag's version.</summary>
    public required long Version { get; init; }
    public required string? Number { get; init; }
    public required Worded Service { get; init; }
    public required Worded Status { get; init; }
    public required short Phase { get; init; }

    /// <summary>From 1; each 重新申请 or 重新申报 is the next. Of all rounds: <c>GET /cases/{id}/rounds</c>.</summary>
    public required short Round { get; init; }

    /// <summary>The round before; null: this is the first.</summary>
    public required Guid? PreviousCaseId { get; init; }

    /// <summary>The round after; null: none. A draft is named to whoever files it.</summary>
    public required Guid? NextCaseId { get; init; }
    public required Named Applicant { get; init; }
    public required string FiledBy { get; init; }
    public required Named Employer { get; init; }
    public required Named? ResponsibleUnit { get; init; }
    public required Named? Bureau { get; init; }
    public required IReadOnlyList<CaseStage> Stages { get; init; }
    public required IReadOnlyList<NextAction> NextActions { get; init; }

    /// <summary>承诺办结日期, explained; null: the service promises none.</summary>
    public Clocks.PromiseView? Promise { get; init; }

    /// <summary>Version of the form that the data was saved with: that of <c>/services/{service}/form</c>, unless it has changed since. Null: none is kept.</summary>
    public string? FormVersion { get; init; }

    /// <summary>补正: what has to be corrected while the case waits for that; null: nothing is named.</summary>
    public Reviews.Correcting.CorrectionsView? Corrections { get; init; }

    /// <summary>The form data by phase.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Data { get; init; }
    public required string? EndReason { get; init; }

    /// <summary>Stages that failed and wait for an operator.</summary>
    public required int Incidents { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset? SubmittedAt { get; init; }
    public required DateTimeOffset? EndedAt { get; init; }
}

/// <summary>A step of the form was saved.</summary>
/// <param name="Version">Of the case; the ETag's.</param>
/// <param name="FormVersion">Of the form that it was checked by.</param>
/// <param name="Errors">What the step still lacks before the case can be handed in; it is saved all the same.</param>
public sealed record StepSaved(Guid CaseId, long Version, string Step, string FormVersion, IReadOnlyList<Forms.FormError> Errors)
{
    public bool Complete => Errors.Count == 0;
}

/// <summary>A case as somebody may see it, and what that takes.</summary>
/// <param name="Package">The service as the case has it; null: its content isn't there.</param>
/// <param name="Owns">It is theirs.</param>
/// <param name="Hidden">Fields that they don't get because of the stages as whose people they read it.</param>
internal sealed record SeenCase(CaseView View, Packages.ServicePackage? Package, bool Owns, IReadOnlySet<string> Hidden);

/// <summary>A line of a case's history.</summary>
public sealed record HistoryEntry
{
    public required long Seq { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>The word of the audit, such as <c>task.decided</c>.</summary>
    public required string Action { get; init; }
    public required string? Stage { get; init; }
    public required string? StageName { get; init; }
    public required Named? User { get; init; }
    public required string Credential { get; init; }
    public required string? FromStatus { get; init; }
    public required string? ToStatus { get; init; }

    /// <summary>The service's word for <see cref="ToStatus"/>; null: the step changed nothing.</summary>
    public required Worded? Status { get; init; }
    public required Worded? Outcome { get; init; }
    public required string? Opinion { get; init; }
    public required JsonElement? Details { get; init; }
}

/// <summary>One page; <see cref="Next"/> is the cursor of the following one, null at the end.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Which cases to list, newest first.</summary>
public sealed record CaseFilter(string? Service, string? Status, string? Employer, string? Applicant, string? Cursor, int Limit);
