using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Messages;

/// <summary>Puts what people are to be told into the outbox of the step: one message a recipient.</summary>
public sealed class MessagesPart : StepPart
{
    /// <summary>Kind of the outbox rows, delivered by <see cref="MessageDelivery"/>.</summary>
    public const string Kind = "message";

    public override string Name => "messages";

    public override IReadOnlyList<StepParameter> Parameters => [];

    public override void Bind(StepWrite step, StepParameters values)
    {
        foreach (var effect in step.Effects)
            if (effect is NotifyEffect notify)
                for (var i = 0; i < notify.Recipients.Count; i++)
                {
                    // The same id at every attempt of the step, another one for each recipient.
                    var id = i == 0 ? notify.Id : DerivedId.For(notify.Id, notify.Event, i, "recipient");
                    Add(step, id, new MessageOrder(notify.Event, notify.Recipients[i], notify.Facts));
                }
        if (step.Domain is not CaseAction action)
            return;
        if (action.TellsApplicant(step.Before) is { } message)
            Add(step, DerivedId.For(step.InstanceId, message, (int)step.VersionAfter, "told"), new MessageOrder(message, Recipient.Applicant, new Dictionary<string, string>()));
        var number = 0;
        foreach (var order in action.Tells)
            Add(step, DerivedId.For(step.InstanceId, order.Event, (int)step.VersionAfter, $"told-{++number}"), order);
    }

    private static void Add(StepWrite step, Guid id, MessageOrder order) =>
        step.Outbox.Add(id, Kind, JsonSerializer.SerializeToUtf8Bytes(order, MessageJson.Options));
}

/// <summary>What an outbox row of kind <c>message</c> holds: ids and facts, no names, no texts.</summary>
public sealed record MessageOrder(string Event, Recipient To, IReadOnlyDictionary<string, string> Facts);

internal static class MessageJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };
}
