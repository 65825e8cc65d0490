using System.Text.Json;

namespace Talent.Workflows.Engine.Execution;

/// <summary>Who started an instance from a workflow.</summary>
/// <param name="InstanceId">The instance that started it.</param>
/// <param name="BookmarkId">What waits there for its end; null: nothing does.</param>
/// <param name="Place">Its place among the children that were started at once, from 1.</param>
/// <param name="Awaited">How many ends that bookmark waits for.</param>
public sealed record ParentWait(Guid InstanceId, Guid? BookmarkId, int Place = 1, int Awaited = 1)
{
    internal const string Purpose = "children";

    /// <summary>Whether it is this run of an activity that waits, or has waited.</summary>
    public bool IsOf(string activityId, int visit) => BookmarkId == DerivedId.For(InstanceId, activityId, visit, Purpose);
}

/// <summary>
/// Starts an instance of another definition's published version after the commit. <see cref="ReportTo"/> is the bookmark that
/// its end resumes, <see cref="Awaited"/> how many children that bookmark waits for.
/// </summary>
public sealed record StartChildEffect(Guid Id, string DefinitionId, string? CorrelationId, IReadOnlyDictionary<string, JsonElement> Input, Guid? ReportTo, int Awaited) : Effect(Id);

/// <summary>Tells the bookmark of the parent that this instance has ended.</summary>
public sealed record ChildEndedEffect(Guid Id, ParentWait Parent, WorkflowSubStatus End, IReadOnlyDictionary<string, JsonElement> Output) : Effect(Id);
