using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Employers.Associations;

/// <summary>员工列表: who works for an employer, who asks to, who left. For its handlers; numbers always masked (R-EMP-4, R-AUD-2).</summary>
public sealed class EmployeeReader(NpgsqlDataSource database, AssociationCodes handlers, PersonReader people, Cursors cursors)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;
    private const int LongestFragment = 50;

    private const string Waits = "c.service = 'association' and c.submitted_at is not null and c.ended_at is null";

    private const string Columns = "a.id, a.user_id, u.name, a.department, a.position, a.contract_from, a.contract_to, a.began_at, a.ended_at, a.left_on, a.end_reason, null::uuid, a.version";

    /// <exception cref="WorkflowException"><c>forbidden</c>: the caller isn't a handler there; <c>invalid_request</c>.</exception>
    public async Task<EmployeePage> SearchAsync(Caller caller, string employer, EmployeeSearch search, CancellationToken cancellationToken)
    {
        await handlers.RequireHandlerAsync(caller, employer, cancellationToken);
        var state = search.State ?? EmployeeStates.Active;
        if (state is not (EmployeeStates.Pending or EmployeeStates.Active or EmployeeStates.Left))
            throw Invalid("state", "须为 pending、active 或 left", "pending, active or left");
        if (state == EmployeeStates.Pending && (search.Department ?? search.Position) is not null)
            throw Invalid("state", "待确认的申请尚无部门和职位，不能以此查询", "who isn't confirmed has neither department nor position");
        var limit = search.Limit is null ? DefaultLimit : search.Limit is >= 1 and <= MaxLimit ? search.Limit.Value : throw Invalid("limit", $"须为 1 至 {MaxLimit}", $"1 to {MaxLimit}");
        var (name, department, position) = (Fragment("name", search.Name), Fragment("department", search.Department), Fragment("position", search.Position));
        DateTimeOffset? from = search.From is { Year: > 1900 } first ? ChinaTime.At(first, TimeOnly.MinValue).ToUniversalTime() : null;
        DateTimeOffset? to = search.To is { Year: < 9999 } last ? ChinaTime.At(last.AddDays(1), TimeOnly.MinValue).ToUniversalTime() : null;
        var list = $"employees|{employer}|{state}|{name}|{department}|{position}|{search.From:O}|{search.To:O}";
        var (beforeAt, beforeId) = Position(cursors.Read(list, search.Cursor));
        var at = state switch { EmployeeStates.Pending => "c.submitted_at", EmployeeStates.Active => "a.began_at", _ => "a.ended_at" };
        var id = state == EmployeeStates.Pending ? "c.id" : "a.id";
        // By name, the accounts of the organisation are read at once; else the newest rows, with the account of each.
        var named = state == EmployeeStates.Active && name is not null;
        var rows = await database.QueryAsync($"""
            {(named ? "with named as materialized (select w.id, w.name from approvals.users w where w.organisation_id = $1 and strpos(lower(w.name), $2) > 0)" : "")}
            {(state == EmployeeStates.Pending
                ? $"""
                    select c.id, c.applicant_id, u.name, null::text, null::text, null::date, null::date, c.submitted_at, null::timestamptz, null::date, null::text,
                        (select t.id from approvals.tasks t where t.case_id = c.id and t.id between approvals.first_task(c.id) and approvals.last_task(c.id) and t.status < 2 order by t.opened_at limit 1), 0::bigint
                    from approvals.cases c join approvals.users u on u.id = c.applicant_id where c.employer_id = $1 and {Waits}
                    """
                : $"select {Columns} from approvals.associations a join {(named ? "named" : "approvals.users")} u on u.id = a.user_id where a.employer_id = $1 and a.ended_at is {(state == EmployeeStates.Active ? "" : "not ")}null")}
                and ($2::text is null or strpos(lower(u.name), $2) > 0)
                {(state == EmployeeStates.Pending ? "and ($3::text is null and $4::text is null)" : "and ($3::text is null or strpos(lower(a.department), $3) > 0) and ($4::text is null or strpos(lower(a.position), $4) > 0)")}
                and ($5::timestamptz is null or {at} >= $5) and ($6::timestamptz is null or {at} < $6) and ($7::timestamptz is null or ({at}, {id}) < ($7, $8))
            order by {at} desc, {id} desc limit $9
            """, Row, cancellationToken, employer, name, department, position, OrNull(from), OrNull(to), OrNull(beforeAt), beforeId.OrNull(), limit);
        var counts = (await database.QueryAsync($"""
            select (select count(*) from approvals.cases c where c.employer_id = $1 and {Waits}), (select count(*) from approvals.associations a where a.employer_id = $1 and a.ended_at is null)
            """, r => new EmployeeCounts(r.GetInt64(0), r.GetInt64(1)), cancellationToken, employer))[0];
        var next = rows.Count == limit ? string.Create(CultureInfo.InvariantCulture, $"{(state == EmployeeStates.Left ? rows[^1].EndedAt!.Value : rows[^1].Since).UtcTicks} {rows[^1].Id}") : null;
        return new EmployeePage(await ShowAsync(rows, state, cancellationToken), cursors.Write(list, next), counts);
    }

    /// <summary>One employee of an employer, with their profile while they work there.</summary>
    /// <exception cref="WorkflowException"><c>forbidden</c>, <c>not_found</c>.</exception>
    public async Task<EmployeeView> ReadAsync(Caller caller, string employer, Guid id, CancellationToken cancellationToken)
    {
        await handlers.RequireHandlerAsync(caller, employer, cancellationToken);
        var found = await database.QueryAsync($"select {Columns} from approvals.associations a join approvals.users u on u.id = a.user_id where a.id = $1 and a.employer_id = $2", Row, cancellationToken, id, employer);
        if (found is not [var row])
            throw NotFound(id);
        var active = row.EndedAt is null;
        var summary = (await ShowAsync(found, active ? EmployeeStates.Active : EmployeeStates.Left, cancellationToken))[0];
        var profile = active && await people.FindOfAsync(row.UserId, cancellationToken) is { } person ? await people.ReadAsync(caller, person, cancellationToken) : null;
        return new EmployeeView(summary, row.Version, profile, !active ? [] :
        [
            new("update", "更新职位和劳动合同", "PUT", $"/api/v1/employers/{employer}/employees/{id}"),
            new("dissociation", "查看能否解除关联", "GET", $"/api/v1/associations/{id}/dissociation"),
        ]);
    }

    /// <summary>Where the acting user works, and what they have asked.</summary>
    public async Task<OwnAssociationView> ReadOwnAsync(Caller caller, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        PersonReader.RequireApplicant(caller);
        var snapshot = new Snapshot(database);
        var current = snapshot.Add("""
            select a.id, o.name_zh, o.name_en, o.uscc, a.department, a.position, a.contract_from, a.contract_to, a.began_at
            from approvals.associations a join approvals.organisations o on o.id = a.employer_id where a.user_id = $1 and a.ended_at is null and ($2::text[] is null or a.employer_id = any($2))
            """, r => new OwnAssociation(r.GetGuid(0), new FoundEmployer(r.GetString(1), r.GetString(2), r.Text(3)), r.Text(4), r.Text(5), Day(r, 6), Day(r, 7), r.GetFieldValue<DateTimeOffset>(8)), user, caller.Organisations.OrNull());
        var pending = snapshot.Add($"""
            select c.id, o.name_zh, o.name_en, o.uscc, c.submitted_at from approvals.cases c join approvals.organisations o on o.id = c.employer_id
            where c.applicant_id = $1 and {Waits} and ($2::text[] is null or c.employer_id = any($2))
            """, r => new OwnRequest(r.GetGuid(0), new FoundEmployer(r.GetString(1), r.GetString(2), r.Text(3)), r.GetFieldValue<DateTimeOffset>(4)), user, caller.Organisations.OrNull());
        await snapshot.ReadAsync(cancellationToken);
        return new OwnAssociationView(current is [var works] ? works : null, pending is [var asks] ? asks : null);
    }

    internal static WorkflowException NotFound(Guid id) => new(ErrorCodes.NotFound, $"The employer has no employee {id}. Check the id.", "该单位没有此员工。");

    private async Task<IReadOnlyList<EmployeeSummary>> ShowAsync(List<EmployeeRow> rows, string state, CancellationToken cancellationToken)
    {
        var known = await people.SummariesAsync([.. rows.Select(r => r.UserId)], cancellationToken);
        return rows.ConvertAll(r => new EmployeeSummary(r.Id, r.UserId, Masking.Name(r.Name, MaskingProfile.Officer), known.GetValueOrDefault(r.UserId)?.ResidentId, known.GetValueOrDefault(r.UserId)?.Phone, state,
            r.Department, r.Position, r.ContractFrom, r.ContractTo, r.Since, r.EndedAt, r.LeftOn, r.EndReason, r.TaskId));
    }

    private static string? Fragment(string field, string? text)
    {
        var plain = TypedText.Narrow(text).ToLowerInvariant();
        return plain.Length == 0 ? null : plain.Length <= LongestFragment && !plain.Contains('\0', StringComparison.Ordinal) ? plain : throw Invalid(field, $"最多 {LongestFragment} 字", $"at most {LongestFragment} characters");
    }

    private static (DateTimeOffset? At, Guid? Id) Position(string? position) => position?.Split(' ') is [var ticks, var id]
        ? (new DateTimeOffset(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero), Guid.Parse(id)) : (null, null);

    private static object OrNull(DateTimeOffset? at) => at ?? (object)new Sql.Null(NpgsqlDbType.TimestampTz);

    private static DateOnly? Day(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetFieldValue<DateOnly>(column);

    private static EmployeeRow Row(NpgsqlDataReader r) => new(r.GetGuid(0), r.GetString(1), r.GetString(2), r.Text(3), r.Text(4), Day(r, 5), Day(r, 6), r.GetFieldValue<DateTimeOffset>(7),
        r.Instant(8), Day(r, 9), r.Text(10), r.IsDBNull(11) ? null : r.GetGuid(11), r.GetInt64(12));

    private static WorkflowException Invalid(string path, string zh, string en) => new(ErrorCodes.InvalidRequest, $"The search can't be made: {en}.", $"查询条件有误：{zh}。")
    { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ProblemError(path, "invalid_value", zh, en) } } };

    private sealed record EmployeeRow(Guid Id, string UserId, string Name, string? Department, string? Position, DateOnly? ContractFrom, DateOnly? ContractTo, DateTimeOffset Since, DateTimeOffset? EndedAt,
        DateOnly? LeftOn, string? EndReason, Guid? TaskId, long Version);
}
