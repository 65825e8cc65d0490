using System.Text.Json;
using System.Text.Json.Serialization;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews.Signing;

/// <summary>转办 of somebody's part in a stage of several: the payload of a <see cref="Stimulus.Revise"/>.</summary>
/// <param name="Task">The task that goes over; null: what of <paramref name="From"/> hasn't come to its turn.</param>
internal sealed record SeatHandedOn(Guid? Task, string? From, string To)
{
    public const string Name = "seat-handed-on";

    /// <summary>The one stage in which it goes over; null: wherever it is.</summary>
    public string? Stage { get; init; }

    [JsonIgnore]
    public Stimulus.Revise Stimulus => new(Name, JsonSerializer.SerializeToElement(this));

    public bool Means(SignSeat seat) => seat.Vote is null && (Task is null ? seat.Task is null && seat.User == From : seat.Task == Task);
}

/// <summary>Whose turn in a stage of several is still to come: no task says it.</summary>
public sealed record SeatsWait(Guid Id, IReadOnlyList<string> Users) : Effect(Id);
