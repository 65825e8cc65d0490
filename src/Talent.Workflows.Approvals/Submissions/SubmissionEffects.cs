using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>A case waits to be put on a list; the effect's id is the row's, and that of the bookmark that goes on with the case.</summary>
/// <param name="TaskId">Of the office that forms the lists.</param>
/// <param name="Title">Of the list that it belongs on.</param>
/// <param name="Columns">What the list says of the case: labels and sources, no personal data.</param>
public sealed record OpenSubmission(Guid Id, Guid TaskId, string Stage, string Title, IReadOnlyList<NoticeSource> Columns, string Role, string OrganisationId) : Effect(Id);

/// <summary>What the workflow now knows of the row, and the task that is open for it.</summary>
/// <param name="TaskId">Null: as it was.</param>
public sealed record CarrySubmission(Guid Id, Guid EntryId, short Carried, Guid? TaskId = null) : Effect(Id);

/// <summary>A case leaves its list without a decision of the city. <see cref="State"/>: <c>returned</c> or <c>cancelled</c>.</summary>
public sealed record LeaveSubmission(Guid Id, Guid EntryId, string State) : Effect(Id);
