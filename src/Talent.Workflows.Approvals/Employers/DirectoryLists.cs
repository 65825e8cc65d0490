using System.Globalization;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Employers;

/// <summary>Shows the directory to those who administer it (R-ADM-3). Organisations are no secret: every key reads them.</summary>
public sealed class DirectoryLists(NpgsqlDataSource database, ContactBook contacts, Cursors cursors)
{
    internal const string Organisations = """
        select o.id, o.kind, o.name_zh, o.name_en, o.parent_id, o.region, o.uscc, o.active, r.unit_id,
            coalesce((select max(d.id) from approvals.directory_changes d where d.subject = 'organisation' and d.subject_id = o.id), 0)
        from approvals.organisations o left join approvals.responsibilities r on r.employer_id = o.id
        """;

    internal const string Users = $"""
        select u.id, u.name, u.organisation_id, array(select r.role || '@' || r.organisation_id from approvals.user_roles r where r.user_id = u.id order by r.organisation_id <> u.organisation_id, r.organisation_id, r.role),
            u.fields, u.expert_from, u.expert_to, u.active, coalesce((select max(d.id) from approvals.directory_changes d where d.subject = 'user' and d.subject_id = u.id), 0), {UserContacts.Columns}
        from approvals.users u
        """;

    /// <summary>Organisations by their ids.</summary>
    /// <param name="name">A part of the Chinese or English name.</param>
    /// <param name="uscc">统一社会信用代码, whole.</param>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: no such code (with <c>errors</c>), or not one of our cursors.</exception>
    public async Task<Page<OrganisationView>> OrganisationsAsync(string? kind, string? region, string? unit, string? name, string? uscc, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var code = uscc is null ? null : UnifiedSocialCreditCode.TryParse(uscc, out var parsed, out var fault) ? parsed.Value
            : throw new WorkflowException(ErrorCodes.InvalidRequest, fault.En, fault.Zh) { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ProblemError("uscc", fault.Code, fault.Zh, fault.En) } } };
        var list = $"organisations|{kind}|{region}|{unit}|{name}|{code}";
        var size = Math.Clamp(limit, 1, 200);
        var rows = await database.QueryAsync($"""
            {Organisations} where o.id > $1 and ($2::text is null or o.kind = $2) and ($3::text is null or o.region = $3) and ($4::text is null or r.unit_id = $4)
                and ($5::text is null or strpos(o.name_zh, $5) > 0 or strpos(lower(o.name_en), lower($5)) > 0) and ($6::text is null or o.uscc = $6)
            order by o.id limit $7
            """, Organisation, cancellationToken, cursors.Read(list, cursor) ?? "", kind, region, unit, name, code, size + 1);
        return rows.Count <= size ? new(rows, null) : new(rows[..size], cursors.Write(list, rows[size - 1].Id));
    }

    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public async Task<OrganisationView> OrganisationAsync(string id, CancellationToken cancellationToken) =>
        await database.SingleAsync($"{Organisations} where o.id = $1", Organisation, cancellationToken, id)
        ?? throw new WorkflowException(ErrorCodes.NotFound, $"There is no organisation '{id}'. Check the id.", "单位不存在。");

    /// <summary>Users by their ids, with masked numbers.</summary>
    /// <param name="name">A part of the name.</param>
    /// <exception cref="WorkflowException"><c>forbidden</c>: not an administrator; <c>invalid_request</c>: not one of our cursors.</exception>
    public async Task<Page<UserView>> UsersAsync(Caller caller, string? organisation, string? role, string? name, bool? active, string? cursor, int limit, CancellationToken cancellationToken)
    {
        caller.RequireAdministrator();
        var list = $"users|{organisation}|{role}|{name}|{active}";
        var size = Math.Clamp(limit, 1, 200);
        var rows = await database.QueryAsync($"""
            {Users} where u.id > $1 and ($2::text is null or u.organisation_id = $2 or exists (select from approvals.user_roles r where r.user_id = u.id and r.organisation_id = $2))
                and ($3::text is null or exists (select from approvals.user_roles r where r.user_id = u.id and r.role = $3)) and ($4::text is null or strpos(u.name, $4) > 0)
                and ($5::text is null or u.active = $5::boolean)
            order by u.id limit $6
            """, Read, cancellationToken, cursors.Read(list, cursor) ?? "", organisation, role, name, active is { } only ? only ? "true" : "false" : null, size + 1);
        var views = await ViewsAsync([.. rows.Take(size)], cancellationToken);
        return new(views, rows.Count <= size ? null : cursors.Write(list, views[^1].Id));
    }

    /// <exception cref="WorkflowException"><c>forbidden</c>: not an administrator; <c>not_found</c>.</exception>
    public async Task<UserView> UserAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        caller.RequireAdministrator();
        return await ViewsAsync(await database.QueryAsync($"{Users} where u.id = $1", Read, cancellationToken, id), cancellationToken) is [var view] ? view
            : throw new WorkflowException(ErrorCodes.NotFound, $"There is no user '{id}'. Check the id.", "用户不存在。");
    }

    /// <summary>What was changed, the latest first.</summary>
    /// <exception cref="WorkflowException"><c>forbidden</c>: not an administrator; <c>invalid_request</c>: not one of our cursors.</exception>
    public async Task<Page<DirectoryChange>> ChangesAsync(Caller caller, string? subject, string? id, string? cursor, int limit, CancellationToken cancellationToken)
    {
        caller.RequireAdministrator();
        var list = $"directory-changes|{subject}|{id}";
        var size = Math.Clamp(limit, 1, 200);
        var before = cursors.Read(list, cursor) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : long.MaxValue;
        var rows = await database.QueryAsync("""
            select d.id, d.at, d.credential, d.user_id, d.subject, d.subject_id, d.change, d.fields from approvals.directory_changes d
            where d.id < $1 and ($2::text is null or d.subject = $2) and ($3::text is null or d.subject_id = $3) order by d.id desc limit $4
            """, r => new DirectoryChange(r.GetInt64(0), r.GetFieldValue<DateTimeOffset>(1), r.GetString(2), r.Text(3), r.GetString(4), r.GetString(5), r.GetString(6), r.GetFieldValue<string[]>(7)),
            cancellationToken, before, subject, id, size + 1);
        return rows.Count <= size ? new(rows, null) : new(rows[..size], cursors.Write(list, rows[size - 1].Id.ToString(CultureInfo.InvariantCulture)));
    }

    internal static OrganisationView Organisation(NpgsqlDataReader r) =>
        new(r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.Text(4), r.GetString(5), r.Text(6), r.GetBoolean(7), r.Text(8), r.GetInt64(9));

    private async Task<List<UserView>> ViewsAsync(List<FoundUser> found, CancellationToken cancellationToken)
    {
        var opened = await contacts.OpenAsync(found.ConvertAll(f => f.Contacts), cancellationToken);
        return [.. found.Zip(opened, (user, at) => user.View with
        {
            Phone = at.Phone is { } phone ? Masking.Phone(phone, MaskingProfile.Officer) : null,
            Email = at.Email is { } email ? Masking.Email(email, MaskingProfile.Officer) : null,
        })];
    }

    internal static FoundUser Read(NpgsqlDataReader r) => new(new UserView(r.GetString(0), r.GetString(1), r.Text(2),
        [.. r.GetFieldValue<string[]>(3).Select(held => held.Split('@', 2)).Select(held => new RoleView(held[0], held[1]))], null, null,
        r.GetFieldValue<string[]>(4), r.IsDBNull(5) ? null : r.GetFieldValue<DateOnly>(5), r.IsDBNull(6) ? null : r.GetFieldValue<DateOnly>(6), r.GetBoolean(7), r.GetInt64(8)), UserContacts.Read(r, 9));

    internal sealed record FoundUser(UserView View, UserContacts Contacts);
}
