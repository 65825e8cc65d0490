using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Reviews.Handling;

public sealed record NewDelegation
{
    /// <summary>Whose tasks; the acting user's when it is left out. Others' by administrators only.</summary>
    public string? Principal { get; init; }
    public required string Delegate { get; init; }

    /// <summary>Left out: all.</summary>
    public IReadOnlyList<string>? Services { get; init; }

    /// <summary>Left out: all.</summary>
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>Left out: now.</summary>
    public DateTimeOffset? From { get; init; }
    public required DateTimeOffset Until { get; init; }
    public string? Reason { get; init; }
}

public sealed record DelegationView(Guid Id, string Principal, string Delegate, IReadOnlyList<string>? Services, IReadOnlyList<string>? Roles, DateTimeOffset From, DateTimeOffset Until,
    string? Reason, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? RevokedAt, string? RevokedBy);

/// <summary>委托: makes, lists and revokes delegations (R-REV-7).</summary>
public sealed class DelegationCommands(NpgsqlDataSource database, ServiceCatalogue services, DirectoryReader directory, RequestReceipts receipts, BusinessClock clock)
{
    /// <summary>Longest period of one delegation.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    /// <summary>Delegations that one principal may have at a time.</summary>
    public const int Most = 50;

    private const string View = "d.id, d.principal, d.delegate, d.services, d.roles, d.from_at, d.until_at, d.reason, d.created_at, d.created_by, d.revoked_at, d.revoked_by";

    /// <exception cref="WorkflowException"><c>invalid_request</c> (period, scope, parties), <c>unknown_user</c>, <c>forbidden</c>, <c>conflict</c>: it would close a circle, or there are too many;
    /// <c>idempotency_key_reused</c>.</exception>
    public async Task<DelegationView> CreateAsync(Caller caller, NewDelegation request, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var principal = request.Principal ?? user;
        if (principal != user && !caller.IsAdministrator)
            throw new WorkflowException(ErrorCodes.Forbidden, $"Only '{principal}' or an administrator may delegate their tasks.", "只有委托人本人或管理员可以设置委托。");
        if (await receipts.FindAsync<DelegationView>(idempotency, cancellationToken) is { } earlier)
            return earlier;
        var now = clock.Now;
        var added = new Delegation(Guid.CreateVersion7(clock.Machine.GetUtcNow()), principal, request.Delegate, request.Services, request.Roles, (request.From ?? now).ToUniversalTime(), request.Until.ToUniversalTime());
        Check(added, request.Reason, now);
        await CheckScopeAsync(caller, added, cancellationToken);
        foreach (var party in (string[])[principal, added.Delegate])
            if (await directory.FindUserAsync(party, cancellationToken) is null)
                throw new WorkflowException(ErrorCodes.UnknownUser, $"The user '{party}' is unknown or inactive.", $"用户“{party}”不存在或已停用。");
        return await receipts.OnceAsync(idempotency, connection => AddAsync(connection, caller, added, request.Reason?.Trim(), now, cancellationToken), cancellationToken);
    }

    private static async Task<DelegationView> AddAsync(NpgsqlConnection connection, Caller caller, Delegation added, string? reason, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Two that are made at the same instant would each not see the other, and close a circle together.
        await ExecuteAsync(connection, "select pg_advisory_xact_lock(hashtext('approvals.delegations'))", cancellationToken);
        if (await ScalarAsync(connection, "select user_id from approvals.handovers where user_id = any($1) limit 1", cancellationToken, (object)new[] { added.Principal, added.Delegate }) is string left)
            throw new WorkflowException(ErrorCodes.Conflict, $"'{left}' has handed over their work and delegates and takes nothing any more.", $"用户“{left}”已办理离职转办，不能再设置委托。");
        var others = await OverlappingAsync(connection, added, cancellationToken);
        if (others.Count(d => d.Principal == added.Principal) >= Most)
            throw new WorkflowException(ErrorCodes.Conflict, $"'{added.Principal}' has {Most} delegations in that period already. Revoke some of them.", $"委托人在该期间已有 {Most} 项委托，请先撤销部分委托。");
        RequireNoCircle(added, others);
        var made = await connection.QueryAsync($"""
            insert into approvals.delegations as d (id, principal, delegate, services, roles, from_at, until_at, reason, created_at, created_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            returning {View}
            """, Read, cancellationToken, added.Id, added.Principal, added.Delegate, added.Services.OrNull(), added.Roles.OrNull(), added.From, added.Until, reason, now, caller.User);
        await NoteAsync(connection, caller, added.Id, "created", now, cancellationToken);
        return made[0];
    }

    /// <summary>Ends a delegation; a second time changes nothing.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: there is none, or it isn't the user's.</exception>
    public async Task<DelegationView> RevokeAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        if (await FindAsync(id, cancellationToken) is not { } found || found.Principal != user && found.Delegate != user && !caller.IsAdministrator)
            throw new WorkflowException(ErrorCodes.NotFound, $"The acting user has no delegation {id}. Check the id.", "您没有这项委托。");
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await ScalarAsync(connection, "update approvals.delegations set revoked_at = $2, revoked_by = $3 where id = $1 and revoked_at is null returning id", cancellationToken, id, clock.Now, user) is not null)
            await NoteAsync(connection, caller, id, "revoked", clock.Now, cancellationToken);
        var revoked = await connection.QueryAsync($"select {View} from approvals.delegations d where d.id = $1", Read, cancellationToken, id);
        await transaction.CommitAsync(cancellationToken);
        return revoked[0];
    }

    /// <summary>The acting user's delegations, given and taken, latest first; an administrator's may be another's.</summary>
    public async Task<IReadOnlyList<DelegationView>> ListAsync(Caller caller, string? of, CancellationToken cancellationToken)
    {
        var user = of is not null && of != caller.User ? caller.IsAdministrator ? of : throw new WorkflowException(ErrorCodes.Forbidden,
            "Only administrators read others' delegations.", "只有管理员可以查看他人的委托。") : caller.RequireUser();
        return await database.QueryAsync($"select {View} from approvals.delegations d where $1 in (d.principal, d.delegate) order by d.created_at desc, d.id limit 200", Read, cancellationToken, user);
    }

    /// <summary>Ends all delegations of somebody who leaves, given and taken.</summary>
    internal static async Task<int> EndAllAsync(NpgsqlConnection connection, string user, string by, DateTimeOffset now, CancellationToken cancellationToken) =>
        Convert.ToInt32(await ScalarAsync(connection, """
            with ended as (update approvals.delegations set revoked_at = $2, revoked_by = $3 where $1 in (principal, delegate) and revoked_at is null and until_at > $2 returning 1) select count(*) from ended
            """, cancellationToken, user, now, by), System.Globalization.CultureInfo.InvariantCulture);

    internal static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object?[] parameters) =>
        await ScalarAsync(connection, sql, cancellationToken, parameters);

    internal static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object?[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in parameters)
            command.Parameters.Add(Sql.Parameter(value));
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    internal static Task NoteAsync(NpgsqlConnection connection, Caller caller, object subject, string change, DateTimeOffset now, CancellationToken cancellationToken, string kind = "delegation") =>
        ExecuteAsync(connection, "insert into approvals.directory_changes (at, credential, user_id, subject, subject_id, change) values ($1, $2, $3, $4, $5, $6)", cancellationToken,
            now, caller.Credential, caller.User, kind, subject.ToString(), change);

    private static void Check(Delegation added, string? reason, DateTimeOffset now)
    {
        var wrong = added.Principal == added.Delegate ? ("Nobody delegates to themselves. Name another user as 'delegate'.", "不能委托给本人。")
            : added.Until <= added.From || added.Until <= now ? ("The period has to end after it begins, and in the future. Correct 'from' and 'until'.", "委托期间不正确：结束时间须晚于开始时间和当前时间。")
            : added.Until - added.From > Longest ? ($"A delegation lasts {Longest.Days} days at most. Shorten the period.", $"委托期间最长 {Longest.Days} 天。")
            : added.Services is { Count: 0 or > 100 } || added.Roles is { Count: 0 or > 100 } || added.Services?.Contains(null!) == true || added.Roles?.Contains(null!) == true ? ("'services' and 'roles' name 1 to 100 each; leave one out to delegate all.", "services、roles 须为 1 至 100 项；不填表示全部。")
            : reason is { Length: > 500 } || reason?.Contains('\0') == true ? ("The reason takes up to 500 characters.", "委托原因最多 500 字。")
            : default;
        if (wrong.Item1 is not null)
            throw new WorkflowException(ErrorCodes.InvalidRequest, wrong.Item1, wrong.Item2);
    }

    /// <summary>A key passes on no more than it may do itself.</summary>
    private async Task CheckScopeAsync(Caller caller, Delegation added, CancellationToken cancellationToken)
    {
        foreach (var service in added.Services ?? [])
            await services.GetAsync(service, cancellationToken);
        var beyond = caller.Services is not null && (added.Services is null || !added.Services.All(caller.MayServe))
            || caller.Roles is not null && (added.Roles is null || !added.Roles.All(caller.MayActAs))
            || caller.Organisations is not null && (await database.QueryAsync("""
                select 1 from approvals.user_roles r where r.user_id = $1 and not r.organisation_id = any($2) and ($3::text[] is null or r.role = any($3)) limit 1
                """, r => r.GetInt32(0), cancellationToken, added.Principal, caller.Organisations.OrNull(), added.Roles.OrNull())).Count > 0;
        if (beyond)
            throw new WorkflowException(ErrorCodes.Forbidden, "This key is limited in services, organisations or roles, and the delegation would reach further. Name the services and roles that it may act for.",
                "此密钥的权限有限，委托范围不能超出其可办理的事项、单位和角色。");
    }

    private static void RequireNoCircle(Delegation added, IReadOnlyList<Delegation> others)
    {
        IReadOnlyList<Guid>? circle;
        try
        {
            circle = DelegationRules.Circle(added, others);
        }
        catch (InvalidOperationException)
        {
            throw new WorkflowException(ErrorCodes.Conflict, "So many delegations overlap in that period that they can't be followed. Revoke those that aren't needed.", "该期间的委托关系过于复杂，请先撤销不需要的委托。");
        }
        if (circle is not null)
            throw new WorkflowException(ErrorCodes.Conflict, $"This delegation would close a circle: '{added.Delegate}' has passed tasks of that scope and period on, and they would come back to '{added.Principal}'.",
                $"此委托会形成循环：“{added.Delegate}”在该期间和范围内已（经他人）委托给“{added.Principal}”。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "circle", ["delegations"] = circle } };
    }

    private static Task<List<Delegation>> OverlappingAsync(NpgsqlConnection connection, Delegation added, CancellationToken cancellationToken) =>
        connection.QueryAsync($"select {Delegations.Columns} from approvals.delegations d where d.revoked_at is null and d.until_at > $1 and d.from_at < $2", Delegations.Read, cancellationToken, added.From, added.Until);
    private Task<DelegationView?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.SingleAsync($"select {View} from approvals.delegations d where d.id = $1", Read, cancellationToken, id);

    private static DelegationView Read(NpgsqlDataReader r)
    {
        return new DelegationView(r.GetGuid(0), r.GetString(1), r.GetString(2), Texts(3), Texts(4), r.GetFieldValue<DateTimeOffset>(5), r.GetFieldValue<DateTimeOffset>(6),
            r.Text(7), r.GetFieldValue<DateTimeOffset>(8), r.GetString(9), r.Instant(10), r.Text(11));

        string[]? Texts(int column) => r.IsDBNull(column) ? null : r.GetFieldValue<string[]>(column);
    }
}
