using System.Globalization;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers.Directory;
using Talent.Workflows.Approvals.Employers.Handlers;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Employers;

/// <summary>
/// Takes organisations, users and roles over from a file. What the file doesn't name stays; what it names becomes as it
/// says, and every change is noted: who changed which fields of what, when (R-ADM-3).
/// </summary>
public sealed class DirectoryImport(NpgsqlDataSource database, DataKeys keys, SealingStart sealing, BusinessClock clock)
{
    /// <summary>Whoever writes the directory holds this lock, so that what they read of it first still holds.</summary>
    internal const string Lock = "select pg_advisory_xact_lock(7020211)";

    /// <returns>How many organisations and users were added or changed.</returns>
    public async Task<int> ImportAsync(OrganisationDirectory directory, Actor actor, CancellationToken cancellationToken)
    {
        var seal = await SealAsync(cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.QueryAsync(Lock, _ => 0, cancellationToken);
        var changes = await WriteAsync(connection, new DirectoryDefinition { Organisations = directory.Organisations, Users = directory.Users }, seal, actor, fromFile: true, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return changes;
    }

    /// <summary>What contacts are written with, read before there is a transaction.</summary>
    internal async Task<DirectorySeal> SealAsync(CancellationToken cancellationToken) => new(await keys.ReadAsync(cancellationToken), await sealing.HasBegunAsync(cancellationToken));

    /// <summary>The same for whoever has the lock and a transaction open, and has checked what they write.</summary>
    /// <param name="fromFile">Replacements of handlers since then count for more than what it says of handlers.</param>
    internal async Task<int> WriteAsync(NpgsqlConnection connection, DirectoryDefinition directory, DirectorySeal seal, Actor actor, bool fromFile, CancellationToken cancellationToken)
    {
        var (ring, seals) = seal;
        var changes = new List<(string Subject, string Id, string Change, string[] Fields)>();

        var responsible = directory.Organisations.SelectMany(u => u.ResponsibleFor.Select(e => (Employer: e, Unit: u.Id))).ToDictionary(p => p.Employer, p => p.Unit, StringComparer.Ordinal);
        var organisations = await Existing("""
            select o.id, o.kind, o.name_zh, o.name_en, o.parent_id, o.region, o.uscc, o.active::text, r.unit_id
            from approvals.organisations o left join approvals.responsibilities r on r.employer_id = o.id
            """);
        foreach (var o in directory.Organisations)
            Compare("organisation", o.Id, organisations, ["kind", "nameZh", "nameEn", "parent", "region", "uscc", "active", "responsibleUnit"],
                [KindOf(o.Kind), o.NameZh, o.NameEn, o.Parent, o.Region, o.Uscc, Active(o.Active, organisations.GetValueOrDefault(o.Id)?[6]), responsible.GetValueOrDefault(o.Id) ?? organisations.GetValueOrDefault(o.Id)?[7]]);

        // Whose handler somebody became, or ceased to be, by a replacement: a file that is older doesn't bring anybody back (R-EMP-3).
        var named = await Existing("""
            select distinct on (n.user_id, n.employer_id) n.user_id || '@' || n.employer_id, n.handles::text from (
                select r.from_user, r.employer_id, r.seq, false from approvals.handler_replacements r where r.from_user is not null
                union all select r.to_user, r.employer_id, r.seq, true from approvals.handler_replacements r) n(user_id, employer_id, seq, handles)
            order by n.user_id, n.employer_id, n.seq desc
            """);
        var users = await Existing("""
            select u.id, u.name, u.organisation_id, null, null, array_to_string(u.fields, ','), u.active::text,
                (select string_agg(n.role, ',' order by n.role collate "C") from approvals.user_roles r
                    cross join lateral (select case when r.organisation_id = u.organisation_id then r.role else r.role || '@' || r.organisation_id end) n(role) where r.user_id = u.id),
                u.expert_from::text, u.expert_to::text
            from approvals.users u
            """);
        foreach (var contacts in await connection.QueryAsync($"select {UserContacts.Columns} from approvals.users u", r => UserContacts.Read(r), cancellationToken))
            (users[contacts.User][2], users[contacts.User][3]) = contacts.Open(ring);
        foreach (var u in directory.Users)
            Compare("user", u.Id, users, ["name", "organisation", "phone", "email", "fields", "active", "roles", "termFrom", "termTo"],
                [u.Name, u.Organisation, u.Phone, u.Email, string.Join(',', u.Fields ?? []), Active(u.Active, users.GetValueOrDefault(u.Id)?[5]), string.Join(',', RolesOf(u).Concat(u.RolesElsewhere.Select(r => $"{r.Role}@{r.Organisation}")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)),
                    Day(u.TermFrom) ?? users.GetValueOrDefault(u.Id)?[7], Day(u.TermTo) ?? users.GetValueOrDefault(u.Id)?[8]]);

        await Run("""
            insert into approvals.organisations (id, kind, name_zh, name_en, parent_id, region, uscc, active)
            select id, kind, name_zh, name_en, parent_id, region, uscc, coalesce(active::boolean, (select k.active from approvals.organisations k where k.id = n.id), true)
            from unnest($1, $2, $3, $4, $5, $6, $7, $8) n(id, kind, name_zh, name_en, parent_id, region, uscc, active)
            on conflict (id) do update set kind = excluded.kind, name_zh = excluded.name_zh, name_en = excluded.name_en, parent_id = excluded.parent_id,
                region = excluded.region, uscc = excluded.uscc, active = excluded.active
            """, Of(directory.Organisations, o => o.Id), Of(directory.Organisations, o => KindOf(o.Kind)), Of(directory.Organisations, o => o.NameZh), Of(directory.Organisations, o => o.NameEn),
            Of(directory.Organisations, o => o.Parent), Of(directory.Organisations, o => o.Region), Of(directory.Organisations, o => o.Uscc), Of(directory.Organisations, o => Word(o.Active)));
        await Run("insert into approvals.responsibilities (employer_id, unit_id) select * from unnest($1, $2) on conflict (employer_id) do update set unit_id = excluded.unit_id",
            responsible.Keys.ToArray(), responsible.Values.ToArray());
        await Run("""
            insert into approvals.users (id, name, organisation_id, phone, email, phone_sealed, email_sealed, key_id, fields, active, expert_from, expert_to)
            select id, name, organisation, phone, email, phone_sealed, email_sealed, case when $12 then $13 end, string_to_array(fields, ','), coalesce(active::boolean, (select k.active from approvals.users k where k.id = n.id), true), term_from::date, term_to::date
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) n(id, name, organisation, phone, email, fields, active, term_from, term_to, phone_sealed, email_sealed)
            on conflict (id) do update set expert_from = coalesce(excluded.expert_from, users.expert_from), expert_to = coalesce(excluded.expert_to, users.expert_to), name = excluded.name, organisation_id = excluded.organisation_id, phone = excluded.phone, email = excluded.email, phone_sealed = excluded.phone_sealed, email_sealed = excluded.email_sealed, key_id = excluded.key_id, fields = excluded.fields, active = excluded.active
            """, Of(directory.Users, u => u.Id), Of(directory.Users, u => u.Name), Of(directory.Users, u => u.Organisation), Of(directory.Users, u => seals ? null : u.Phone), Of(directory.Users, u => seals ? null : u.Email),
            Of(directory.Users, u => string.Join(',', u.Fields ?? [])), Of(directory.Users, u => Word(u.Active)), Of(directory.Users, u => Day(u.TermFrom)), Of(directory.Users, u => Day(u.TermTo)),
            Sealed("phone_sealed", u => u.Phone), Sealed("email_sealed", u => u.Email), seals, ring.Current);

        var roles = directory.Users.SelectMany(u => RolesOf(u).Select(r => (User: u.Id, Role: r, u.Organisation)).Concat(u.RolesElsewhere.Select(r => (User: u.Id, r.Role, r.Organisation)))).Distinct().ToList();
        await Run("delete from approvals.user_roles r where r.user_id = any($1) and not exists (select from unnest($2, $3, $4) n(u, r, o) where n.u = r.user_id and n.r = r.role and n.o = r.organisation_id)",
            Of(directory.Users, u => u.Id), Of(roles, r => r.User), Of(roles, r => r.Role), Of(roles, r => r.Organisation));
        await Run("insert into approvals.user_roles (user_id, role, organisation_id) select * from unnest($1, $2, $3) on conflict do nothing",
            Of(roles, r => r.User), Of(roles, r => r.Role), Of(roles, r => r.Organisation));
        // An applicant of the file works for the organisation that it says: another association has ended with that.
        await Run("""
            update approvals.associations a set ended_at = $2, end_reason = 'directory' from approvals.users u
            where u.id = a.user_id and u.id = any($1) and a.ended_at is null and a.employer_id is distinct from u.organisation_id
            """, Of(directory.Users, u => u.Id), clock.Now);
        await Run("""
            insert into approvals.associations (id, user_id, employer_id, began_at)
            select gen_random_uuid(), r.user_id, r.organisation_id, $2 from approvals.user_roles r join approvals.users u on u.id = r.user_id and u.organisation_id = r.organisation_id
            where r.user_id = any($1) and r.role = 'applicant' and not exists (select from approvals.associations a where a.user_id = r.user_id and a.ended_at is null)
            """, Of(directory.Users, u => u.Id), clock.Now);
        // employer.reviewer steps aside for employer.superior, and so on; other relations are set by hand.
        await Run("""
            insert into approvals.role_superiors (role, superior)
            select distinct r.role, split_part(r.role, '.', 1) || '.superior' from approvals.user_roles r
            where r.role like '%.%' and r.role not like '%.superior' and exists (select from approvals.user_roles s where s.role = split_part(r.role, '.', 1) || '.superior')
            on conflict (role) do nothing
            """);
        foreach (var (subject, id, change, fields) in changes)
            await Run("insert into approvals.directory_changes (at, credential, user_id, subject, subject_id, change, fields) values ($1, $2, $3, $4, $5, $6, $7)",
                clock.Now, actor.Credential, actor.User, subject, id, change, fields);
        return changes.Count;

        byte[]?[] Sealed(string column, Func<DirectoryUser, string?> value) => [.. directory.Users.Select(u => seals ? UserContacts.Seal(ring, u.Id, column, value(u)) : null)];

        async Task Run(string sql, params object?[] parameters)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            foreach (var value in parameters)
                command.Parameters.Add(Sql.Parameter(value));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        async Task<Dictionary<string, string?[]>> Existing(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new Dictionary<string, string?[]>(StringComparer.Ordinal);
            while (await reader.ReadAsync(cancellationToken))
                rows.Add(reader.GetString(0), [.. Enumerable.Range(1, reader.FieldCount - 1).Select(i => reader.Text(i))]);
            return rows;
        }

        IEnumerable<string> RolesOf(DirectoryUser u) => (fromFile ? named.GetValueOrDefault($"{u.Id}@{u.Organisation}")?[0] : null) switch
        {
            "true" => u.Roles.Append(HandlerRights.Role),
            "false" => u.Roles.Where(r => r != HandlerRights.Role),
            _ => u.Roles,
        };

        void Compare(string subject, string id, Dictionary<string, string?[]> existing, string[] names, string?[] values)
        {
            if (!existing.TryGetValue(id, out var before))
                changes.Add((subject, id, "added", names));
            else if (names.Where((_, i) => (before[i] ?? "") != (values[i] ?? "")).ToArray() is { Length: > 0 } changed)
                changes.Add((subject, id, "changed", changed));
        }
    }

    private static string KindOf(OrganisationKind kind) => kind switch
    {
        OrganisationKind.Bureau => "bureau",
        OrganisationKind.ResponsibleUnit => "responsibleUnit",
        _ => "employer",
    };

    // What the file leaves open stays as it is, so that nobody who was deactivated comes back by accident.
    private static string Active(bool? given, string? before) => Word(given) ?? before ?? "true";

    private static string? Day(DateOnly? day) => day?.ToString("O", CultureInfo.InvariantCulture);

    private static string? Word(bool? given) => given switch { true => "true", false => "false", null => null };

    private static string?[] Of<T>(IReadOnlyList<T> rows, Func<T, string?> value) => [.. rows.Select(value)];
}

/// <param name="Seals">False as long as a node of the release before runs.</param>
internal sealed record DirectorySeal(KeyRing Ring, bool Seals);
