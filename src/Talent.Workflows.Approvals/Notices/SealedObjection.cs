using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>Who objected, how to reach them, and what they say: one sealed JSON object in the objection's row.</summary>
internal sealed record SealedObjection(string? Name, string? Phone, string? Email, string Statement)
{
    public static readonly SealedTable Table = new("objections", "id", null, ["sealed"]);

    /// <summary>The files that came with objections.</summary>
    public static readonly SealedTable Files = new("objection_files", "id", null, ["content"]);

    /// <summary>Of the objection <c>o</c>, for <see cref="Read"/>.</summary>
    public const string Columns = "o.id, o.name, o.phone, o.email, o.statement, o.sealed, o.key_id";

    public byte[] Seal(KeyRing ring, Guid id) => ring.Seal(JsonSerializer.SerializeToUtf8Bytes(this), Table.At("sealed", id));

    /// <summary>Reads <see cref="Columns"/>, which stand first.</summary>
    public static Row Read(NpgsqlDataReader r) => new(r.GetGuid(0), r.IsDBNull(4) ? null : new SealedObjection(r.Text(1), r.Text(2), r.Text(3), r.GetString(4)),
        r.IsDBNull(5) ? null : r.GetFieldValue<byte[]>(5), r.IsDBNull(6) ? 0 : r.GetInt32(6));

    /// <summary>As the row holds it.</summary>
    /// <param name="Clear">Null: it is sealed.</param>
    /// <param name="KeyId">The data key that it takes; 0: none.</param>
    public sealed record Row(Guid Id, SealedObjection? Clear, byte[]? Sealed, int KeyId)
    {
        /// <exception cref="SealedValueException">The row was changed outside the product.</exception>
        public SealedObjection Open(KeyRing ring) =>
            Clear ?? JsonSerializer.Deserialize<SealedObjection>(ring.OpenBytes(Sealed ?? [], Table.At("sealed", Id)))!;
    }
}

/// <summary>Objections that are in clear.</summary>
internal sealed class ClearObjections() : ClearTable("objections", "key_id is null")
{
    internal override async Task<List<NpgsqlBatchCommand>> NextAsync(NpgsqlConnection connection, KeyRing ring, int most, CancellationToken cancellationToken)
    {
        var rows = await connection.QueryAsync($"select {SealedObjection.Columns} from approvals.objections o where {Clear} order by id limit $1 for update skip locked", SealedObjection.Read, cancellationToken, most);
        return rows.ConvertAll(row => Command("update approvals.objections set name = null, phone = null, email = null, statement = null, sealed = $2, key_id = $3 where id = $1",
            row.Id, row.Open(ring).Seal(ring, row.Id), ring.Current));
    }
}

/// <summary>Files of objections that are in clear.</summary>
internal sealed class ClearObjectionFiles() : ClearTable("objection_files", "key_id is null")
{
    // Of up to 2 MiB each.
    private const int MostAtOnce = 10;

    internal override async Task<List<NpgsqlBatchCommand>> NextAsync(NpgsqlConnection connection, KeyRing ring, int most, CancellationToken cancellationToken)
    {
        var rows = await connection.QueryAsync($"select id, content from approvals.objection_files where {Clear} order by id limit $1 for update skip locked",
            r => (Id: r.GetGuid(0), Content: r.GetFieldValue<byte[]>(1)), cancellationToken, Math.Min(most, MostAtOnce));
        return rows.ConvertAll(row => Command("update approvals.objection_files set content = $2, key_id = $3 where id = $1",
            row.Id, ring.Seal(row.Content, SealedObjection.Files.At("content", row.Id)), ring.Current));
    }
}
