using Npgsql;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Messages;

/// <summary>A message about a case: to whom, over what, and what became of it. Never its text.</summary>
/// <param name="State">sent, failed (will be tried again), dead, no_address.</param>
public sealed record MessageView(Guid Id, string Event, Named Recipient, string Channel, string State, DateTimeOffset At, string? Error);

/// <summary>Reads what was sent about a case, oldest first.</summary>
public sealed class MessageReader(NpgsqlDataSource database)
{
    public async Task<IReadOnlyList<MessageView>> ListAsync(Guid caseId, CancellationToken cancellationToken) =>
        await database.QueryAsync("""
            select m.id, m.event, m.recipient, u.name, m.channel, m.state, m.at, m.error
            from approvals.messages m left join approvals.users u on u.id = m.recipient
            where m.case_id = $1 order by m.at, m.id, m.recipient, m.channel limit 2000
            """, r => new MessageView(r.GetGuid(0), r.GetString(1), new Named(r.GetString(2), r.Text(3)), r.GetString(4), r.GetString(5), r.GetFieldValue<DateTimeOffset>(6), r.Text(7)),
            cancellationToken, caseId);
}
