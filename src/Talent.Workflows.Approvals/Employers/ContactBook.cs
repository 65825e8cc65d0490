using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Approvals.Employers;

/// <summary>Phones and addresses of users: opened when they were read, and written as all nodes that run can read them.</summary>
public sealed class ContactBook(DataKeys keys, SealingStart sealing)
{
    /// <summary>Each as read by <see cref="UserContacts.Columns"/>, in the same order.</summary>
    /// <exception cref="SealedValueException">A row was changed outside the product.</exception>
    internal async Task<IReadOnlyList<(string? Phone, string? Email)>> OpenAsync(IReadOnlyList<UserContacts> contacts, CancellationToken cancellationToken)
    {
        if (contacts.Count == 0)
            return [];
        var ring = await keys.RingAsync(contacts.Max(c => c.KeyId ?? 0), cancellationToken);
        return [.. contacts.Select(c => c.Open(ring))];
    }

    /// <summary>What a user is reached by, as the columns hold it. To be called before a connection is taken.</summary>
    internal async Task<WrittenContacts> WriteAsync(string user, string? phone, string? email, CancellationToken cancellationToken)
    {
        if (!await sealing.HasBegunAsync(cancellationToken))
            return new WrittenContacts(phone, email, null, null, null);
        var ring = await keys.RingAsync(0, cancellationToken);
        return new WrittenContacts(null, null, UserContacts.Seal(ring, user, "phone_sealed", phone), UserContacts.Seal(ring, user, "email_sealed", email), ring.Current);
    }
}

/// <summary>The five columns of a user's contacts.</summary>
internal sealed record WrittenContacts(string? ClearPhone, string? ClearEmail, byte[]? Phone, byte[]? Email, int? KeyId)
{
    public static readonly WrittenContacts None = new(null, null, null, null, null);

    /// <summary>For a statement, in the order of <see cref="UserContacts.Columns"/> without the id.</summary>
    public object?[] Values => [ClearPhone, ClearEmail, Phone ?? (object)new Sql.Null(NpgsqlTypes.NpgsqlDbType.Bytea), Email ?? (object)new Sql.Null(NpgsqlTypes.NpgsqlDbType.Bytea), KeyId ?? (object)new Sql.Null(NpgsqlTypes.NpgsqlDbType.Integer)];
}
