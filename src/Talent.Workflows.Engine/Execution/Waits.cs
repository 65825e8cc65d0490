using System.Text.Json;

namespace Talent.Workflows.Engine.Execution;

/// <summary>
/// A wait for something from outside. <see cref="Kind"/> says what resumes it (<see cref="BookmarkKinds"/> or a kind of a
/// domain activity); <see cref="Name"/> is the event or task name. <see cref="Id"/> is also the id of the task it opened.
/// </summary>
public sealed record Bookmark(Guid Id, int ExecutionId, string ActivityId, string Kind, string? Name, JsonElement Payload = default);

/// <summary>Kinds of bookmark that the engine itself knows.</summary>
public static class BookmarkKinds
{
    public const string Event = "Event";
    public const string Task = "Task";

    /// <summary>Work outside (Elsa.RunTask), completed by the id of its bookmark.</summary>
    public const string Work = "Work";

    /// <summary>The answer to an HTTP request that the outbox sends.</summary>
    public const string HttpCall = "HttpCall";

    /// <summary>The end of workflows that this one started.</summary>
    public const string Children = "Children";
}

/// <summary>A wait for an instant of the business clock. <see cref="Purpose"/> is the activity's own word for it.</summary>
public sealed record TimerWait(Guid Id, int ExecutionId, string ActivityId, string Purpose, DateTimeOffset DueAt, JsonElement Payload = default);

/// <summary>A failed activity: it stops its own branch only and can be retried. <see cref="Call"/> is what failed; null: its execution.</summary>
public sealed record Incident(Guid Id, int ExecutionId, string ActivityId, string Code, string Message, DateTimeOffset At, int Attempts, PendingCall? Call = null);

/// <summary>What an activity was told when it failed, kept for the retry: a signal that it took, its trigger, a timer, or a child's completion.</summary>
public sealed record PendingCall
{
    public Bookmark? Bookmark { get; init; }
    public JsonElement Payload { get; init; }

    /// <summary>Its own trigger started the instance; what came with it is <see cref="Payload"/>.</summary>
    public bool Triggered { get; init; }

    /// <summary>It wasn't told anything: what <see cref="Bookmark"/>, which is there still, waits for didn't come.</summary>
    public bool GivenUp { get; init; }

    public TimerWait? Timer { get; init; }
    public CompletedChild? Child { get; init; }

    internal string Purpose => Bookmark is not null ? $"incident:{Bookmark.Id:N}"
        : Timer is not null ? $"incident:{Timer.Id:N}"
        : Child is not null ? $"incident:child:{Child.ExecutionId}" : "incident";
}

/// <summary>A child's completion as an incident keeps it.</summary>
public sealed record CompletedChild(string ActivityId, int ExecutionId, string[] Outcomes, bool MovesBack, bool EndsFlow, string? BackTo = null);

/// <summary>A signal that came before its wait and that the definition declares as one that may.</summary>
public sealed record EarlySignal(string SignalId, string Name, JsonElement Payload);
