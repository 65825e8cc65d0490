using Npgsql;
using System.Text.Json;

namespace Talent.Workflows.Runtime.Signals;

/// <summary>What was published, for its deliveries. The last one is kept at hand: the deliveries of one follow each other.</summary>
internal sealed class Broadcasts(NpgsqlDataSource database)
{
    private volatile Broadcast? last;

    /// <summary>Null when it is no more kept.</summary>
    public async ValueTask<Broadcast?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        if (last is { } known && known.Id == id)
            return known;
        await using var command = database.CreateCommand("select credential, signal_id, name, payload from engine.broadcasts where id = $1 and payload is not null");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        return last = new Broadcast(id, reader.GetString(0), reader.GetString(1), reader.GetString(2), JsonElement.Parse(reader.GetFieldValue<byte[]>(3)));
    }
}

/// <summary>A published event.</summary>
internal sealed record Broadcast(Guid Id, string Credential, string SignalId, string Name, JsonElement Payload);
