using System.Globalization;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Messages;

/// <summary>A message in somebody's inbox.</summary>
public sealed record InboxMessage(long Id, string Event, Guid? CaseId, string Title, string Text, DateTimeOffset At, DateTimeOffset? ReadAt);

/// <summary>The in-app messages of the acting user, newest first (R-NTF-1).</summary>
public sealed class InboxReader(NpgsqlDataSource database, Cursors cursors, BusinessClock clock)
{
    /// <param name="unread">Leaves out those that were read.</param>
    /// <param name="limit">1 to 200.</param>
    public async Task<Page<InboxMessage>> ListAsync(Caller caller, bool unread, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var list = $"inbox|{user}|{unread}";
        long? before = cursors.Read(list, cursor) is { } position ? long.Parse(position, CultureInfo.InvariantCulture) : null;
        limit = Math.Clamp(limit, 1, 200);
        var rows = await database.QueryAsync("""
            select m.id, m.event, m.case_id, m.title, m.text, m.at, m.read_at from approvals.inbox m
            left join approvals.cases c on c.id = m.case_id
            where m.user_id = $1 and ($2::bigint is null or m.id < $2) and (not $3 or m.read_at is null) and ($4::text[] is null or c.service = any($4))
            order by m.id desc limit $5
            """, Read, cancellationToken, user, before.OrNull(), unread, caller.Services.OrNull(), limit + 1);
        return rows.Count > limit
            ? new Page<InboxMessage>(rows[..limit], cursors.Write(list, rows[limit - 1].Id.ToString(CultureInfo.InvariantCulture)))
            : new Page<InboxMessage>(rows, null);
    }

    /// <summary>Marks a message as read; a second time changes nothing.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: the acting user has no such message.</exception>
    public async Task<InboxMessage> MarkAsync(Caller caller, long id, CancellationToken cancellationToken) =>
        (await database.QueryAsync("""
            update approvals.inbox m set read_at = coalesce(m.read_at, $3) where m.id = $1 and m.user_id = $2
                and ($4::text[] is null or exists (select from approvals.cases c where c.id = m.case_id and c.service = any($4)))
            returning m.id, m.event, m.case_id, m.title, m.text, m.at, m.read_at
            """, Read, cancellationToken, id, caller.RequireUser(), clock.Now, caller.Services.OrNull())).FirstOrDefault()
        ?? throw new WorkflowException(ErrorCodes.NotFound, $"The acting user has no message {id}. Check the id.", "您没有这条消息。");

    private static InboxMessage Read(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetGuid(2), row.GetString(3), row.GetString(4),
        row.GetFieldValue<DateTimeOffset>(5), row.Instant(6));
}
