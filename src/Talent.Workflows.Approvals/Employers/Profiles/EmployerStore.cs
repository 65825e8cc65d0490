using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers.Handlers;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Employers.Profiles;

/// <summary>The rows of an employer and its profile, read at one instant in one round trip.</summary>
public sealed class EmployerStore(NpgsqlDataSource database, ContactBook contacts, IOptions<MaterialOptions> options, BusinessClock clock)
{
    /// <summary>Most handlers that are shown of one employer.</summary>
    private const int MostHandlers = 50;

    /// <returns>Null: there is no such employer.</returns>
    internal async Task<FoundEmployer?> FindAsync(Caller? caller, string employer, EmployerForm form, CancellationToken cancellationToken)
    {
        var snapshot = new Snapshot(database);
        // Nobody asks when another part of the product does: then no right is looked at, and none is told.
        var found = caller is null
            ? snapshot.Add($"select {Columns}, false, false, false from {From} where o.id = $1 and o.kind = 'employer'", Read, employer)
            : snapshot.Add($"""
                {PersonReach.With(PersonReach.AnyOffice)}
                select {Columns}, ((select everybody from reach) or o.id = any((select organisations from reach)::text[])) is true,
                    {HandlerRights.Handles("$1", "$4", "$2", "$3")}, {HandlerRights.Oversees("$1", "$4", "$2", "$3")}
                from {From} where o.id = $4 and o.kind = 'employer'
                """, Read, caller.User, caller.Organisations.OrNull(), caller.Roles.OrNull(), employer);
        var steps = snapshot.Add($"select {StepRow.Columns} from approvals.employer_steps s join approvals.employer_profiles p on p.id = s.profile_id where p.employer_id = $1", StepRow.Read, employer);
        var handlers = snapshot.Add($"""
            select u.name, {UserContacts.Columns} from approvals.user_roles r join approvals.users u on u.id = r.user_id and u.active
            where r.role = '{HandlerRights.Role}' and r.organisation_id = $1 order by u.id limit {MostHandlers}
            """, r => (Name: r.GetString(0), Contacts: UserContacts.Read(r, 1)), employer);
        var items = form.Materials.Requirements.Items;
        // For each material the file that counts: a usable one before others, of that very name before those whose names hold it, the newest first.
        var materials = snapshot.Add($"""
            select f.*, w.key from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) w(key, name, kinds, bytes)
            cross join lateral (
                select {MaterialRows.Columns} from {MaterialRows.From}
                where m.deleted_at is null and m.owner_kind = '{MaterialOwner.Employer}' and m.owner_id = $5 and c.kind = any(string_to_array(w.kinds, ',')) and c.size <= w.bytes
                    and strpos(approvals.folded_name(m.name), approvals.folded_name(w.name)) > 0
                order by {MaterialRows.Usable(options.Value)} desc, c.scan <> 'found' desc, approvals.folded_name(m.name) = approvals.folded_name(w.name) desc, m.uploaded_at desc, m.id desc limit 1) f
            """, r => (Key: r.GetString(MaterialRows.Next), View: MaterialRows.Read(r, options.Value)),
            items.Select(i => i.Key).ToArray(), items.Select(i => i.Zh).ToArray(), items.Select(i => string.Join(',', i.AllowedTypes)).ToArray(), items.Select(i => i.MaxMegabytes * (1L << 20)).ToArray(), employer);
        await snapshot.ReadAsync(cancellationToken);
        var opened = await contacts.OpenAsync([.. handlers.Select(h => h.Contacts)], cancellationToken);
        var reached = handlers.Zip(opened, (handler, at) => new HandlerRow(handler.Contacts.User, handler.Name, at.Phone, at.Email)).ToList();
        return found is [var row] ? new FoundEmployer(row, steps, reached, materials.ToDictionary(m => m.Key, m => m.View, StringComparer.Ordinal)) : null;
    }

    /// <summary>Begins the profile of an employer that has none. Two who do it at once make one.</summary>
    internal Task BeginAsync(string employer, string credential, CancellationToken cancellationToken) => database.QueryAsync("""
        insert into approvals.employer_profiles (id, employer_id, created_at, created_by, changed_at) values ($1, $2, $3, $4, $3) on conflict (employer_id) do nothing returning 1
        """, r => r.GetInt32(0), cancellationToken, Guid.CreateVersion7(clock.Now), employer, clock.Now, credential);

    private const string Columns = "o.id, o.name_zh, o.name_en, o.region, o.uscc, o.active, p.id, coalesce(p.version, 0), p.submitted_at, p.created_at, p.changed_at, s.unit_id";
    private const string From = "approvals.organisations o left join approvals.employer_profiles p on p.employer_id = o.id left join approvals.responsibilities s on s.employer_id = o.id";

    private static EmployerRow Read(NpgsqlDataReader r) => new()
    {
        Id = r.GetString(0),
        NameZh = r.GetString(1),
        NameEn = r.GetString(2),
        Region = r.GetString(3),
        Uscc = r.Text(4),
        Active = r.GetBoolean(5),
        ProfileId = r.IsDBNull(6) ? null : r.GetGuid(6),
        Version = r.GetInt64(7),
        SubmittedAt = r.Instant(8),
        CreatedAt = r.Instant(9),
        ChangedAt = r.Instant(10),
        UnitId = r.Text(11),
        Sees = r.GetBoolean(12),
        Handles = r.GetBoolean(13),
        Oversees = r.GetBoolean(14),
    };
}

/// <summary>An employer with the row of its profile.</summary>
internal sealed record EmployerRow
{
    public required string Id { get; init; }
    public required string NameZh { get; init; }
    public required string NameEn { get; init; }
    public required string Region { get; init; }
    public string? Uscc { get; init; }
    public required bool Active { get; init; }

    /// <summary>Null: nothing was saved yet.</summary>
    public Guid? ProfileId { get; init; }
    public required long Version { get; init; }
    public DateTimeOffset? SubmittedAt { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>归口单位; null: none yet.</summary>
    public string? UnitId { get; init; }

    /// <summary>The caller may read it.</summary>
    public required bool Sees { get; init; }

    /// <summary>The caller is its handler.</summary>
    public required bool Handles { get; init; }

    /// <summary>The caller is an officer of its unit or above.</summary>
    public required bool Oversees { get; init; }
}

/// <summary>A handler, in full.</summary>
internal sealed record HandlerRow(string UserId, string Name, string? Phone, string? Email);

internal sealed record FoundEmployer(EmployerRow Row, IReadOnlyList<StepRow> Steps, IReadOnlyList<HandlerRow> Handlers, IReadOnlyDictionary<string, MaterialView> Materials)
{
    public KeptProfile Profile => new(Row.ProfileId ?? Guid.Empty, Row.Version, Row.SubmittedAt, Steps);
}
