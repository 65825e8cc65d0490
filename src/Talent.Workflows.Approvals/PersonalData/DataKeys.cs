using System.Security.Cryptography;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.PersonalData;

/// <summary>
/// The data keys in the database, each wrapped with the master key. Nodes keep the ring they have read for a short time, and read it
/// again when a row names a key that they don't know; a node that hasn't heard of a new key yet seals with the one before, which
/// <see cref="Reencryption"/> finds afterwards. Keys are never deleted: what was sealed with one stays readable.
/// </summary>
public sealed class DataKeys(NpgsqlDataSource database, MasterKey master, BusinessClock clock)
{
    private const string Values = "values";
    private const string Indexes = "index";

    /// <summary>The row with the key of the blind indexes.</summary>
    private const int IndexId = 0;

    private const int FirstId = 1;

    /// <summary>How long a node seals with a key after another node has made the next (machine clock).</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    private volatile Held? held;

    /// <summary>The ring, with at least the keys up to <paramref name="atLeast"/>: the highest that the rows to be opened name, 0 for none.</summary>
    /// <exception cref="MasterKeyException">The master key is missing, or another one.</exception>
    public async ValueTask<KeyRing> RingAsync(int atLeast, CancellationToken cancellationToken) =>
        held is { } known && known.Ring.Current >= atLeast && clock.Machine.GetUtcNow() < known.Until ? known.Ring : await ReadAsync(cancellationToken);

    /// <summary>The ring to open values with: as it was read last, when that has the key. What is to be sealed takes <see cref="RingAsync"/>, which hears of new keys.</summary>
    /// <param name="key">The highest that the rows to be opened name, 0 for none.</param>
    /// <exception cref="MasterKeyException">The master key is missing, or another one.</exception>
    public async ValueTask<KeyRing> OpeningAsync(int key, CancellationToken cancellationToken) =>
        held is { } known && known.Ring.Current >= key ? known.Ring : await ReadAsync(cancellationToken);

    /// <summary>Reads the ring from the database, with the first keys made when it has none: the master key is right when this succeeds.</summary>
    /// <exception cref="MasterKeyException">The master key is missing, or another one.</exception>
    public async Task<KeyRing> ReadAsync(CancellationToken cancellationToken)
    {
        var until = clock.Machine.GetUtcNow() + Fresh;
        var rows = await RowsAsync(cancellationToken);
        if (rows.Count == 0)
        {
            // Two nodes that begin at once agree on the first that commits.
            await database.QueryAsync("""
                insert into approvals.data_keys (id, purpose, wrapped, master, made_at) values ($1, $2, $3, $7, $8), ($4, $5, $6, $7, $8) on conflict (id) do nothing returning id
                """, r => r.GetInt32(0), cancellationToken, IndexId, Indexes, Make(IndexId, Indexes), FirstId, Values, Make(FirstId, Values), master.Id, clock.Machine.GetUtcNow());
            rows = await RowsAsync(cancellationToken);
        }
        var keys = rows.ConvertAll(r => (r.Id, Key: master.Unwrap(r.Wrapped, r.Id, r.Purpose, r.Master)));
        var ring = new KeyRing(keys.Where(k => k.Id != IndexId).Select(k => KeyValuePair.Create(k.Id, k.Key)), keys.Single(k => k.Id == IndexId).Key);
        held = new Held(ring, until);
        return ring;
    }

    /// <summary>Makes a new data key: what is sealed from now on is sealed with it. Values under earlier keys stay readable and are sealed again by and by.</summary>
    /// <returns>The id of the new key.</returns>
    /// <exception cref="MasterKeyException">The master key is missing, or another one.</exception>
    public async Task<int> RotateAsync(CancellationToken cancellationToken)
    {
        // A key that the others can't be read with would split the ring.
        await ReadAsync(cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var turn = new NpgsqlCommand("select pg_advisory_xact_lock(hashtext('approvals.data_keys'))", connection))
            await turn.ExecuteNonQueryAsync(cancellationToken);
        await using var highest = new NpgsqlCommand("select max(id) from approvals.data_keys", connection);
        var id = (int)(await highest.ExecuteScalarAsync(cancellationToken))! + 1;
        await using var insert = new NpgsqlCommand("insert into approvals.data_keys (id, purpose, wrapped, master, made_at) values ($1, $2, $3, $4, $5)", connection);
        foreach (var value in (object[])[id, Values, Make(id, Values), master.Id, clock.Machine.GetUtcNow()])
            insert.Parameters.Add(Sql.Parameter(value));
        await insert.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await ReadAsync(cancellationToken);
        return id;
    }

    private byte[] Make(int id, string purpose)
    {
        var key = RandomNumberGenerator.GetBytes(MasterKey.Length);
        var wrapped = master.Wrap(key, id, purpose);
        CryptographicOperations.ZeroMemory(key);
        return wrapped;
    }

    private Task<List<Row>> RowsAsync(CancellationToken cancellationToken) =>
        database.QueryAsync("select id, purpose, wrapped, master from approvals.data_keys order by id",
            r => new Row(r.GetInt32(0), r.GetString(1), r.GetFieldValue<byte[]>(2), r.GetString(3)), cancellationToken);

    private sealed record Row(int Id, string Purpose, byte[] Wrapped, string Master);

    private sealed record Held(KeyRing Ring, DateTimeOffset Until);
}
