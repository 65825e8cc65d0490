using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Messages.Channels;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Messages.Mail;

/// <summary>Puts e-mails of workflows into the outbox of the step.</summary>
public sealed class EmailPart : StepPart
{
    public override string Name => "emails";
    public override IReadOnlyList<StepParameter> Parameters => [];

    public override void Bind(StepWrite step, StepParameters values)
    {
        foreach (var effect in step.Effects)
            if (effect is EmailEffect email)
                step.Outbox.Add(email.Id, EmailDelivery.MessageKind, JsonSerializer.SerializeToUtf8Bytes(email, JsonSerializerOptions.Web));
    }
}

/// <summary>Sends e-mails of workflows over the office's mail server and tells the workflow. The same id at every attempt.</summary>
public sealed partial class EmailDelivery(IEnumerable<IMessageChannel> channels, WorkflowRuntime runtime) : IOutboxHandler
{
    public const string MessageKind = "workflow-email";
    private static readonly TimeSpan Unconfigured = TimeSpan.FromMinutes(5);

    private readonly IMessageChannel? mail = channels.FirstOrDefault(c => c.Name == MessageChannels.Email);

    public string Kind => MessageKind;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        if (mail is null)
            return new OutboxResult.Hold(Unconfigured, "no channel 'email' is configured");
        if (await runtime.ReadAsync(message.InstanceId, cancellationToken) is { State.Halted: true })
            return OutboxResult.Halted;
        var email = JsonSerializer.Deserialize<EmailEffect>(message.Payload, JsonSerializerOptions.Web)!;
        var result = await mail.SendAsync(new Message
        {
            Id = message.Id.ToString("N"), Event = "workflow.email", Channel = MessageChannels.Email, To = email.To,
            Subject = email.Subject, Html = email.Html, Text = WebUtility.HtmlDecode(Tags().Replace(email.Html, " ")).Trim(),
        }, cancellationToken);
        return result switch
        {
            DeliveryResult.Sent => await TellAsync(message.InstanceId, email, null, cancellationToken),
            DeliveryResult.Dead dead when email.ReportsFailure => await TellAsync(message.InstanceId, email, dead.Reason, cancellationToken),
            DeliveryResult.Dead dead => new OutboxResult.Dead(dead.Reason),
            DeliveryResult.Waiting waiting => new OutboxResult.Hold(waiting.After, waiting.Reason),
            DeliveryResult.Retry again => new OutboxResult.Retry(again.After, again.Reason),
            DeliveryResult.Unknown unknown => new OutboxResult.Retry(null, unknown.Reason),
            _ => throw new InvalidOperationException($"The mail channel answered {result.GetType().Name}."),
        };
    }

    private async Task<OutboxResult> TellAsync(Guid instance, EmailEffect email, string? failed, CancellationToken cancellationToken)
    {
        var payload = failed is null ? default : JsonSerializer.SerializeToElement(new { failed });
        try
        {
            // When nothing waits for it any more, the e-mail is out all the same.
            await runtime.ApplyAsync(new StepRequest { InstanceId = instance, Stimulus = new Stimulus.Resume(email.ReportTo, payload), Actor = Actor.System }, cancellationToken);
            return OutboxResult.Ok;
        }
        catch (WorkflowException e) when (e.Code is not (ErrorCodes.Busy or ErrorCodes.Unavailable))
        {
            return new OutboxResult.Dead(e.Message);
        }
    }

    [GeneratedRegex("<[^>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex Tags();
}
