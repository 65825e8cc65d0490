using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Messages.Channels;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>
/// Answers whoever objected: by e-mail or SMS, whichever contact they gave. They are no user of the directory, so what was
/// sent is noted under the objection's id.
/// </summary>
public sealed class ObjectionReply(NpgsqlDataSource database, NoticeStore store, ServiceCatalogue services, IEnumerable<IMessageChannel> channels) : IOutboxHandler
{
    public const string WorkKind = "objection.reply";

    private readonly Dictionary<string, IMessageChannel> channels = channels.ToDictionary(c => c.Name, StringComparer.Ordinal);

    public string Kind => WorkKind;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<ReplyOrder>(message.Payload, NoticeSource.Json)!;
        var service = await database.SingleAsync("select service from approvals.cases where id = $1", r => r.GetString(0), cancellationToken, message.InstanceId);
        if (service is null || await services.FindAsync(service, cancellationToken) is not { } package || package.Messages.Find(order.Event) is null
            || await store.ObjectorAsync(order.ObjectionId, cancellationToken) is not { } objector)
            return OutboxResult.Ok; // A service tells only of the events in its messages.json.
        if (string.IsNullOrEmpty(objector.Email) && string.IsNullOrEmpty(objector.Phone))
            return OutboxResult.Ok; // Who can't be reached finds the answer by the receipt.
        var (name, to) = objector.Email is { Length: > 0 } email ? (MessageChannels.Email, email) : (MessageChannels.Sms, objector.Phone!);
        if (!channels.TryGetValue(name, out var channel))
            return new OutboxResult.Retry(null, $"no channel '{name}' is configured");
        RenderedMessage text;
        try
        {
            text = package.Messages.Render(order.Event, name, MessageLanguages.Chinese, new Dictionary<string, string>
            {
                ["serviceName"] = package.Service.Zh,
                ["recipientName"] = string.IsNullOrWhiteSpace(objector.Name) ? "您好" : objector.Name,
                ["noticeNumber"] = order.NoticeNumber,
                ["objectionNumber"] = objector.Number,
                ["opinion"] = objector.Opinion ?? "",
            });
        }
        catch (MessageRenderException e)
        {
            return new OutboxResult.Dead(e.Message);
        }
        var result = await channel.SendAsync(new Message
        {
            Id = $"{message.Id:N}-objector-{name}", Channel = name, To = to, Subject = text.Subject, Text = text.Text, Html = text.Html,
            TemplateCode = text.TemplateCode, SignName = text.SignName, Params = text.Params,
        }, cancellationToken);
        await DeliveryNotes.NoteAsync(database, message, order.Event, $"objection:{order.ObjectionId}", name, result);
        return result switch
        {
            DeliveryResult.Sent => OutboxResult.Ok,
            DeliveryResult.Dead dead => new OutboxResult.Dead(dead.Reason),
            DeliveryResult.Retry retry => new OutboxResult.Retry(retry.After, retry.Reason),
            DeliveryResult.Unknown unknown => new OutboxResult.Retry(null, unknown.Reason),
            _ => throw new InvalidOperationException($"Unknown result {result.GetType().Name}."),
        };
    }
}
