using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Tests.PersonalData;

/// <summary>A migrated database with a table of sealed rows, and nodes that each have the keys in their own memory.</summary>
internal sealed class Vault : IAsyncDisposable
{
    public const string Key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    public static readonly SealedTable Secrets = new("secrets", "id", null, ["secret", "other"]);

    private readonly TestDatabase db;

    private Vault(TestDatabase db) => this.db = db;

    public NpgsqlDataSource Database => db.DataSource;
    public ManualTime Time { get; } = new(new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero));

    public static async Task<Vault> OpenAsync()
    {
        var vault = new Vault(await TestDatabase.CreateAsync(typeof(Migrator).Assembly, typeof(MasterKey).Assembly));
        await vault.Execute("create table approvals.secrets (id uuid primary key, key_id integer not null, secret bytea, other bytea)");
        return vault;
    }

    public static MasterKey Master(string? key = Key, string environment = "Production", string? file = null) =>
        new(Options.Create(new ApprovalOptions { MasterKey = key, MasterKeyFile = file }), new Host(environment));

    public DataKeys Node(MasterKey? master = null) => new(Database, master ?? Master(), new BusinessClock(Time));

    public Reencryption Reencryption(DataKeys node) => new(Database, node, [Secrets]);

    public async Task Execute(string sql, params object[] values)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> Scalar<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Writes a row as a feature does: all its values under one key.</summary>
    public async Task Write(DataKeys node, Guid id, string secret)
    {
        var ring = await node.RingAsync(0, default);
        await Execute("insert into approvals.secrets values ($1, $2, $3, $4) on conflict (id) do update set key_id = excluded.key_id, secret = excluded.secret, other = excluded.other",
            id, ring.Current, ring.Seal(secret, Secrets.At("secret", id)), secret.Length % 2 == 0 ? DBNull.Value : ring.Seal(secret + "!", Secrets.At("other", id)));
    }

    /// <summary>Reads a row as a feature does.</summary>
    public async Task<(string Secret, string? Other)> Read(DataKeys node, Guid id)
    {
        await using var command = Database.CreateCommand("select key_id, secret, other from approvals.secrets where id = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        var ring = await node.RingAsync(reader.GetInt32(0), default);
        return (ring.Open(reader.GetFieldValue<byte[]>(1), Secrets.At("secret", id)), reader.IsDBNull(2) ? null : ring.Open(reader.GetFieldValue<byte[]>(2), Secrets.At("other", id)));
    }

    public ValueTask DisposeAsync() => db.DisposeAsync();

    private sealed class Host(string environment) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = environment;
        public string ApplicationName { get; set; } = "tests";
        public string ContentRootPath { get; set; } = "";
        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
