using System.Globalization;
using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Messages.Channels;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.People.RealName;

/// <summary>What an outbox row holds: which move, which side of it, by which channel. No names, no addresses.</summary>
internal sealed record AccountOrder(Guid Move, bool ToNew, string Channel);

/// <summary>
/// Tells accounts that a verified identity has moved: who lost it, so that an attack doesn't go unnoticed, and who took it over. A
/// row for each channel, so that one that fails holds up no other.
/// </summary>
public sealed class AccountMessages(NpgsqlDataSource database, DataKeys keys, ContactBook contacts, ApprovalContent content, IEnumerable<IMessageChannel> channels) : IOutboxHandler
{
    public const string WorkKind = "account.message";

    /// <summary>Whom the events go to, as the messages say it.</summary>
    public const string Recipient = "account";

    /// <summary>Events of the shared messages: to the account that lost it, and to the one that has it now.</summary>
    public const string Released = "identity.released", Rebound = "identity.rebound";

    // Whoever configures it starts the server anew; this is for the other nodes.
    private static readonly TimeSpan Unconfigured = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, IMessageChannel> channels = channels.ToDictionary(c => c.Name, StringComparer.Ordinal);
    private readonly Lazy<MessageCatalogue> messages = new(() => MessageBinder.Bind(null, content.Shared.Messages.Definitions, content.Shared.Messages.Templates));

    public string Kind => WorkKind;

    /// <summary>The outbox rows of a move: the same ids whenever they are made.</summary>
    internal static IReadOnlyList<(Guid Id, byte[] Payload)> Orders(Guid move, bool tellsNew) =>
    [
        .. from toNew in tellsNew ? (bool[])[false, true] : [false]
           from channel in (string[])[MessageChannels.Sms, MessageChannels.InApp]
           select (DerivedId.For(move, toNew ? Rebound : Released, 0, channel), JsonSerializer.SerializeToUtf8Bytes(new AccountOrder(move, toNew, channel))),
    ];

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<AccountOrder>(message.Payload)!;
        var account = await database.SingleAsync($"""
            select u.id, u.name, u.language, m.at, p.id, p.phone, p.key_id, {UserContacts.Columns} from approvals.identity_moves m
            join approvals.people p on p.id = case when $2 then m.to_person else m.from_person end join approvals.users u on u.id = p.user_id and u.active where m.id = $1
            """, r => new Account(r.GetString(0), r.GetString(1), r.GetString(2), r.GetFieldValue<DateTimeOffset>(3), r.GetGuid(4), r.IsDBNull(5) ? null : r.GetFieldValue<byte[]>(5), r.GetInt32(6), UserContacts.Read(r, 7)),
            cancellationToken, order.Move, order.ToNew);
        if (account is null)
            return OutboxResult.Ok; // Nobody held it, or they are gone.
        var to = order.Channel == MessageChannels.InApp ? account.User : await PhoneAsync(account, cancellationToken);
        if (string.IsNullOrEmpty(to))
            return OutboxResult.Ok;
        if (!channels.TryGetValue(order.Channel, out var channel))
            return new OutboxResult.Hold(Unconfigured, $"no channel '{order.Channel}' is configured");
        return await channel.SendAsync(Render(message.Id, order, account, to), cancellationToken) switch
        {
            DeliveryResult.Sent => OutboxResult.Ok,
            DeliveryResult.Waiting waits => new OutboxResult.Hold(waits.After, waits.Reason),
            DeliveryResult.Retry retry => new OutboxResult.Retry(retry.After, retry.Reason),
            DeliveryResult.Unknown unknown => new OutboxResult.Retry(null, unknown.Reason),
            DeliveryResult.Dead dead => new OutboxResult.Dead(dead.Reason),
            var result => throw new InvalidOperationException($"Unknown result {result.GetType().Name}."),
        };
    }

    private Message Render(Guid id, AccountOrder order, Account account, string to)
    {
        var (name, chinese) = (order.ToNew ? Rebound : Released, account.Language != MessageLanguages.English);
        var day = ChinaTime.DateOf(account.At);
        var text = messages.Value.Render(name, order.Channel, account.Language, new Dictionary<string, string>
        {
            ["recipientName"] = account.Name,
            ["movedOn"] = chinese ? string.Create(CultureInfo.InvariantCulture, $"{day.Year}年{day.Month}月{day.Day}日") : day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture),
        });
        return new Message
        {
            Id = $"{id:N}-{order.Channel}", Event = name, Channel = order.Channel, To = to, Subject = text.Subject, Text = text.Text, Html = text.Html,
            TemplateCode = text.TemplateCode, SignName = text.SignName, Params = text.Params,
        };
    }

    private async Task<string?> PhoneAsync(Account account, CancellationToken cancellationToken) => account.Sealed is not { } kept ? (await contacts.OpenAsync([account.Contacts], cancellationToken))[0].Phone
        : (await keys.RingAsync(account.KeyId, cancellationToken)).Open(kept, PersonStore.Table.At("phone", account.Person));

    /// <param name="Contacts">Of the directory; the person's own phone goes before it.</param>
    private sealed record Account(string User, string Name, string Language, DateTimeOffset At, Guid Person, byte[]? Sealed, int KeyId, UserContacts Contacts);
}
