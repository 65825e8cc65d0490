using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Messages.Channels;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Server.Development;

/// <summary>A message that was kept instead of sent.</summary>
internal sealed record CapturedMessage(long Sequence, string Id, DateTimeOffset At, string Channel, string To, string Subject, string Text, string? TemplateCode);

/// <summary>Keeps messages in the database, so that all nodes show the same and a restart loses none. The same id is kept once.</summary>
internal sealed class CapturedMessages(NpgsqlDataSource database, BusinessClock clock)
{
    public async ValueTask KeepAsync(Message message, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            insert into development.messages (id, at, channel, recipient, subject, text, template_code) values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (id) do nothing
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = message.Id });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.Now });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = message.Channel });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = message.To });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = message.Subject });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = message.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)message.TemplateCode ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What was kept after a sequence number, oldest first; with none, the newest.</summary>
    public async Task<List<CapturedMessage>> ListAsync(long? after, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select seq, id, at, channel, recipient, subject, text, template_code from (
                select * from development.messages where seq > coalesce($1, 0)
                order by case when $1 is null then -seq else seq end limit $2) m
            order by seq
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)after ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var messages = new List<CapturedMessage>();
        while (await reader.ReadAsync(cancellationToken))
            messages.Add(new CapturedMessage(reader.GetInt64(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetString(3), reader.GetString(4),
                reader.GetString(5), reader.GetString(6), reader.IsDBNull(7) ? null : reader.GetString(7)));
        return messages;
    }
}
