using System.Text.Json;

namespace Talent.Workflows.Engine.Execution;

/// <summary>What moves an instance.</summary>
public abstract record Stimulus
{
    private Stimulus() { }

    /// <summary>Begins a pending instance.</summary>
    public sealed record Start(IReadOnlyDictionary<string, JsonElement> Input, string? CorrelationId = null, StartTrigger? Trigger = null, ParentWait? Parent = null) : Stimulus;

    /// <summary>Resumes one bookmark. Never buffered.</summary>
    public sealed record Resume(Guid BookmarkId, JsonElement Payload) : Stimulus
    {
        /// <summary>Nobody is there to be told that the activity failed to take it: an incident keeps it. Else it is refused, and nothing changes.</summary>
        public bool Unattended { get; init; }
    }

    /// <summary>An event for this instance; resumes the oldest wait of that name.</summary>
    public sealed record Signal(string SignalId, string Name, JsonElement Payload) : Stimulus
    {
        /// <summary>Of an event for several waits: each of these that is still there is resumed. When none is, it is like any other signal.</summary>
        public IReadOnlyList<Guid> Waits { get; init; } = [];
    }

    /// <summary>Fires the timers due at <c>now</c>: those of the earliest due instant only, so that time runs instant by instant.</summary>
    public sealed record TimersDue : Stimulus;

    /// <summary>Ends the instance.</summary>
    public sealed record Cancel(string Reason) : Stimulus;

    /// <summary>Executes again what an open incident stopped; all of them when no id is given.</summary>
    public sealed record Retry(Guid? IncidentId) : Stimulus;

    /// <summary>What a bookmark waits for will not come by itself: an incident says why. The bookmark stays; a retry goes on waiting, and who keeps what didn't come sends it again.</summary>
    public sealed record GiveUp(Guid BookmarkId, string Code, string Message) : Stimulus;

    /// <summary>Changes by hand, all of them or none.</summary>
    public sealed record Alter(IReadOnlyList<Alteration> Alterations) : Stimulus
    {
        /// <summary>The versions that a <see cref="Alteration.Migrate"/> goes to, by their numbers.</summary>
        public IReadOnlyDictionary<int, ExecutableWorkflow> Targets { get; init; } = new Dictionary<int, ExecutableWorkflow>();
    }

    /// <summary>
    /// Tells every activity under way that heeds it (<see cref="Activities.Activity.Heeds"/>) of something that changes what it
    /// waits for, such as a new calendar: its waits stay, what it remembers may change. One that fails refuses it for all.
    /// </summary>
    public sealed record Revise(string Name, JsonElement Payload) : Stimulus;

    /// <summary>Goes to an activity of the flowchart it lies in, cancelling exactly what that activity dominates.</summary>
    public sealed record MoveTo(string ActivityId, string Reason) : Stimulus
    {
        /// <summary>Workflow outputs that are set first, such as what they were when the activity began the last time.</summary>
        public IReadOnlyDictionary<string, JsonElement> Output { get; init; } = new Dictionary<string, JsonElement>();

        /// <summary>Activities of the same flowchart that are given up: those that the move jumps over, which the target doesn't dominate.</summary>
        public IReadOnlyList<string> Leaving { get; init; } = [];

        /// <summary>Activities under way that wait for it again and begin anew when it comes back: it is asked by them, and nothing else changes. Empty: it goes on by its connections.</summary>
        public IReadOnlyList<string> For { get; init; } = [];
    }
}

/// <summary>What started an instance by itself: the activity whose trigger it was, and what came with it.</summary>
public sealed record StartTrigger(string ActivityId, JsonElement Payload);
