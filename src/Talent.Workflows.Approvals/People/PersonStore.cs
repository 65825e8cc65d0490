using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.People;

/// <summary>The rows of approvals.people and approvals.person_steps. Who may read or write them is decided by those who ask.</summary>
public sealed class PersonStore(NpgsqlDataSource database, BusinessClock clock)
{
    internal static readonly SealedTable Table = new("people", "id", null, ["resident_id", "phone", "email"]);

    private const string Columns = """
        p.id, p.user_id, p.version, p.name, p.key_id, p.resident_id, p.phone, p.email, p.verified_at, p.submitted_at, p.created_at, p.changed_at
        """;

    private const string StepColumns = "s.step, s.key_id, s.data::text, s.sealed, s.saved_at";

    /// <summary>A person whom the caller may see, with their steps and whether it is the caller's own; null: there is none, or not for them.</summary>
    /// <param name="office">Which of the user's roles count, as <see cref="PersonReach"/> has them.</param>
    internal async Task<FoundPerson?> FindAsync(Caller caller, Guid id, string office, CancellationToken cancellationToken)
    {
        var snapshot = new Snapshot(database);
        var found = snapshot.Add($"""
            {PersonReach.With(office)}
            select {Columns}, {PersonReach.Own} is true, {PersonReach.Sees} is true from approvals.people p where p.id = $4
            """, r => (Row: Row(r), Own: r.GetBoolean(12), Sees: r.GetBoolean(13)), caller.User, caller.Organisations.OrNull(), caller.Roles.OrNull(), id);
        var steps = snapshot.Add($"select {StepColumns} from approvals.person_steps s where s.person_id = $1", Step, id);
        await snapshot.ReadAsync(cancellationToken);
        return found is [var (row, own, sees)] && (own || sees) ? new FoundPerson(row, steps, own) : null;
    }

    /// <summary>The person of an account, whoever asks; null: there is none.</summary>
    internal async Task<FoundPerson?> FindOfAsync(string user, CancellationToken cancellationToken)
    {
        var snapshot = new Snapshot(database);
        var found = snapshot.Add($"select {Columns} from approvals.people p where p.user_id = $1", Row, user);
        var steps = snapshot.Add($"select {StepColumns} from approvals.person_steps s join approvals.people p on p.id = s.person_id where p.user_id = $1", Step, user);
        await snapshot.ReadAsync(cancellationToken);
        return found is [var row] ? new FoundPerson(row, steps, true) : null;
    }

    /// <summary>People whom the caller may see and who fit, by their ids downwards.</summary>
    /// <param name="fits">A condition on <c>p</c> over the parameters from $6 on.</param>
    internal async Task<List<PersonRow>> SearchAsync(Caller caller, string fits, object?[] values, Guid? before, int limit, CancellationToken cancellationToken) =>
        await database.QueryAsync($"""
            {PersonReach.With(PersonReach.AnyOffice)}
            select {Columns} from approvals.people p
            where {fits} and ($4::uuid is null or p.id < $4) and ({PersonReach.Sees} or {PersonReach.Own})
            order by p.id desc limit $5
            """, Row, cancellationToken, [caller.User, caller.Organisations.OrNull(), caller.Roles.OrNull(), before.OrNull(), limit, .. values]);

    /// <returns>False: the id or the account has a person already.</returns>
    internal async Task<bool> InsertAsync(Guid id, string user, string credential, PersonIdentity identity, KeyRing ring, CancellationToken cancellationToken) =>
        (await database.QueryAsync("""
            insert into approvals.people (id, user_id, name, name_folded, name_grams, key_id, resident_id, phone, email, resident_id_index, phone_index, email_index, created_at, created_by, changed_at)
            values ($1, $13, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14, $12) on conflict do nothing returning 1
            """, r => r.GetInt32(0), cancellationToken, [.. Values(id, identity, ring), user, credential])).Count == 1;

    /// <returns>The new version; null: it isn't of that version any more.</returns>
    internal async Task<long?> UpdateAsync(Guid id, long version, PersonIdentity identity, KeyRing ring, CancellationToken cancellationToken)
    {
        var versions = await database.QueryAsync("""
            update approvals.people set version = version + 1, submitted_at = null, name = $2, name_folded = $3, name_grams = $4, key_id = $5,
                resident_id = $6, phone = $7, email = $8, resident_id_index = $9, phone_index = $10, email_index = $11, changed_at = $12
            where id = $1 and version = $13 returning version
            """, r => r.GetInt64(0), cancellationToken, [.. Values(id, identity, ring), version]);
        return versions is [var now] ? now : null;
    }

    /// <returns>The new version; null: it isn't of that version any more.</returns>
    internal async Task<long?> SaveAsync(Guid id, long version, string step, SealedStep data, int keyId, string credential, CancellationToken cancellationToken)
    {
        var versions = await database.QueryAsync("""
            with person as (
                update approvals.people set version = version + 1, submitted_at = null, changed_at = $7 where id = $1 and version = $2 returning id, version)
            insert into approvals.person_steps (person_id, step, version, key_id, data, sealed, saved_at, saved_by)
            select id, $3, version, $4, $5::jsonb, $6, $7, $8 from person
            on conflict (person_id, step) do update set version = excluded.version, key_id = excluded.key_id, data = excluded.data, sealed = excluded.sealed, saved_at = excluded.saved_at, saved_by = excluded.saved_by
            returning version
            """, r => r.GetInt64(0), cancellationToken, id, version, step, keyId, data.Data, Bytes(data.Sealed), clock.Now, credential);
        return versions is [var now] ? now : null;
    }

    /// <returns>The new version; null: it isn't of that version any more.</returns>
    internal async Task<long?> SubmitAsync(Guid id, long version, CancellationToken cancellationToken)
    {
        var versions = await database.QueryAsync("update approvals.people set version = version + 1, submitted_at = $3 where id = $1 and version = $2 returning version",
            r => r.GetInt64(0), cancellationToken, id, version, clock.Now);
        return versions is [var now] ? now : null;
    }

    /// <summary>Whether an identity number is bound to another account (R-ACC-2).</summary>
    internal async Task<bool> IsBoundAsync(byte[] residentIdIndex, string exceptUser, CancellationToken cancellationToken) =>
        (await database.QueryAsync("select 1 from approvals.people where resident_id_index = $1 and verified_at is not null and user_id <> $2", r => r.GetInt32(0), cancellationToken, residentIdIndex, exceptUser)).Count > 0;

    /// <summary>Binds a person's identity number to their account, once it was verified that name and number belong together (R-ACC-2). Only as long as the person is as verified.</summary>
    /// <param name="version">Of the person whose name and number were verified.</param>
    public async Task<Binding> BindAsync(Guid id, long version, CancellationToken cancellationToken)
    {
        try
        {
            return (await database.QueryAsync("""
                update approvals.people set version = version + 1, verified_at = $3, changed_at = $3 where id = $1 and version = $2 and resident_id is not null returning 1
                """, r => r.GetInt32(0), cancellationToken, id, version, clock.Now)).Count == 1 ? Binding.Bound : Binding.Changed;
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "people_verified" })
        {
            return Binding.BoundToAnother;
        }
    }

    /// <summary>Takes an identity number from the account that it is bound to, for a rebinding or an appeal (换绑、人工申诉): it isn't verified there any more.</summary>
    /// <returns>False: it wasn't bound.</returns>
    public async Task<bool> UnbindAsync(Guid id, CancellationToken cancellationToken) =>
        (await database.QueryAsync("update approvals.people set version = version + 1, verified_at = null, changed_at = $2 where id = $1 and verified_at is not null returning 1",
            r => r.GetInt32(0), cancellationToken, id, clock.Now)).Count == 1;

    private object?[] Values(Guid id, PersonIdentity identity, KeyRing ring)
    {
        var folded = NameGrams.Fold(identity.Name);
        return
        [
            id, identity.Name, folded, NameGrams.Of(folded), ring.Current,
            Bytes(identity.ResidentId is { } number ? ring.Seal(number.Value, Table.At("resident_id", id)) : null),
            Bytes(identity.Phone is { } phone ? ring.Seal(phone.Value, Table.At("phone", id)) : null),
            Bytes(identity.Email is { } email ? ring.Seal(email.Value, Table.At("email", id)) : null),
            Bytes(identity.ResidentId is { } n ? ring.Index(n) : null), Bytes(identity.Phone is { } p ? ring.Index(p) : null), Bytes(identity.Email is { } e ? ring.Index(e) : null),
            clock.Now,
        ];
    }

    private static object Bytes(byte[]? value) => value ?? (object)new Sql.Null(NpgsqlDbType.Bytea);

    private static PersonRow Row(NpgsqlDataReader r) => new()
    {
        Id = r.GetGuid(0),
        UserId = r.GetString(1),
        Version = r.GetInt64(2),
        Name = r.GetString(3),
        KeyId = r.GetInt32(4),
        ResidentId = Value(r, 5),
        Phone = Value(r, 6),
        Email = Value(r, 7),
        VerifiedAt = r.Instant(8),
        SubmittedAt = r.Instant(9),
        CreatedAt = r.GetFieldValue<DateTimeOffset>(10),
        ChangedAt = r.GetFieldValue<DateTimeOffset>(11),
    };

    private static StepRow Step(NpgsqlDataReader r) => new(r.GetString(0), r.GetInt32(1), new SealedStep(r.GetString(2), Value(r, 3)), r.GetFieldValue<DateTimeOffset>(4));

    private static byte[]? Value(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetFieldValue<byte[]>(column);
}

/// <summary>What became of a verified identity number.</summary>
public enum Binding
{
    /// <summary>It is bound to the person's account.</summary>
    Bound,

    /// <summary>It is bound to another account: rebind or appeal (换绑、人工申诉).</summary>
    BoundToAnother,

    /// <summary>The person was changed meanwhile, or has no number: verify again.</summary>
    Changed,
}

/// <summary>Who somebody is, in full.</summary>
internal sealed record PersonIdentity(string Name, ResidentId? ResidentId, PhoneNumber? Phone, EmailAddress? Email);

/// <summary>A row of approvals.people.</summary>
internal sealed record PersonRow
{
    public required Guid Id { get; init; }
    public required string UserId { get; init; }
    public required long Version { get; init; }
    public required string Name { get; init; }
    public required int KeyId { get; init; }
    public byte[]? ResidentId { get; init; }
    public byte[]? Phone { get; init; }
    public byte[]? Email { get; init; }
    public DateTimeOffset? VerifiedAt { get; init; }
    public DateTimeOffset? SubmittedAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ChangedAt { get; init; }

    /// <exception cref="SealedValueException">The row was changed outside the product.</exception>
    public string? OpenResidentId(KeyRing ring) => Open(ring, ResidentId, "resident_id");

    /// <inheritdoc cref="OpenResidentId"/>
    public string? OpenPhone(KeyRing ring) => Open(ring, Phone, "phone");

    /// <inheritdoc cref="OpenResidentId"/>
    public string? OpenEmail(KeyRing ring) => Open(ring, Email, "email");

    private string? Open(KeyRing ring, byte[]? value, string column) => value is null ? null : ring.Open(value, PersonStore.Table.At(column, Id));
}

/// <summary>A row of approvals.person_steps.</summary>
internal sealed record StepRow(string Step, int KeyId, SealedStep Data, DateTimeOffset SavedAt);

/// <param name="Own">It is the caller's own.</param>
internal sealed record FoundPerson(PersonRow Row, IReadOnlyList<StepRow> Steps, bool Own)
{
    /// <summary>The highest data key that it takes to open it.</summary>
    public int KeyId => Steps.Select(s => s.KeyId).Append(Row.KeyId).Max();
}
