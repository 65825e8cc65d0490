using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>The lists of an inbox.</summary>
public static class TaskScopes
{
    /// <summary>待办: assigned to the user, or claimed by them.</summary>
    public const string Mine = "mine";

    /// <summary>待签收: could be claimed, soonest due first.</summary>
    public const string Candidates = "candidates";

    /// <summary>委托: others' tasks, which the user may decide in their place.</summary>
    public const string Delegated = "delegated";

    /// <summary>即将到期: mine or to be claimed, and due by the end of the next working day.</summary>
    public const string NearLimit = "near-limit";

    /// <summary>已超期</summary>
    public const string Overdue = "overdue";

    /// <summary>已办: decided by the user, latest first.</summary>
    public const string Done = "done";

    /// <summary>抄送: shown to the user, latest first.</summary>
    public const string Copied = "copied";

    public static readonly IReadOnlyList<string> All = [Mine, Candidates, Delegated, NearLimit, Overdue, Done, Copied];
}

/// <summary>How many tasks the lists of an inbox hold at this moment.</summary>
/// <param name="Candidates">Counting stops at <see cref="TaskReader.MostWaiting"/> in each office, as it does for <paramref name="NearLimit"/> and <paramref name="Overdue"/>.</param>
/// <param name="Delegated">Counting stops at <see cref="TaskReader.MostCounted"/> in each office.</param>
/// <param name="Done">At most <see cref="TaskReader.MostCounted"/>: nobody counts years of work.</param>
/// <param name="Copied">Not read yet.</param>
public sealed record TaskSummary(int Mine, int Candidates, int Delegated, int NearLimit, int Overdue, int Done, int Copied);

/// <summary>A page of an inbox with the counts of all its lists, as of one instant.</summary>
/// <param name="Counts">Absent where nobody asked for them.</param>
public sealed record TaskPage(IReadOnlyList<TaskView> Items, string? Next, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TaskSummary? Counts = null);

public sealed partial class TaskReader
{
    /// <summary>Where counting stops for what only grows.</summary>
    public const int MostCounted = 1000;

    /// <summary>Where counting stops for what waits in an office: nobody works through more, and reading each of them takes its time.</summary>
    public const int MostWaiting = 10_000;

    /// <summary>What the index of what waits in an office is ordered by, after office and role: the soonest due first, at last what has no limit.</summary>
    private const string DueKey = "coalesce(t.due_at, '9999-12-31T00:00:00Z'::timestamptz)";

    private static readonly DateTimeOffset NoLimit = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    // The ids of a page come first, as an array: a plan that doesn't know how few they are would walk through all tasks there ever were.
    // Asked office by office, so that each is one range of the index, and a page reads no more of it than the page.
    private static string Offices(bool joined, string fields, string where, string page = "") => $"""
        select w.* from approvals.user_roles r cross join lateral (select {fields} from approvals.tasks t {In(joined)}
            where t.organisation_id = r.organisation_id and t.role = r.role and {Free} {where} {page}) w where r.user_id = $1
        union all
        select w.* from (select distinct r.role from approvals.user_roles r where r.user_id = $1) r cross join lateral (select {fields} from approvals.tasks t {In(joined)}
            where t.organisation_id is null and t.role = r.role and {Free} {where} {page}) w
        """;

    private static string Counts(bool regional) => $"count(*) as tasks, count(*) filter (where {IsNear(regional)}) as near, count(*) filter (where t.due_at <= $8) as late";

    private const string IsLate = $"{DueKey} <= $8";

    private static string IsNear(bool regional) => regional ? $"{DueKey} > $8 and {DueKey} <= {NearThere}" : $"{DueKey} > $8 and {DueKey} <= $10";

    /// <summary>The end of the next working day where the case is, of places ($11) and their instants ($12); the country's ($10) elsewhere.</summary>
    private const string NearThere = """
        coalesce((select p.near from unnest($11::text[], $12::timestamptz[]) with ordinality p(prefix, near, place) where starts_with(c.region, p.prefix) order by p.place limit 1), $10)
        """;

    private const string Free = "t.status < 2 and t.assignee is null and t.claimed_by is null and not ($1 = any(t.excluded))";
    private static readonly string Held = $"t.status < 2 and coalesce(t.assignee, t.claimed_by) = $1 and {TaskRights.InOffice("$1")}";

    private static string In(bool joined) => joined ? "join approvals.cases c on c.id = t.case_id" : "";

    private static string Limits(bool limited) => limited ? $"and {InLimits}" : "";

    /// <summary>What the principals of $9 could decide and the user ($1) may decide in their place.</summary>
    private static string Delegates(string where, string page = "") => $"""
        select w.id, p.principal from jsonb_to_recordset($9) p(principal text, services text[], roles text[]) cross join lateral (
            select t.id from approvals.tasks t join approvals.cases c on c.id = t.case_id where t.status < 2 and coalesce(t.assignee, t.claimed_by) = p.principal
                {DelegatedTo} {where} {page}) w
        union all
        select w.id, p.principal from jsonb_to_recordset($9) p(principal text, services text[], roles text[])
            join approvals.user_roles r on r.user_id = p.principal cross join lateral (
            select t.id from approvals.tasks t join approvals.cases c on c.id = t.case_id where t.organisation_id = r.organisation_id and t.role = r.role
                and t.status < 2 and t.assignee is null and t.claimed_by is null {DelegatedTo} {where} {page}) w
        union all
        select w.id, p.principal from jsonb_to_recordset($9) p(principal text, services text[], roles text[])
            join (select distinct user_id, role from approvals.user_roles) r on r.user_id = p.principal cross join lateral (
            select t.id from approvals.tasks t join approvals.cases c on c.id = t.case_id where t.organisation_id is null and t.role = r.role
                and t.status < 2 and t.assignee is null and t.claimed_by is null {DelegatedTo} {where} {page}) w
        """;

    private static readonly string DelegatedTo = $"""
        and {TaskRights.Delegable} and not ($1 = any(t.excluded)) and not (p.principal = any(t.excluded))
                and (p.services is null or c.service = any(p.services)) and (p.roles is null or t.role = any(p.roles))
                and {KeyLimits.Service("$2")} and {KeyLimits.Task("p.principal", "$3", "$4")}
        """;

    /// <summary>A list of the acting user's inbox, one of <see cref="TaskScopes"/>.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: no such scope, or not one of our cursors.</exception>
    public async Task<Page<TaskView>> ListAsync(Caller caller, string scope, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var page = PageOf(caller, scope, cursor, limit);
        if (scope == TaskScopes.Delegated)
            return await DelegatedPageAsync(page, await database.PrincipalsOfAsync(page.User, page.Now, cancellationToken), cancellationToken);
        return Cut(page, await LabelledAsync(await database.QueryAsync(page.Sql, r => Read(r, scope), cancellationToken, page.Parameters), cancellationToken));
    }

    /// <summary>How many tasks each list holds, counted now: the acting user's last decision is in it.</summary>
    public async Task<TaskSummary> SummaryAsync(Caller caller, CancellationToken cancellationToken) =>
        (await ReadInboxAsync(caller, null, cancellationToken)).Counts;

    /// <summary>A list with how many tasks each list holds, in one round trip for whoever acts for nobody else.</summary>
    /// <exception cref="WorkflowException">As <see cref="ListAsync"/>.</exception>
    public async Task<TaskPage> InboxAsync(Caller caller, string scope, string? cursor, int limit, CancellationToken cancellationToken)
    {
        var (page, counts) = await ReadInboxAsync(caller, PageOf(caller, scope, cursor, limit), cancellationToken);
        return new TaskPage(page.Items, page.Next, counts);
    }

    private async Task<(Page<TaskView> Page, TaskSummary Counts)> ReadInboxAsync(Caller caller, InboxPage? page, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var limited = CredentialLimits.Of(caller) is not null;
        var now = clock.Now;
        var near = Near(now);
        var regional = near.Regional;
        var joined = limited || regional;
        var snapshot = new Snapshot(database);
        var links = snapshot.Add(Delegations.LinksSql, Delegations.Read, user, now);
        var counted = snapshot.Add($"""
            select held.tasks, waiting.tasks, held.near + waiting.near, held.late + waiting.late,
                (select count(*) from (select 1 from approvals.tasks t {In(limited)} where t.decided_by = $1 and {TaskRights.InOffice("$1")} {Limits(limited)} limit {MostCounted}) d),
                (select count(*) from approvals.copies k join approvals.tasks t on t.id = k.task_id {In(limited)} where k.user_id = $1 and k.read_at is null {Limits(limited)})
            from (select {Counts(regional)} from approvals.tasks t {In(joined)} where {Held} {Limits(limited)}) held,
                (select coalesce(sum(w.tasks), 0)::bigint as tasks, coalesce(sum(w.near), 0)::bigint as near, coalesce(sum(w.late), 0)::bigint as late from (
                    {Waiting(limited, regional, "(select r.organisation_id, r.role from approvals.user_roles r where r.user_id = $1)", "t.organisation_id = r.organisation_id and t.role = r.role")}
                    union all
                    {Waiting(limited, regional, "(select distinct r.role from approvals.user_roles r where r.user_id = $1)", "t.organisation_id is null and t.role = r.role")}) w) waiting
            """, r => new TaskSummary((int)r.GetInt64(0), (int)r.GetInt64(1), 0, (int)r.GetInt64(2), (int)r.GetInt64(3), (int)r.GetInt64(4), (int)r.GetInt64(5)),
            [.. Parameters(caller, user, null, null, 0, now, "[]"), .. near.Parameters]);
        var rows = page is null or { Scope: TaskScopes.Delegated } ? [] : snapshot.Add(page.Sql, r => Read(r, page.Scope), page.Parameters);
        await snapshot.ReadAsync(cancellationToken);
        var counts = counted[0];
        var principals = DelegationRules.PrincipalsOf(user, links, now);
        if (principals.Count > 0)
            counts = counts with { Delegated = await CountDelegatedAsync(caller, user, now, principals, cancellationToken) };
        return (page is null ? new Page<TaskView>([], null) : page.Scope == TaskScopes.Delegated ? await DelegatedPageAsync(page, principals, cancellationToken) : Cut(page, await LabelledAsync(rows, cancellationToken)), counts);
    }

    /// <summary>Counts of each office, in the order of its index, so that nothing is read twice and no more than the most that is counted.</summary>
    private static string Waiting(bool limited, bool regional, string offices, string inOffice)
    {
        return $"""
            select least({MostWaiting}, late.n + near.n + later.n) as tasks, near.n as near, late.n as late from {offices} r
                {Counted("late", IsLate, $"{MostWaiting}")} {Counted("near", IsNear(regional), $"{MostWaiting}")}
                {Counted("later", $"{DueKey} > $8 and {DueKey} > {(regional ? NearThere : "$10")}", $"greatest(0, {MostWaiting} - late.n - near.n)")}
            """;

        string Counted(string name, string which, string most) =>
            $"cross join lateral (select count(*) as n from (select from approvals.tasks t {In(limited || regional)} where {inOffice} and {Free} and {which} {Limits(limited)} limit {most}) x) {name}";
    }

    private async Task<int> CountDelegatedAsync(Caller caller, string user, DateTimeOffset now, IReadOnlyList<Principal> principals, CancellationToken cancellationToken) =>
        (int)(await database.QueryAsync($"select count(distinct d.id) from ({Delegates("", $"limit {MostCounted}")}) d", r => r.GetInt64(0), cancellationToken, Parameters(caller, user, null, null, 0, now, Json(principals))))[0];

    private InboxPage PageOf(Caller caller, string scope, string? cursor, int limit)
    {
        var user = caller.RequireUser();
        limit = Math.Clamp(limit, 1, 200);
        var limited = CredentialLimits.Of(caller) is not null;
        var now = clock.Now;
        var near = Near(now);
        var joined = limited || near.Regional;
        var (sql, ordered) = scope switch
        {
            TaskScopes.Mine => ($"select {Columns} from approvals.tasks t {Joins} where {Held} and {InLimits} and ($5::uuid is null or t.id > $5) order by t.id limit $7", By.Id),
            TaskScopes.Candidates => ($"""
                select {Columns} from approvals.tasks t {Joins} where t.id = any(array(
                    select w.id from ({Offices(limited, $"t.id, {DueKey} as due", $"and ($6::timestamptz is null or ({DueKey}, t.id) > ($6, $5)) {Limits(limited)}", $"order by {DueKey}, t.id limit $7")}) w
                    order by w.due, w.id limit $7)) order by {DueKey}, t.id limit $7
                """, By.Due),
            TaskScopes.NearLimit or TaskScopes.Overdue => ($"""
                select {Columns} from approvals.tasks t {Joins} where t.id = any(array(
                    select w.id from (
                        {Offices(joined, $"t.id, {DueKey} as due", $"and {Due(scope, near.Regional)} {Limits(limited)}", $"order by {DueKey}, t.id limit $7")}
                        union all
                        select t.id, t.due_at from approvals.tasks t {In(joined)} where {Held} and {Due(scope, near.Regional)} {Limits(limited)}) w order by w.due, w.id limit $7)) order by {DueKey}, t.id limit $7
                """, By.Due),
            TaskScopes.Delegated => ($"""
                select {Columns}, w.principal from (
                    select distinct on (d.id) d.id, d.principal from ({Delegates("and ($5::uuid is null or t.id > $5)", "order by t.id limit $7")}) d order by d.id, d.principal) w
                join approvals.tasks t on t.id = w.id {Joins} order by t.id limit $7
                """, By.Id),
            TaskScopes.Done => ($"""
                select {Columns} from approvals.tasks t {Joins} where t.decided_by = $1 and {TaskRights.InOffice("$1")} and {InLimits} and ($6::timestamptz is null or (t.decided_at, t.id) < ($6, $5))
                order by t.decided_at desc, t.id desc limit $7
                """, By.Decided),
            TaskScopes.Copied => ($"""
                select {Columns}, k.by_user, k.note, k.at, k.read_at from approvals.copies k join approvals.tasks t on t.id = k.task_id {Joins}
                where k.user_id = $1 and {InLimits} and ($6::timestamptz is null or (k.at, t.id) < ($6, $5)) order by k.at desc, t.id desc limit $7
                """, By.Copied),
            _ => throw new WorkflowException(ErrorCodes.InvalidRequest, $"There is no scope '{scope}'. Use one of {string.Join(", ", TaskScopes.All)}.", $"范围只能是 {string.Join("、", TaskScopes.All)}。"),
        };
        var (after, afterAt) = Position(cursors.Read($"tasks|{scope}", cursor));
        return new InboxPage(user, scope, sql, ordered, limit, now, [.. Parameters(caller, user, after, afterAt, limit + 1, now, "[]"), .. near.Parameters]);
    }

    private async Task<Page<TaskView>> DelegatedPageAsync(InboxPage page, IReadOnlyList<Principal> principals, CancellationToken cancellationToken)
    {
        if (principals.Count == 0)
            return new Page<TaskView>([], null);
        object?[] parameters = [.. page.Parameters];
        parameters[PrincipalsParameter] = Rows(Json(principals));
        return Cut(page, await LabelledAsync(await database.QueryAsync(page.Sql, r => Read(r, page.Scope), cancellationToken, parameters), cancellationToken));
    }

    /// <summary>One row more was read than the page holds, to see whether there is a next one.</summary>
    private Page<TaskView> Cut(InboxPage page, IReadOnlyList<TaskView> rows)
    {
        if (rows.Count <= page.Limit)
            return new Page<TaskView>(rows, null);
        var last = rows[page.Limit - 1];
        DateTimeOffset? at = page.Ordered switch { By.Due => last.DueAt ?? NoLimit, By.Decided => last.DecidedAt, By.Copied => last.Copy!.At, _ => null };
        return new Page<TaskView>([.. rows.Take(page.Limit)], cursors.Write($"tasks|{page.Scope}", at is { } instant ? string.Create(CultureInfo.InvariantCulture, $"{instant.UtcTicks}_{last.Id}") : last.Id.ToString()));
    }

    private sealed record InboxPage(string User, string Scope, string Sql, By Ordered, int Limit, DateTimeOffset Now, object?[] Parameters);

    /// <summary>The open tasks of a case that the user may decide in somebody's place.</summary>
    internal async Task<IReadOnlyList<Actionable>> DelegatedAsync(Caller caller, Guid caseId, CancellationToken cancellationToken) =>
        await DelegatedAsync(database, caller, caseId, clock.Now, cancellationToken);

    internal static async Task<IReadOnlyList<Actionable>> DelegatedAsync(NpgsqlDataSource database, Caller caller, Guid caseId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var snapshot = new Snapshot(database);
        var delegated = new DelegatedTasks(snapshot, caller, caseId, now);
        if (caller.User is not null)
            await snapshot.ReadAsync(cancellationToken);
        return delegated.Tasks;
    }

    private enum By { Id, Due, Decided, Copied }

    private static string Due(string scope, bool regional) => $"{(scope == TaskScopes.Overdue ? IsLate : IsNear(regional))} and ($6::timestamptz is null or ({DueKey}, t.id) > ($6, $5))";

    /// <summary>The end of the next working day, in the country and in the places whose calendar has another.</summary>
    private NearLimits Near(DateTimeOffset now)
    {
        (string Prefix, DateTimeOffset At)[] places = [.. content.Calendar.Places.Select(p => (p.Prefix, ChinaTime.EndOf(p.Calendar.AddWorkdays(ChinaTime.DateOf(now), 1)).ToUniversalTime()))];
        return new NearLimits(places[0].At, places.All(p => p.At == places[0].At) ? [] : places[1..]);
    }

    /// <param name="Places">Which one counts is the first that fits; none: all have the country's, and no case is read for its region.</param>
    private sealed record NearLimits(DateTimeOffset Country, (string Prefix, DateTimeOffset At)[] Places)
    {
        public bool Regional => Places.Length > 0;

        public object?[] Parameters => [Country, Places.Select(p => p.Prefix).ToArray(), Places.Select(p => p.At).ToArray()];
    }

    /// <summary>Where <see cref="Parameters"/> has $9.</summary>
    private const int PrincipalsParameter = 8;

    private static string Json(IEnumerable<Principal> principals) =>
        JsonSerializer.Serialize(principals.Select(p => new { principal = p.User, services = p.Scope.Services, roles = p.Scope.Roles }));

    private static NpgsqlParameter Rows(string json) => new() { NpgsqlDbType = NpgsqlDbType.Jsonb, Value = json };

    private static object?[] Parameters(Caller caller, string user, Guid? after, DateTimeOffset? afterAt, int rows, DateTimeOffset now, string principals) =>
    [
        user, caller.Services.OrNull(), caller.Organisations.OrNull(), caller.Roles.OrNull(), after.OrNull(), afterAt is { } at ? at : new Sql.Null(NpgsqlDbType.TimestampTz), rows, now,
        Rows(principals),
    ];

    private static (Guid? Id, DateTimeOffset? At) Position(string? position) => position?.Split('_') switch
    {
        null => (null, null),
        [var ticks, var id] => (Guid.Parse(id), new DateTimeOffset(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero)),
        var id => (Guid.Parse(id[0]), null),
    };
}
