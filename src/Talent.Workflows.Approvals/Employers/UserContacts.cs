using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Approvals.Employers;

/// <summary>How to reach a user of the directory. Personal data: for what delivers messages.</summary>
internal sealed record UserContacts(string User, string? ClearPhone, string? ClearEmail, byte[]? Phone, byte[]? Email, int? KeyId)
{
    public static readonly SealedTable Table = new("users", null, "id", ["phone_sealed", "email_sealed"]);

    /// <summary>Of the user <c>u</c>.</summary>
    public const string Columns = "u.id, u.phone, u.email, u.phone_sealed, u.email_sealed, u.key_id";

    /// <param name="from">Where the columns begin.</param>
    public static UserContacts Read(NpgsqlDataReader r, int from = 0) => new(r.GetString(from), r.Text(from + 1), r.Text(from + 2),
        r.IsDBNull(from + 3) ? null : r.GetFieldValue<byte[]>(from + 3), r.IsDBNull(from + 4) ? null : r.GetFieldValue<byte[]>(from + 4), r.IsDBNull(from + 5) ? null : r.GetInt32(from + 5));

    /// <summary>What stands in clear is newer than what is sealed.</summary>
    /// <exception cref="SealedValueException">The row was changed outside the product.</exception>
    public (string? Phone, string? Email) Open(KeyRing ring) =>
        (ClearPhone ?? Open(ring, Phone, "phone_sealed"), ClearEmail ?? Open(ring, Email, "email_sealed"));

    /// <summary>As its column may hold it.</summary>
    /// <param name="column">One of <see cref="Table"/>.</param>
    public static byte[]? Seal(KeyRing ring, string user, string column, string? value) => value is null ? null : ring.Seal(value, Table.At(column, Guid.Empty, user));

    private string? Open(KeyRing ring, byte[]? value, string column) => value is null ? null : ring.Open(value, Table.At(column, Guid.Empty, User));
}

/// <summary>Users whose phone or e-mail stands in clear.</summary>
internal sealed class ClearUsers() : ClearTable("users", "phone is not null or email is not null")
{
    internal override async Task<List<NpgsqlBatchCommand>> NextAsync(NpgsqlConnection connection, KeyRing ring, int most, CancellationToken cancellationToken)
    {
        var rows = await connection.QueryAsync($"select {UserContacts.Columns} from approvals.users u where {Clear} order by id limit $1 for update skip locked", r => UserContacts.Read(r), cancellationToken, most);
        return rows.ConvertAll(row =>
        {
            var (phone, email) = row.Open(ring);
            return Command("update approvals.users set phone = null, email = null, phone_sealed = $2, email_sealed = $3, key_id = $4 where id = $1",
                row.User, Bytes(UserContacts.Seal(ring, row.User, "phone_sealed", phone)), Bytes(UserContacts.Seal(ring, row.User, "email_sealed", email)), ring.Current);
        });
    }
}
