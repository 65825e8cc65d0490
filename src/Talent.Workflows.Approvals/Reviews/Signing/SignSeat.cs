using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Reviews.Signing;

/// <summary>One person's part in a stage.</summary>
public sealed record SignSeat
{
    public required int Key { get; init; }

    /// <summary>Null: whoever holds the stage's role.</summary>
    public string? User { get; init; }

    /// <summary>What their vote weighs, at least 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Weight { get; init; } = 1;

    /// <summary>一票否决: when they don't approve, the stage is decided by that.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Veto { get; init; }

    /// <summary>Seats that must have decided before this one's turn.</summary>
    public ImmutableArray<int> After { get; init; } = [];

    /// <summary>The seat whose holder asked for this one (加签); null: the stage itself names it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? For { get; init; }

    /// <summary>Who asked for this one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AddedBy { get; init; }

    /// <summary>Their open task; null: it isn't their turn, or they have decided.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? Task { get; init; }

    /// <summary>How often a task was opened for them; a new one needs another id.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Turns { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DecisionOutcome? Vote { get; init; }

    /// <summary>The earlier review that a vote to return names; null: the applicant.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReturnTo { get; init; }

    /// <summary>Who decided: a delegate, or another holder of the role, needn't be whose turn it was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? By { get; init; }

    /// <summary>委托: with whose right they decided; null: with their own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Principal { get; init; }

    /// <summary>Whose part it is: who decided, else whose turn it is to. Boards of before don't say who decided.</summary>
    [JsonIgnore]
    public string? Holder => Vote is null ? User : By ?? User;

    /// <summary>The ladder has given the task to the superiors, who may be one person for several.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Raised { get; init; }

    /// <summary>Whether this is somebody's part, or was decided with their right.</summary>
    public bool IsOf(string user) => Holder == user || Principal == user;

    /// <summary>The task on which they decided, by which they take it back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? Voted { get; init; }
}

/// <summary>Where somebody who is asked in addition decides.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SignPosition>))]
public enum SignPosition
{
    /// <summary>前加签: before who asks, whose turn comes again afterwards.</summary>
    [JsonStringEnumMemberName("before")]
    Before,

    /// <summary>后加签: after who asks has approved, and before the stage is decided.</summary>
    [JsonStringEnumMemberName("after")]
    After,

    /// <summary>并加签: at the same time.</summary>
    [JsonStringEnumMemberName("beside")]
    Beside,
}
