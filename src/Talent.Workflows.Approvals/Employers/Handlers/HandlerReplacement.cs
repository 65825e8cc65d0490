using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Employers.Handlers;

/// <summary>更换业务经办人 in one transaction of its own: all of it is there when that commits, and none of it otherwise.</summary>
internal sealed class HandlerReplacement(NpgsqlConnection connection, CommandRecords records, Caller caller, string employer, WrittenContacts? contacts, DateTimeOffset now)
{
    /// <summary>Tasks that one replacement takes along.</summary>
    private const int MostTasks = 5000;

    private readonly string by = caller.RequireUser();

    public async Task<HandlerReplaced> CarryOutAsync(string? from, string? user, HandlerAccount? account, string? reason, CancellationToken cancellationToken)
    {
        // One after the other: the second sees what the first did, and is told.
        await ExecuteAsync("select pg_advisory_xact_lock(hashtextextended('approvals.handlers/' || $1, 0))", cancellationToken, employer);
        var handlers = await connection.QueryAsync($"select r.user_id from approvals.user_roles r where r.role = '{HandlerRights.Role}' and r.organisation_id = $1 order by r.user_id", r => r.GetString(0), cancellationToken, employer);
        await RequireRightAsync(from, handlers, reason, cancellationToken);
        if (from is null && handlers.Count > 0)
            throw Conflict("has_handler", $"'{employer}' has a handler: say in 'replaces' whose place is taken.", "单位已有业务经办人，请指明更换哪一位（replaces）。", handlers);
        if (from is not null && !handlers.Contains(from))
            throw Replaced(from, handlers);
        var to = account is null ? await KnownAsync(user!, handlers, cancellationToken) : await MakeAsync(account, cancellationToken);

        var id = Guid.CreateVersion7(now);
        await ExecuteAsync("insert into approvals.handler_replacements (id, employer_id, from_user, to_user, reason, at, by_credential, by_user) values ($1, $2, $3, $4, $5, $6, $7, $8)",
            cancellationToken, id, employer, from, to, reason, now, caller.Credential, by);
        await ExecuteAsync($"delete from approvals.user_roles where user_id = $1 and role = '{HandlerRights.Role}' and organisation_id = $2", cancellationToken, from, employer);
        await ExecuteAsync($"insert into approvals.user_roles (user_id, role, organisation_id) values ($1, '{HandlerRights.Role}', $2)", cancellationToken, to, employer);
        if (from is not null)
            await NoteAsync("user", from, "changed", ["roles"], cancellationToken);
        await NoteAsync("user", to, account is null ? "changed" : "added", account is null ? ["roles"] : ["name", "organisation", "phone", "email", "roles"], cancellationToken);
        await NoteAsync("organisation", employer, "changed", ["handler"], cancellationToken);
        var tasks = from is null ? 0 : await HandOverAsync(id, from, cancellationToken);
        var messages = from is null ? 0 : await PassMessagesAsync(from, to, cancellationToken);
        await records.LeaveAsync(connection, HandlerNews.WorkKind, [.. ((string?[])[from, to]).OfType<string>().Select(who => HandlerNews.Message(id, who))], cancellationToken);
        return new HandlerReplaced(id, employer, from, to, now, tasks, messages);
    }

    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>; <c>conflict</c>: the caller was a handler until somebody took their place; <c>invalid_request</c>: an officer gives no reason.</exception>
    private async Task RequireRightAsync(string? from, List<string> handlers, string? reason, CancellationToken cancellationToken)
    {
        var rights = await connection.QueryAsync($"""
            select {HandlerRights.Handles("$1", "$4", "$2", "$3")}, {HandlerRights.Oversees("$1", "$4", "$2", "$3")},
                exists (select from approvals.handler_replacements r where r.employer_id = $4 and r.from_user = $1)
            from approvals.organisations o where o.id = $4 and o.kind = 'employer' and o.active
            """, r => (Handles: r.GetBoolean(0), Oversees: r.GetBoolean(1), Was: r.GetBoolean(2)), cancellationToken, by, caller.Organisations.OrNull(), caller.Roles.OrNull(), employer);
        switch (rights)
        {
            case []:
                throw new WorkflowException(ErrorCodes.NotFound, $"There is no active employer '{employer}'. Check the id.", "没有该单位，或已停用。");
            case [(true, _, _)]:
                return;
            case [(_, true, _)]:
                if (reason is null)
                    throw new WorkflowException(ErrorCodes.InvalidRequest, "An officer who puts somebody in the place of a handler says why, in 'reason'.", "归口单位或市局更换单位业务经办人，须说明原因。");
                return;
            // Two at once: who was replaced a moment ago is told of that.
            case [(_, _, true)] when from == by && !handlers.Contains(by):
                throw Replaced(by, handlers);
            default:
                throw new WorkflowException(ErrorCodes.Forbidden, $"'{by}' may not name the handlers of '{employer}': one of them does, or an officer of its unit or the bureau, with a key for that.",
                    "只有本单位现任业务经办人，或归口单位、市局的工作人员可以更换业务经办人。");
        }
    }

    /// <summary>An account that is there and fits.</summary>
    private async Task<string> KnownAsync(string user, List<string> handlers, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync("""
            select u.organisation_id, exists (select from approvals.handovers h where h.user_id = u.id) from approvals.users u where u.id = $1 and u.active for share of u
            """, r => (Organisation: r.Text(0), Left: r.GetBoolean(1)), cancellationToken, user);
        return found switch
        {
            [] => throw new WorkflowException(ErrorCodes.UnknownUser, $"The user '{user}' is unknown or inactive.", "新的业务经办人不存在或已停用。"),
            _ when handlers.Contains(user) => throw Conflict("handles", $"'{user}' is a handler of '{employer}' already.", "该用户已是本单位业务经办人。", handlers),
            [(var organisation, _)] when organisation != employer => throw Conflict("elsewhere", $"'{user}' isn't an account of '{employer}'.", "该用户不是本单位的账号。", handlers),
            [(_, true)] => throw Conflict("left", $"'{user}' has handed over their work.", "该用户已办理离职转办。", handlers),
            _ => user,
        };
    }

    private async Task<string> MakeAsync(HandlerAccount account, CancellationToken cancellationToken) =>
        (await connection.QueryAsync("insert into approvals.users (id, name, organisation_id, phone, email, phone_sealed, email_sealed, key_id) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing returning id", r => r.GetString(0), cancellationToken,
            [account.Id, account.Name, employer, .. contacts!.Values])) is [var made] ? made
        : throw Conflict("taken", $"There is an account '{account.Id}' already: name it as 'userId', or choose another id.", "该账号已存在，请改用已有账号或更换账号名。", null);

    /// <summary>What the one before had in hand as a handler, and what waits for their turn: each goes over in a step of its case. What is owed to a case by whoever handles it is only let go.</summary>
    private async Task<int> HandOverAsync(Guid id, string from, CancellationToken cancellationToken)
    {
        await ExecuteAsync($"""
            update approvals.tasks set claimed_by = null, claimed_at = null, status = 0
            where status = 1 and claimed_by = $1 and role = '{HandlerRights.Role}' and organisation_id = $2 and kind in ({TaskKinds.Personal})
            """, cancellationToken, from, employer);
        var tasks = await connection.QueryAsync($"""
            select t.id, t.case_id from approvals.tasks t
            where t.status < 2 and coalesce(t.assignee, t.claimed_by) = $1 and t.role = '{HandlerRights.Role}' and t.organisation_id = $2 and t.kind not in ({TaskKinds.Personal}) order by t.id limit {MostTasks}
            """, r => (Id: r.GetGuid(0), Case: r.GetGuid(1)), cancellationToken, from, employer);
        // Stages of several that name them for a turn that hasn't come: the stage's other tasks say that it is the handlers'. Whether a turn still waits is the case's own state.
        var turns = await connection.QueryAsync($"""
            select distinct s.case_id, t.stage from approvals.waiting_seats s
            join approvals.tasks t on t.case_id = s.case_id and t.id between approvals.first_task(s.case_id) and approvals.last_task(s.case_id)
            where s.user_id = $1 and t.kind = '{TaskKinds.Review}' and t.role = '{HandlerRights.Role}' and t.organisation_id = $2
                and exists (select from approvals.cases c where c.id = s.case_id and c.ended_at is null)
            order by s.case_id, t.stage limit {MostTasks}
            """, r => (Case: r.GetGuid(0), Stage: r.GetString(1)), cancellationToken, from, employer);
        await records.LeaveAsync(connection, HandlerTasks.WorkKind,
            [.. tasks.Select(t => HandlerTasks.Message(id, t.Id, t.Case)), .. turns.Select(t => HandlerTasks.Message(id, t.Stage, t.Case))], cancellationToken);
        return tasks.Count;
    }

    /// <summary>What they haven't read of the cases that the employer filed. What has to do with another office of theirs there, or with a case of their own, stays.</summary>
    private async Task<int> PassMessagesAsync(string from, string to, CancellationToken cancellationToken) => (await connection.QueryAsync("""
        update approvals.inbox i set user_id = $2 from approvals.cases c
        where i.user_id = $1 and i.read_at is null and c.id = i.case_id and c.employer_id = $3 and c.filed_by is distinct from c.applicant_id and c.applicant_id is distinct from $1
            and not exists (select from approvals.user_roles r where r.user_id = $1 and r.organisation_id = $3 and r.role like 'employer.%')
        returning 1
        """, r => r.GetInt32(0), cancellationToken, from, to, employer)).Count;

    private Task<List<int>> NoteAsync(string subject, string id, string change, string[] fields, CancellationToken cancellationToken) => ExecuteAsync(
        "insert into approvals.directory_changes (at, credential, user_id, subject, subject_id, change, fields) values ($1, $2, $3, $4, $5, $6, $7)", cancellationToken, now, caller.Credential, by, subject, id, change, fields);

    private Task<List<int>> ExecuteAsync(string sql, CancellationToken cancellationToken, params object?[] parameters) => connection.QueryAsync(sql, _ => 0, cancellationToken, parameters);

    private static WorkflowException Replaced(string from, List<string> handlers) => Conflict("replaced", $"'{from}' isn't a handler of this employer any more. Read who is.", "该经办人已被更换，请刷新后查看现任业务经办人。", handlers);

    private static WorkflowException Conflict(string reason, string message, string zh, List<string>? handlers) => new(ErrorCodes.Conflict, message, zh)
    { Facts = handlers is null ? new Dictionary<string, object?> { ["reason"] = reason } : new Dictionary<string, object?> { ["reason"] = reason, ["handlers"] = handlers } };
}
