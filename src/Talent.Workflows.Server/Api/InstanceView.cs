using Talent.Workflows.Approvals.Cases;
using System.Text.Json;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Server.Api;

/// <summary>An instance as the API shows it: ids and routing facts.</summary>
public sealed record InstanceView
{
    public required Guid Id { get; init; }
    public required string DefinitionId { get; init; }
    public required string DefinitionVersionId { get; init; }
    public required long Version { get; init; }
    public required WorkflowStatus Status { get; init; }
    public required WorkflowSubStatus SubStatus { get; init; }
    public string? CorrelationId { get; init; }
    public string? Name { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public required IReadOnlyDictionary<string, JsonElement> Input { get; init; }
    public required IReadOnlyDictionary<string, JsonElement> Output { get; init; }
    public required IReadOnlyList<WaitView> Waits { get; init; }
    public required IReadOnlyList<TimerView> Timers { get; init; }
    public required IReadOnlyList<IncidentView> Incidents { get; init; }

    /// <summary>What can be asked of it now: <c>signal</c>, <c>retry</c>, <c>cancel</c>.</summary>
    public required IReadOnlyList<NextAction> NextActions { get; init; }

    internal static InstanceView Of(InstanceRecord record)
    {
        var state = record.State;
        return new InstanceView
        {
            Id = record.Id,
            DefinitionId = record.DefinitionId,
            DefinitionVersionId = record.DefinitionVersionId,
            Version = record.Version,
            Status = state.Status,
            SubStatus = state.SubStatus,
            CorrelationId = state.CorrelationId,
            Name = state.Name,
            CreatedAt = record.CreatedAt,
            UpdatedAt = record.UpdatedAt,
            FinishedAt = record.FinishedAt,
            Input = state.Input,
            Output = state.Output,
            Waits = [.. state.Bookmarks.Select(b => new WaitView(b.Id, b.ActivityId, b.Kind, b.Name))],
            Timers = [.. state.Timers.OrderBy(t => t.DueAt).Select(t => new TimerView(t.Id, t.ActivityId, t.Purpose, t.DueAt))],
            Incidents = [.. state.Incidents.Select(i => new IncidentView(i.Id, i.ActivityId, i.Code, i.Message, i.At, i.Attempts))],
            NextActions = [.. Actions(record)],
        };
    }

    private static IEnumerable<NextAction> Actions(InstanceRecord record)
    {
        if (record.State.Status == WorkflowStatus.Finished)
            yield break;
        var self = $"/api/v1/workflows/instances/{record.Id}";
        foreach (var wait in record.State.Bookmarks.Where(b => b.Kind == BookmarkKinds.Event))
            yield return new NextAction("signal", "发送事件", "POST", $"{self}/signals", Name: wait.Name);
        if (record.State.Incidents.Count > 0)
            yield return new NextAction("retry", "重试", "POST", $"{self}/retry");
        yield return new NextAction("cancel", "取消", "POST", $"{self}/cancel");
    }
}

/// <summary>Something from outside that the instance waits for.</summary>
public sealed record WaitView(Guid Id, string ActivityId, string Kind, string? Name);

/// <summary>An instant of the business clock that the instance waits for.</summary>
public sealed record TimerView(Guid Id, string ActivityId, string Purpose, DateTimeOffset DueAt);

/// <summary>A failed activity, to be retried.</summary>
public sealed record IncidentView(Guid Id, string ActivityId, string Code, string Message, DateTimeOffset At, int Attempts);
