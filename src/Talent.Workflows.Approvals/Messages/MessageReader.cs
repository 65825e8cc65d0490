using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Reviews;

namespace Talent.Workflows.Approvals.Messages;

/// <summary>A message about a case: to whom, over what, and what became of it. Never its text.</summary>
/// <param name="State">sent, failed (will be tried again), waiting (its channel isn't set up, or rests), dead, no_address, no_recipient (nobody holds the role).</param>
public sealed record MessageView(Guid Id, string Event, Named Recipient, string Channel, string State, DateTimeOffset At, string? Error);

/// <summary>Reads what was sent about a case, oldest first.</summary>
public sealed class MessageReader(NpgsqlDataSource database)
{
    /// <summary>All of them.</summary>
    public Task<IReadOnlyList<MessageView>> ListAsync(Guid caseId, CancellationToken cancellationToken) => ReadAsync(caseId, true, null, cancellationToken);

    /// <summary>Without those that tell who sits on a panel, except the viewer's own.</summary>
    public Task<IReadOnlyList<MessageView>> ListAsync(Guid caseId, string? viewer, CancellationToken cancellationToken) => ReadAsync(caseId, false, viewer, cancellationToken);

    private async Task<IReadOnlyList<MessageView>> ReadAsync(Guid caseId, bool seats, string? viewer, CancellationToken cancellationToken) =>
        await database.QueryAsync($"""
            select m.id, m.event, m.recipient, u.name, m.channel, m.state, m.at, m.error
            from approvals.messages m left join approvals.users u on u.id = m.recipient
            where m.case_id = $1 and ($2 or m.recipient = $3::text or not (m.event like 'panel.%' or exists (
                select from approvals.tasks b where b.case_id = $1 and b.id between approvals.first_task($1) and approvals.last_task($1) and b.kind in ({TaskKinds.Seats}) and b.assignee = m.recipient)))
            order by m.at, m.id, m.recipient, m.channel limit 2000
            """, r => new MessageView(r.GetGuid(0), r.GetString(1), new Named(r.GetString(2), r.Text(3)), r.GetString(4), r.GetString(5), r.GetFieldValue<DateTimeOffset>(6), r.Text(7)),
            cancellationToken, caseId, seats, viewer);
}
