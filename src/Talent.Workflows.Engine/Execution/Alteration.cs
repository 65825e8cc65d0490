using System.Text.Json;
using System.Text.Json.Serialization;

namespace Talent.Workflows.Engine.Execution;

/// <summary>A change that an administrator makes in a running instance by hand. As JSON it has its name as <c>type</c>.</summary>
/// <remarks>Source: Elsa's alterations CancelActivity, ScheduleActivity, ModifyVariable and Migrate.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(CancelActivity), nameof(CancelActivity))]
[JsonDerivedType(typeof(ScheduleActivity), nameof(ScheduleActivity))]
[JsonDerivedType(typeof(ModifyVariable), nameof(ModifyVariable))]
[JsonDerivedType(typeof(Migrate), nameof(Migrate))]
public abstract record Alteration
{
    private Alteration() { }

    /// <summary>Ends an activity of a flowchart that is under way; what comes after it isn't begun.</summary>
    /// <param name="ActivityId">All its executions; or null.</param>
    /// <param name="ExecutionId">One execution; or null.</param>
    /// <param name="InstanceId">The instance that the execution is of, and no other has; null: whichever is altered.</param>
    public sealed record CancelActivity(string? ActivityId, int? ExecutionId, Guid? InstanceId = null) : Alteration;

    /// <summary>Begins an activity of a flowchart that is running, beside whatever else runs there.</summary>
    public sealed record ScheduleActivity(string ActivityId) : Alteration;

    /// <summary>Gives a variable of the workflow another value.</summary>
    /// <param name="Variable">Its id or name.</param>
    public sealed record ModifyVariable(string Variable, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] JsonElement Value) : Alteration;

    /// <summary>
    /// Goes on by another version of the same definition. All that is under way has to be there too: refused otherwise, with
    /// everything that isn't. What waits already keeps what it waits for, and timers their instants.
    /// </summary>
    /// <param name="TargetVersion">Number of a version that is or was published.</param>
    public sealed record Migrate(int TargetVersion) : Alteration;
}
