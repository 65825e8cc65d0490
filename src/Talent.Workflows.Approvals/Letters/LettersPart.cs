using System.Text.Json;
using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>Puts the letters that a step issues into its outbox: what activities asked for, and what the service issues on what happens in it.</summary>
/// <remarks>Registered after the case's clock, which finds out in its own part what has fallen due.</remarks>
public sealed class LettersPart(ApprovalContent content) : StepPart
{
    public override string Name => "letters";

    public override IReadOnlyList<StepParameter> Parameters => [];

    public override void Bind(StepWrite step, StepParameters values)
    {
        foreach (var effect in step.Effects)
            if (effect is IssueLetterEffect issue)
                Add(step, issue.Id, LetterEvents.OrderOf(step) with { Kind = issue.Kind, Corrects = issue.Corrects });
        if (step.State.Input(CaseFacts.Service) is not { } service || content.Find(service) is not { Letters.All: { Count: > 0 } letters })
            return;
        var number = 0;
        foreach (var (name, order) in LetterEvents.Of(step))
            foreach (var letter in letters)
                if (letter.On == name && (letter.Stages.Count == 0 || order.Stage is { } stage && letter.Stages.Contains(stage)))
                    Add(step, DerivedId.For(step.InstanceId, letter.Kind, (int)step.VersionAfter, $"letter-{++number}"), order with { Kind = letter.Kind, On = name });
    }

    // In their order, so that a letter that corrects another finds it.
    private static void Add(StepWrite step, Guid id, LetterOrder order) =>
        step.Outbox.Add(id, LetterIssuing.WorkKind, JsonSerializer.SerializeToUtf8Bytes(order, LetterOrder.Json), $"letters:{step.InstanceId:N}");
}

/// <summary>What an outbox row of a letter holds: ids and instants.</summary>
internal sealed record LetterOrder
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    public string Kind { get; init; } = "";

    /// <summary>Null: an activity asked for it.</summary>
    public string? On { get; init; }

    /// <summary>The version of the case that the step made.</summary>
    public long Seq { get; init; }

    /// <summary>The task that was decided in the step.</summary>
    public Guid? TaskId { get; init; }

    /// <summary>Its stage.</summary>
    public string? Stage { get; init; }

    /// <summary>When what is asked of the applicant is due, UTC and exclusive, and by which rule.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <inheritdoc cref="DueAt"/>
    public string? DueRule { get; init; }

    /// <summary>The notice that was posted.</summary>
    public Guid? NoticeId { get; init; }

    /// <summary>It replaces the case's last letter of the kind.</summary>
    public bool Corrects { get; init; }
}
