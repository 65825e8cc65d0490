using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.People;

/// <summary>The rows of approvals.people and approvals.person_steps. Who may read or write them is decided by those who ask.</summary>
public sealed class PersonStore(NpgsqlDataSource database, BusinessClock clock)
{
    internal static readonly SealedTable Table = new("people", "id", null, ["resident_id", "phone", "email"]);

    private const string Columns = """
        p.id, p.user_id, p.version, p.name, p.key_id, p.resident_id, p.phone, p.email, p.verified_at, p.submitted_at, p.created_at, p.changed_at, p.identity_version
        """;

    /// <summary>1 when <see cref="Values"/> are another name or number than those of the row, else 0.</summary>
    internal const string IdentityChanges = "(case when name = $2 and resident_id_index is not distinct from $9 then 0 else 1 end)";

    /// <summary>A person whom the caller may see, with their steps and whether it is the caller's own; null: there is none, or not for them.</summary>
    /// <param name="office">Which of the user's roles count, as <see cref="PersonReach"/> has them.</param>
    internal async Task<FoundPerson?> FindAsync(Caller caller, Guid id, string office, CancellationToken cancellationToken)
    {
        var snapshot = new Snapshot(database);
        var found = snapshot.Add($"""
            {PersonReach.With(office)}
            select {Columns}, {PersonReach.Own} is true, {PersonReach.Sees} is true from approvals.people p where p.id = $4
            """, r => (Row: Row(r), Own: r.GetBoolean(13), Sees: r.GetBoolean(14)), caller.User, caller.Organisations.OrNull(), caller.Roles.OrNull(), id);
        var steps = snapshot.Add($"select {StepRow.Columns} from approvals.person_steps s where s.person_id = $1", StepRow.Read, id);
        await snapshot.ReadAsync(cancellationToken);
        return found is [var (row, own, sees)] && (own || sees) ? new FoundPerson(row, steps, own) : null;
    }

    /// <summary>The person of an account, whoever asks; null: there is none.</summary>
    internal async Task<FoundPerson?> FindOfAsync(string user, CancellationToken cancellationToken)
    {
        var snapshot = new Snapshot(database);
        var found = snapshot.Add($"select {Columns} from approvals.people p where p.user_id = $1", Row, user);
        var steps = snapshot.Add($"select {StepRow.Columns} from approvals.person_steps s join approvals.people p on p.id = s.person_id where p.user_id = $1", StepRow.Read, user);
        await snapshot.ReadAsync(cancellationToken);
        return found is [var row] ? new FoundPerson(row, steps, true) : null;
    }

    /// <summary>A person without the profile, whoever asks; null: there is none.</summary>
    internal Task<PersonRow?> RowAsync(Guid id, CancellationToken cancellationToken) =>
        database.SingleAsync($"select {Columns} from approvals.people p where p.id = $1", Row, cancellationToken, id);

    /// <summary>People whom the caller may see and who fit, by their ids downwards.</summary>
    /// <param name="fits">A condition on <c>p</c> over the parameters from $6 on.</param>
    internal async Task<List<PersonRow>> SearchAsync(Caller caller, string fits, object?[] values, Guid? before, int limit, CancellationToken cancellationToken) =>
        await database.QueryAsync($"""
            {PersonReach.With(PersonReach.AnyOffice)}
            select {Columns} from approvals.people p
            where {fits} and ($4::uuid is null or p.id < $4) and ({PersonReach.Sees} or {PersonReach.Own})
            order by p.id desc limit $5
            """, Row, cancellationToken, [caller.User, caller.Organisations.OrNull(), caller.Roles.OrNull(), before.OrNull(), limit, .. values]);

    /// <summary>The people of accounts, whoever asks, by account.</summary>
    internal async Task<Dictionary<string, PersonRow>> FindAllOfAsync(string[] users, CancellationToken cancellationToken) =>
        (await database.QueryAsync($"select {Columns} from approvals.people p where p.user_id = any($1)", Row, cancellationToken, (object)users)).ToDictionary(r => r.UserId, StringComparer.Ordinal);

    /// <param name="opens">The contacts of an account that is opened with it, an applicant without an organisation; null: the account is there.</param>
    /// <returns>False: the id or the account has a person already, or the account that is to be opened is there.</returns>
    internal async Task<bool> InsertAsync(Guid id, string user, WrittenContacts? opens, string credential, PersonIdentity identity, KeyRing ring, CancellationToken cancellationToken) =>
        (await database.QueryAsync("""
            with account as (
                insert into approvals.users (id, name, phone, email, phone_sealed, email_sealed, key_id) select $13, $2, $16, $17, $18, $19, $20 where $15 on conflict do nothing returning id),
            noted as (
                insert into approvals.directory_changes (at, credential, subject, subject_id, change, fields) select $12, $14, 'user', id, 'added', array['name', 'phone', 'email'] from account)
            insert into approvals.people (id, user_id, name, name_folded, name_grams, key_id, resident_id, phone, email, resident_id_index, phone_index, email_index, created_at, created_by, changed_at)
            select $1, $13, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14, $12 where not $15 or exists (select from account) on conflict do nothing returning 1
            """, r => r.GetInt32(0), cancellationToken, [.. Values(id, identity, ring), user, credential, opens is not null, .. (opens ?? WrittenContacts.None).Values])).Count == 1;

    /// <returns>The new version; null: it isn't of that version any more.</returns>
    internal async Task<long?> UpdateAsync(Guid id, long version, PersonIdentity identity, KeyRing ring, CancellationToken cancellationToken)
    {
        var versions = await database.QueryAsync($"""
            update approvals.people set version = version + 1, submitted_at = null, identity_version = identity_version + {IdentityChanges}, name = $2, name_folded = $3, name_grams = $4, key_id = $5,
                resident_id = $6, phone = $7, email = $8, resident_id_index = $9, phone_index = $10, email_index = $11, changed_at = $12
            where id = $1 and version = $13 returning version
            """, r => r.GetInt64(0), cancellationToken, [.. Values(id, identity, ring), version]);
        return versions is [var now] ? now : null;
    }

    /// <summary>The profiles of people, with their steps.</summary>
    internal ProfileKeeper Profiles(DataKeys keys) => new(database, keys, clock, ProfileTables.People);

    /// <summary>People with complete and submitted profiles, all in one go. An account that has a person keeps the one it has.</summary>
    internal async Task ImportAsync(IReadOnlyList<ImportedPerson> imported, string credential, KeyRing ring, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var person in imported)
        {
            Add("""
                insert into approvals.people (id, user_id, name, name_folded, name_grams, key_id, resident_id, phone, email, resident_id_index, phone_index, email_index, created_at, created_by, changed_at, submitted_at)
                select $1, $13, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14, $12, $12 from approvals.users where id = $13 on conflict do nothing
                """, [.. Values(person.Id, person.Identity, ring), person.User, credential]);
            foreach (var (step, data) in person.Steps)
                Add("""
                    insert into approvals.person_steps (person_id, step, version, key_id, data, sealed, saved_at, saved_by)
                    select id, $2, version, $3, $4::jsonb, $5, $6, $7 from approvals.people where id = $1 on conflict do nothing
                    """, person.Id, step, ring.Current, data.Data, Bytes(data.Sealed), clock.Now, credential);
        }
        await batch.ExecuteNonQueryAsync(cancellationToken);

        void Add(string sql, params object?[] values)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var value in values)
                command.Parameters.Add(Sql.Parameter(value));
            batch.BatchCommands.Add(command);
        }
    }

    /// <summary>Which of these accounts have a person.</summary>
    internal async Task<HashSet<string>> RegisteredAsync(IReadOnlyCollection<string> users, CancellationToken cancellationToken) =>
        [.. await database.QueryAsync("select user_id from approvals.people where user_id = any($1)", r => r.GetString(0), cancellationToken, (object)users.ToArray())];

    /// <summary>Whether an identity number is bound to another account (R-ACC-2).</summary>
    internal async Task<bool> IsBoundAsync(byte[] residentIdIndex, string exceptUser, CancellationToken cancellationToken) =>
        (await database.QueryAsync("select 1 from approvals.people where resident_id_index = $1 and verified_at is not null and user_id <> $2", r => r.GetInt32(0), cancellationToken, residentIdIndex, exceptUser)).Count > 0;

    /// <summary>The parameters $1 to $12 of a statement that writes who somebody is.</summary>
    internal object?[] Values(Guid id, PersonIdentity identity, KeyRing ring)
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
        IdentityVersion = r.GetInt64(12),
    };

    private static byte[]? Value(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetFieldValue<byte[]>(column);
}

/// <summary>Somebody who is registered by an import, with their whole profile.</summary>
internal sealed record ImportedPerson(Guid Id, string User, PersonIdentity Identity, IReadOnlyList<(string Step, SealedStep Data)> Steps);
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

    /// <summary>Goes up when name or number change, and when the account loses its verification.</summary>
    public required long IdentityVersion { get; init; }

    /// <exception cref="SealedValueException">The row was changed outside the product.</exception>
    public string? OpenResidentId(KeyRing ring) => Open(ring, ResidentId, "resident_id");

    /// <inheritdoc cref="OpenResidentId"/>
    public string? OpenPhone(KeyRing ring) => Open(ring, Phone, "phone");

    /// <inheritdoc cref="OpenResidentId"/>
    public string? OpenEmail(KeyRing ring) => Open(ring, Email, "email");

    private string? Open(KeyRing ring, byte[]? value, string column) => value is null ? null : ring.Open(value, PersonStore.Table.At(column, Id));
}

/// <param name="Own">It is the caller's own.</param>
internal sealed record FoundPerson(PersonRow Row, IReadOnlyList<StepRow> Steps, bool Own)
{
    public KeptProfile Profile => new(Row.Id, Row.Version, Row.SubmittedAt, Steps);

    /// <summary>The highest data key that it takes to open it.</summary>
    public int KeyId => Steps.Select(s => s.KeyId).Append(Row.KeyId).Max();
}
