using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Messages.Channels;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Employers.Handlers;

/// <summary>Whom to tell of which replacement.</summary>
internal sealed record HandlerOrder(Guid Replacement, string User);

/// <summary>Tells the handler before and the new one, over every channel that the messages name: by SMS and in the portal, because an e-mail is about a service (R-EMP-3, R-NTF-3). A repetition sends only what hasn't gone out.</summary>
public sealed class HandlerNews(NpgsqlDataSource database, ContactBook contacts, ApprovalContent content, IEnumerable<IMessageChannel> channels) : IOutboxHandler
{
    public const string WorkKind = "handler-news";
    public const string Replaced = "handler.replaced";
    public const string Appointed = "handler.appointed";

    private static readonly TimeSpan Unconfigured = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, IMessageChannel> channels = channels.ToDictionary(c => c.Name, StringComparer.Ordinal);
    private readonly Lazy<MessageCatalogue> messages = new(() => MessageBinder.Bind(null, content.Shared.Messages.Definitions, content.Shared.Messages.Templates));

    public string Kind => WorkKind;

    internal static CommandMessage Message(Guid replacement, string user) =>
        new(DerivedId.For(replacement, user, 1, WorkKind), replacement, JsonSerializer.SerializeToUtf8Bytes(new HandlerOrder(replacement, user)), null);

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<HandlerOrder>(message.Payload)!;
        var news = await database.SingleAsync($"""
            select u.name, u.language, u.id = r.to_user, o.name_zh, o.name_en, f.name, t.name, {UserContacts.Columns}
            from approvals.handler_replacements r join approvals.users u on u.id = $2 and u.active join approvals.organisations o on o.id = r.employer_id
            join approvals.users t on t.id = r.to_user left join approvals.users f on f.id = r.from_user where r.id = $1
            """, r => new { Name = r.GetString(0), Language = r.GetString(1), IsNew = r.GetBoolean(2), Zh = r.GetString(3), En = r.GetString(4), Before = r.Text(5), After = r.GetString(6), Contacts = UserContacts.Read(r, 7) },
            cancellationToken, order.Replacement, order.User);
        if (news is null)
        {
            await DeliveryNotes.NobodyAsync(database, message, Appointed);
            return OutboxResult.Ok;
        }
        var name = news.IsNew ? Appointed : Replaced;
        if (messages.Value.Find(name) is not { } definition)
            return OutboxResult.Ok;
        var values = new Dictionary<string, string>
        {
            ["recipientName"] = news.Name, ["employerName"] = news.Language == MessageLanguages.English ? news.En : news.Zh, ["previousHandler"] = news.Before ?? "—", ["newHandler"] = news.After,
        };
        var sent = (await database.QueryAsync("select channel from approvals.messages where id = $1 and recipient = $2 and (state = 'sent' or $3 and state in ('dead', 'no_address'))", r => r.GetString(0), cancellationToken,
            message.Id, order.User, message.Attempts > 0)).ToHashSet(StringComparer.Ordinal);
        var outcome = OutboxResult.Ok;
        var (phone, email) = (await contacts.OpenAsync([news.Contacts], cancellationToken))[0];
        foreach (var channel in definition.Channels.Where(c => !sent.Contains(c)))
        {
            var to = channel switch { MessageChannels.Sms => phone, MessageChannels.Email => email, _ => order.User };
            var result = string.IsNullOrEmpty(to) ? null : await SendAsync(message.Id, order.User, channel, to, name, news.Language, values, cancellationToken);
            await DeliveryNotes.NoteAsync(database, message, name, order.User, channel, result);
            // What can still go out is tried again before anything is given up.
            outcome = (outcome, result) switch
            {
                (_, DeliveryResult.Retry again) => new OutboxResult.Retry(again.After, again.Reason),
                (_, DeliveryResult.Unknown unknown) => new OutboxResult.Retry(null, unknown.Reason),
                (OutboxResult.Retry, _) => outcome,
                (_, DeliveryResult.Waiting waiting) => new OutboxResult.Hold(waiting.After, waiting.Reason),
                (OutboxResult.Hold, _) => outcome,
                (_, DeliveryResult.Dead dead) => new OutboxResult.Dead(dead.Reason),
                _ => outcome,
            };
        }
        return outcome;
    }

    private async Task<DeliveryResult> SendAsync(Guid id, string user, string channel, string to, string name, string language, Dictionary<string, string> values, CancellationToken cancellationToken)
    {
        if (!channels.TryGetValue(channel, out var sender))
            return new DeliveryResult.Waiting($"no channel '{channel}' is configured", Unconfigured);
        RenderedMessage text;
        try
        {
            text = messages.Value.Render(name, channel, language, values);
        }
        catch (MessageRenderException e)
        {
            return new DeliveryResult.Dead(e.Message);
        }
        return await sender.SendAsync(new Message
        {
            Id = $"{id:N}-{user}-{channel}", Event = name, Channel = channel, To = to, Subject = text.Subject, Text = text.Text, Html = text.Html,
            TemplateCode = text.TemplateCode, SignName = text.SignName, Params = text.Params,
        }, cancellationToken);
    }
}
