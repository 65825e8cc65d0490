using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Reviews.Assigning;

/// <summary>Puts what stages ask the directory into the outbox of the step.</summary>
public sealed class AssignmentPart : StepPart
{
    /// <summary>Kind of the outbox rows, answered by <see cref="Assignments"/>.</summary>
    public const string Kind = "review.assign";

    public override string Name => "assignments";

    public override IReadOnlyList<StepParameter> Parameters => [];

    public override void Bind(StepWrite step, StepParameters values)
    {
        foreach (var effect in step.Effects)
            if (effect is AskWho ask)
                step.Outbox.Add(ask.Id, Kind, JsonSerializer.SerializeToUtf8Bytes(ask.Order, AssignmentJson.Options));
    }
}

/// <summary>The directory has answered who can decide a stage.</summary>
public sealed record ReviewersFound : CaseAction
{
    public override string Name => "task.assigned";
    public required string Stage { get; init; }
    public required AssignmentFound Found { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { stage = Stage, by = Found.Kind, role = Found.Role, organisation = Found.OrganisationId, users = Found.Users });
}
