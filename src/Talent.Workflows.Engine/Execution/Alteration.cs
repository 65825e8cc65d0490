using System.Text.Json;

namespace Talent.Workflows.Engine.Execution;

/// <summary>A change that an administrator makes in a running instance by hand.</summary>
/// <remarks>Source: Elsa's alterations CancelActivity, ScheduleActivity and ModifyVariable.</remarks>
public abstract record Alteration
{
    private Alteration() { }

    /// <summary>Ends an activity of a flowchart that is under way; what comes after it isn't begun.</summary>
    /// <param name="ActivityId">All its executions; or null.</param>
    /// <param name="ExecutionId">One execution; or null.</param>
    public sealed record CancelActivity(string? ActivityId, int? ExecutionId) : Alteration;

    /// <summary>Begins an activity of a flowchart that is running, beside whatever else runs there.</summary>
    public sealed record ScheduleActivity(string ActivityId) : Alteration;

    /// <summary>Gives a variable of the workflow another value.</summary>
    /// <param name="Variable">Its id or name.</param>
    public sealed record ModifyVariable(string Variable, JsonElement Value) : Alteration;
}
