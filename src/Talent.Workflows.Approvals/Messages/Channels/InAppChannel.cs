using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Messages.Templates;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Messages.Channels;

/// <summary>Puts messages where portals read them for their users: <see cref="InboxReader"/> (R-NTF-1).</summary>
/// <param name="also">What is told of each message too, as the capture of Development; null: nothing.</param>
public sealed class InAppChannel(NpgsqlDataSource database, BusinessClock clock, IMessageChannel? also = null) : IMessageChannel
{
    public string Name => MessageChannels.InApp;

    public async Task<DeliveryResult> SendAsync(Message message, CancellationToken cancellationToken)
    {
        await database.QueryAsync("""
            insert into approvals.inbox (message_id, user_id, case_id, event, title, text, at) values ($1, $2, $3, $4, $5, $6, $7) on conflict (message_id) do nothing returning 1
            """, r => r.GetInt32(0), cancellationToken, message.Id, message.To, message.CaseId.OrNull(), message.Event, message.Subject, message.Text, clock.Now);
        return also is null ? new DeliveryResult.Sent(null) : await also.SendAsync(message, cancellationToken);
    }
}
