using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>Enters a mark (黄牌、红牌) once. <see cref="DueAt"/>: the end of the limit that is nearly used up, or over.</summary>
public sealed record GiveMark(Guid Id, string Limit, string Colour, DateTimeOffset DueAt) : Effect(Id)
{
    public Guid? TaskId { get; init; }
    public string? Stage { get; init; }
    public string? StageName { get; init; }
}

/// <summary>A deadline was computed again. <see cref="Cause"/>: <c>calendar</c>, <c>extension</c> or <c>pause</c>.</summary>
/// <param name="TaskId">Null: not a task's.</param>
public sealed record DeadlineRevised(Guid Id, string Limit, Guid? TaskId, string Stage, string Cause, DateTimeOffset OldDue, TaskDeadline New) : Effect(Id);
