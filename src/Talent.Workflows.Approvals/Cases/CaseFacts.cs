using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>What the workflow of a case knows of it: ids and routing facts, given when it is submitted, and its status since.</summary>
public static class CaseFacts
{
    public const string Service = "Service";
    public const string ApplicantId = "ApplicantId";
    public const string EmployerId = "EmployerId";
    public const string UnitId = "UnitId";
    public const string BureauId = "BureauId";
    public const string Region = "Region";
    public const string FiledBy = "FiledBy";

    /// <summary>One of <see cref="CaseSubjects"/>; absent: a person's.</summary>
    public const string Subject = "Subject";

    /// <summary>The service that the case asks the permission for; absent: it asks for none.</summary>
    public const string Opens = "Opens";

    /// <summary>What the service said of its time when the case was filed (<see cref="Clocks.CaseTerms"/>).</summary>
    public const string Clock = "Clock";

    private const string StatusKey = "caseStatus";
    private const string PhaseKey = "casePhase";

    /// <summary>A code of <see cref="StatusWord"/>; <c>draft</c> before the case is submitted.</summary>
    public static string Status(this WorkflowState state) =>
        Text(state.Output, StatusKey) ?? (state.SubStatus == WorkflowSubStatus.Pending ? "draft" : "submitted");

    /// <summary>1 or 2.</summary>
    public static short Phase(this WorkflowState state) =>
        state.Output.TryGetValue(PhaseKey, out var phase) && phase.TryGetInt16(out var number) ? number : (short)1;

    public static string? Input(this WorkflowState state, string name) => Text(state.Input, name);

    /// <summary>Status and phase as the workflow's outputs that hold them.</summary>
    internal static Dictionary<string, JsonElement> Outputs(string status, short phase) =>
        new(StringComparer.Ordinal) { [StatusKey] = JsonSerializer.SerializeToElement(status), [PhaseKey] = JsonSerializer.SerializeToElement(phase) };

    internal static void Set(WorkflowState state, string status, short phase)
    {
        state.Output[StatusKey] = JsonSerializer.SerializeToElement(status);
        state.Output[PhaseKey] = JsonSerializer.SerializeToElement(phase);
    }

    private static string? Text(Dictionary<string, JsonElement> values, string name) =>
        values.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
