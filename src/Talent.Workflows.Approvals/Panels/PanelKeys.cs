using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>
/// The keys that ballots are sealed with, one for each round of a panel, as files outside the database: whoever has the database,
/// its log or its backups can't read a vote. A key is on the disk before any row names it, and destroyed when the round is
/// counted: from then on nobody can open the envelopes again.
/// </summary>
public sealed class PanelKeys(IOptions<ApprovalOptions> options, NpgsqlDataSource database, BusinessClock clock)
{
    private string Folder => options.Value.PanelKeyDir is { Length: > 0 } given ? given : Path.Combine(options.Value.DataDir, "panel-keys");

    /// <summary>The seal of a panel's round, with a key made for it when it has none yet. Two that make one agree on the first.</summary>
    /// <exception cref="WorkflowException"><c>unavailable</c>: this node hasn't the key.</exception>
    internal async Task<PanelSeal> EnsureAsync(Guid panel, short round, CancellationToken cancellationToken)
    {
        if (await IdAsync(panel, round, cancellationToken) is null)
        {
            var mine = Make();
            await using (var command = database.CreateCommand("insert into approvals.panel_keys (panel_id, round, id, made_at) values ($1, $2, $3, $4) on conflict (panel_id, round) do nothing"))
            {
                command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = panel });
                command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = round });
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = mine });
                command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.Machine.GetUtcNow() });
                if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
                    Erase(mine);
            }
        }
        return await FindAsync(panel, round, cancellationToken) ?? throw new WorkflowException(ErrorCodes.Unavailable,
            $"The key of panel {panel}, round {round}, isn't in this node's folder of panel keys ({Path.GetFullPath(Folder)}). Give all nodes the same Talent__PanelKeyDir.", "本节点暂无本次评审的密钥，请稍后再试。");
    }

    /// <summary>The seal of a panel's round; null: it has no key any more, or this node hasn't it.</summary>
    internal async Task<PanelSeal?> FindAsync(Guid panel, short round, CancellationToken cancellationToken)
    {
        try
        {
            return await IdAsync(panel, round, cancellationToken) is { } id && await File.ReadAllBytesAsync(PathOf(id), cancellationToken) is var key && IdOf(key) == id ? new PanelSeal(key, panel, round) : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Whether a round has a key that isn't destroyed, and this node hasn't it.</summary>
    internal async Task<bool> IsLostAsync(Guid panel, short round, CancellationToken cancellationToken) =>
        await IdAsync(panel, round, cancellationToken) is not null && await FindAsync(panel, round, cancellationToken) is null;

    /// <summary>Destroys the keys of a panel that aren't needed any more: of rounds that were counted, of a panel that is over. Doing it again is harmless.</summary>
    internal async Task DestroyAsync(Guid panel, CancellationToken cancellationToken)
    {
        var ids = await database.QueryAsync("""
            select k.id from approvals.panel_keys k join approvals.panels p on p.id = k.panel_id
            where k.panel_id = $1 and (k.destroyed_at is not null or p.status > 2 or k.round < p.round)
            """, r => r.GetString(0), cancellationToken, panel);
        foreach (var id in ids)
        {
            // Also one that was destroyed before: what a node couldn't find then may be there again.
            Erase(id);
            await database.QueryAsync("update approvals.panel_keys set destroyed_at = $2 where id = $1 and destroyed_at is null returning id", r => r.GetString(0), cancellationToken, id, clock.Machine.GetUtcNow());
        }
    }

    /// <summary>
    /// Erases the keys in this node's folder that the database knows as destroyed: a folder that was away, or a backup of it, has come back.
    /// Keys that it doesn't know stay, they may be another database's.
    /// </summary>
    /// <returns>How many there were.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var erased = 0;
        if (Directory.Exists(Folder))
            foreach (var names in Directory.EnumerateFiles(Folder, "*.key").Select(f => Path.GetFileNameWithoutExtension(f)!).Chunk(1000))
                foreach (var id in await database.QueryAsync("select id from approvals.panel_keys where id = any($1) and destroyed_at is not null", r => r.GetString(0), cancellationToken, (object)names))
                {
                    Erase(id);
                    erased++;
                }
        return erased;
    }

    private async Task<string?> IdAsync(Guid panel, short round, CancellationToken cancellationToken) =>
        await database.SingleAsync("select id from approvals.panel_keys where panel_id = $1 and round = $2 and destroyed_at is null", r => r.GetString(0), cancellationToken, panel, round);

    /// <summary>A new key, whole and on the disk; the name says which it is.</summary>
    private string Make()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        var id = IdOf(key);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(Folder);
        else
            Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(PathOf(id), create))
        {
            stream.Write(key);
            stream.Flush(flushToDisk: true);
        }
        FlushFolder();
        CryptographicOperations.ZeroMemory(key);
        return id;
    }

    /// <summary>Overwrites a key where it lies, then takes its name away.</summary>
    private void Erase(string id)
    {
        try
        {
            using (var stream = new FileStream(PathOf(id), FileMode.Open, FileAccess.Write))
            {
                stream.Write(new byte[32]);
                stream.Flush(flushToDisk: true);
            }
            File.Delete(PathOf(id));
            FlushFolder();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // It was destroyed before.
        }
    }

    private string PathOf(string id) => Path.Combine(Folder, $"{id}.key");

    private static string IdOf(byte[] key) => Convert.ToHexStringLower(SHA256.HashData([.. "talent-panel-key-id"u8, .. key]).AsSpan(0, 16));

    private void FlushFolder() => FolderFlush.Flush(Folder, "panel keys");
}
