using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Messages.Channels;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.People.Codes;

/// <summary>What an SMS with a code needs. In clear only while it is sent.</summary>
internal sealed record CodeSms(string Phone, string Code, string Purpose, string Language);

/// <summary>What the outbox holds of it: when it is of no use any more, and the rest encrypted.</summary>
internal sealed record CodeOrder(DateTimeOffset ExpiresAt, byte[] Sealed)
{
    public static byte[] Seal(CodeKey key, Guid id, CodeSms sms, DateTimeOffset expiresAt) =>
        JsonSerializer.SerializeToUtf8Bytes(new CodeOrder(expiresAt, key.Seal(id, JsonSerializer.SerializeToUtf8Bytes(sms))));
}

/// <summary>
/// Sends codes by SMS, at night too: whoever asked is waiting. One that can't be sent while it is good isn't sent any more, and
/// leaves no dead letter: the message is removed, and the code's row says why.
/// </summary>
public sealed partial class CodeDelivery(NpgsqlDataSource database, CodeKey key, ApprovalContent content, IEnumerable<IMessageChannel> channels, TimeProvider time, ILogger<CodeDelivery> logger) : IOutboxHandler
{
    public const string WorkKind = "verification.code";

    /// <summary>Whom the event goes to, as the messages say it: whoever has the telephone.</summary>
    public const string Recipient = "phone";

    /// <summary>The event of the shared messages.</summary>
    public const string EventName = "verification.code";

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly IMessageChannel? channel = channels.FirstOrDefault(c => c.Name == MessageChannels.Sms);
    private readonly Lazy<MessageCatalogue> messages = new(() => MessageBinder.Bind(null, content.Shared.Messages.Definitions, content.Shared.Messages.Templates));

    public string Kind => WorkKind;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<CodeOrder>(message.Payload)!;
        if (order.ExpiresAt <= time.GetUtcNow())
            return await NoteAsync(message.Id, null, "it couldn't be sent while it was good");
        CodeSms sms;
        try
        {
            sms = JsonSerializer.Deserialize<CodeSms>(key.Open(message.Id, order.Sealed))!;
        }
        catch (CryptographicException)
        {
            return Later(order, LongestPause, "this node hasn't the key that it was sealed with");
        }
        if (channel is null)
            return Later(order, LongestPause, "no channel 'sms' is configured");
        var result = await channel.SendAsync(Render(message.Id, sms), cancellationToken);
        return result switch
        {
            DeliveryResult.Sent => await NoteAsync(message.Id, time.GetUtcNow(), null),
            DeliveryResult.Dead dead => await NoteAsync(message.Id, null, dead.Reason),
            DeliveryResult.Waiting waiting => Later(order, waiting.After, waiting.Reason),
            DeliveryResult.Retry retry => Again(order, message, retry.After, retry.Reason),
            DeliveryResult.Unknown unknown => Again(order, message, null, unknown.Reason),
            _ => throw new InvalidOperationException($"Unknown result {result.GetType().Name}."),
        };
    }

    private Message Render(Guid id, CodeSms sms)
    {
        var (purpose, english) = (CodePurpose.Sent(sms.Purpose), sms.Language == MessageLanguages.English);
        var text = messages.Value.Render(EventName, MessageChannels.Sms, sms.Language, new Dictionary<string, string>
        {
            ["code"] = sms.Code,
            ["codePurpose"] = english ? purpose.En : purpose.Zh,
            ["codeMinutes"] = VerificationCodes.Life.TotalMinutes.ToString(CultureInfo.InvariantCulture),
        });
        return new Message
        {
            Id = $"{id:N}-sms", Event = EventName, Channel = MessageChannels.Sms, To = sms.Phone, Text = text.Text, Urgent = true,
            TemplateCode = text.TemplateCode, SignName = text.SignName, Params = text.Params,
        };
    }

    /// <summary>2 s, 4 s, … at most half a minute, unless the provider says when; and once more when the code is no longer good, to be removed.</summary>
    private OutboxResult.Retry Again(CodeOrder order, OutboxMessage message, TimeSpan? after, string why)
    {
        var pause = after ?? TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, 2 << Math.Min(message.Attempts, 5)));
        return new OutboxResult.Retry(Within(order, pause), why);
    }

    private OutboxResult.Hold Later(CodeOrder order, TimeSpan after, string why) => new(Within(order, after), why);

    private TimeSpan Within(CodeOrder order, TimeSpan pause)
    {
        var left = order.ExpiresAt - time.GetUtcNow();
        return left >= pause ? pause : left > Shortest ? left : Shortest;
    }

    /// <summary>Never cancelled: what has gone out is noted.</summary>
    private async Task<OutboxResult> NoteAsync(Guid id, DateTimeOffset? sentAt, string? error)
    {
        if (error is not null)
            LogNotSent(id, error);
        await database.QueryAsync("update approvals.codes set sent_at = $2, send_error = $3 where id = $1 returning 1", r => r.GetInt32(0), CancellationToken.None,
            id, sentAt is { } at ? at : new Sql.Null(NpgsqlTypes.NpgsqlDbType.TimestampTz), error);
        return OutboxResult.Ok;
    }

    [LoggerMessage(EventId = 3401, Level = LogLevel.Warning, Message = "Verification code {Id} wasn't sent: {Why}")]
    private partial void LogNotSent(Guid id, string why);
}
