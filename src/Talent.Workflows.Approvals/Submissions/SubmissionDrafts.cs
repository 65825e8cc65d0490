using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>A list that was changed, and how it is now.</summary>
/// <param name="Version">The ETag's version.</param>
public sealed record SubmissionChanged(Guid Id, int Version);

/// <summary>A case that can't be put on a list, or not be decided there, and why.</summary>
/// <param name="Code"><c>not_waiting</c>, <c>on_a_list</c>, <c>own_case</c> or <c>other_office</c>; when a list is settled <c>not_on_list</c>, <c>settled_before</c>, <c>left</c> or <c>own_case</c>.</param>
public sealed record RefusedCase(Guid CaseId, string Code, string Zh, string En);

/// <summary>组成名单: drafts of lists, of which cases are put on and taken off until they are sealed (R-REV-10).</summary>
public sealed class SubmissionDrafts(SubmissionStore store)
{
    /// <summary>Cases on one list.</summary>
    public const int MostCases = 2000;

    private const int MostRefusals = 100;

    /// <summary>Begins a list of one office and one service. All of the cases are on it, or there is none.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: no cases, too many, or one twice; <c>wrong_state</c> with <c>refused</c>: a case can't be on it; <c>conflict</c>: it was put on another list at this instant.</exception>
    public Task<SubmissionChanged> CreateAsync(Caller caller, IReadOnlyList<Guid> cases, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        Check(cases);
        return store.ChangeAsync(caller, idempotency, async session =>
        {
            var entries = await CandidatesAsync(session, cases, null, cancellationToken);
            var (id, first) = (Guid.CreateVersion7(session.Now), entries.MaxBy(e => e.OpenedAt)!);
            await session.ExecuteAsync("insert into approvals.submissions (id, service, organisation_id, role, title, created_at, created_by) values ($1, $2, $3, $4, $5, $6, $7)", cancellationToken,
                id, first.Service, first.Office, first.Role, first.Title, session.Now, session.User);
            await PutAsync(session, id, entries, "created", cancellationToken);
            return new SubmissionChanged(id, 1);
        }, s => s.Id, cancellationToken);
    }

    /// <summary>Puts more cases on a draft: all of them or none.</summary>
    /// <exception cref="WorkflowException">As <see cref="CreateAsync"/>; <c>not_found</c>, <c>precondition_failed</c>; <c>wrong_state</c>: it is sealed.</exception>
    public Task<SubmissionChanged> AddAsync(Caller caller, Guid id, IReadOnlyList<Guid> cases, long? ifVersion, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        Check(cases);
        return store.ChangeAsync(caller, idempotency, async session =>
        {
            var row = await session.LockAsync(id, ifVersion, cancellationToken);
            SubmissionSession.RequireDraft(row);
            var entries = await CandidatesAsync(session, cases, row, cancellationToken);
            var there = (await session.QueryAsync("select count(*)::int from approvals.submission_cases where submission_id = $1 and state = 'listed'", r => r.GetInt32(0), cancellationToken, id))[0];
            if (there + entries.Count > MostCases)
                throw new WorkflowException(ErrorCodes.InvalidRequest, $"A list has at most {MostCases} cases; {id} has {there}. Begin another one.", $"一份名单最多 {MostCases} 人，请另建名单。");
            await PutAsync(session, id, entries, "added", cancellationToken);
            return await ChangedAsync(session, row, cancellationToken);
        }, s => s.Id, cancellationToken);
    }

    /// <summary>Takes a case off a draft: it waits for another list.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: no such list, or the case isn't on it; <c>precondition_failed</c>; <c>wrong_state</c>: it is sealed.</exception>
    public Task<SubmissionChanged> RemoveAsync(Caller caller, Guid id, Guid caseId, long? ifVersion, Idempotency? idempotency, CancellationToken cancellationToken) => store.ChangeAsync(caller, idempotency, async session =>
    {
        var row = await session.LockAsync(id, ifVersion, cancellationToken);
        SubmissionSession.RequireDraft(row);
        var removed = await session.QueryAsync("update approvals.submission_cases set state = 'waiting', submission_id = null where submission_id = $1 and case_id = $2 and state = 'listed' returning id", r => r.GetGuid(0), cancellationToken, id, caseId);
        if (removed.Count == 0)
            throw new WorkflowException(ErrorCodes.NotFound, $"Case {caseId} isn't on list {id}.", "该业务不在此名单中。");
        await session.NoteAsync(id, "removed", new { cases = new[] { caseId } }, cancellationToken);
        return await ChangedAsync(session, row, cancellationToken);
    }, s => s.Id, cancellationToken);

    internal static async Task<SubmissionChanged> ChangedAsync(SubmissionSession session, SubmissionRow row, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync("update approvals.submissions set version = version + 1 where id = $1", cancellationToken, row.Id);
        return new SubmissionChanged(row.Id, row.Version + 1);
    }

    internal static WorkflowException Refused(IReadOnlyList<RefusedCase> refused, string what, string zh) => new(ErrorCodes.WrongState,
        $"{what}: {refused.Count} of the cases can't be, the first being {refused[0].CaseId} ({refused[0].En}).", $"{zh}：有 {refused.Count} 件业务不符合条件，首件{refused[0].Zh}。")
    { Facts = new Dictionary<string, object?> { ["refused"] = refused.Take(MostRefusals).ToArray() } };

    private static void Check(IReadOnlyList<Guid> cases)
    {
        if (cases.Count is 0 or > MostCases)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Name 1 to {MostCases} cases, not {cases.Count}.", $"一次可列入 1 至 {MostCases} 件业务。");
        if (cases.GroupBy(c => c).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Case {twice.Key} stands there twice. Keep one.", "同一业务只能列入一次。");
    }

    /// <summary>The rows of the cases, locked in one order, so that two lists that want the same cases wait for each other.</summary>
    private static async Task<List<Entry>> CandidatesAsync(SubmissionSession session, IReadOnlyList<Guid> cases, SubmissionRow? list, CancellationToken cancellationToken)
    {
        var rows = (await session.QueryAsync($"""
            select e.id, e.case_id, e.opened_at, e.service, e.organisation_id, e.role, e.title, e.state, {SubmissionStore.Forms("e")}, {KeyLimits.Own("$1")}, (select s.number from approvals.submissions s where s.id = e.submission_id)
            from approvals.submission_cases e join approvals.cases c on c.id = e.case_id
            where e.case_id = any($5) and e.state in ('waiting', 'listed') order by e.id for update of e
            """, r => new Entry(r.GetGuid(0), r.GetGuid(1), r.GetFieldValue<DateTimeOffset>(2), r.GetString(3), r.GetString(4), r.GetString(5), r.GetString(6), r.GetString(7), r.GetBoolean(8), r.GetBoolean(9), r.Text(10)),
            cancellationToken, SubmissionStore.With(session.Caller, cases.ToArray()))).Where(e => e.Forms).ToLookup(e => e.CaseId);
        var office = list is not null ? (list.Service, list.OrganisationId, list.Role) : rows[cases[0]].Select(e => (e.Service, e.Office, e.Role)).FirstOrDefault();
        var (found, refused) = (new List<Entry>(), new List<RefusedCase>());
        foreach (var id in cases)
        {
            var entry = rows[id].FirstOrDefault(e => (e.Service, e.Office, e.Role) == office) ?? rows[id].FirstOrDefault();
            if (Refusal(id, entry, office) is { } refusal)
                refused.Add(refusal);
            else
                found.Add(entry!);
        }
        return refused.Count == 0 ? found : throw Refused(refused, "The cases can't be put on the list", "不能列入名单");
    }

    private static RefusedCase? Refusal(Guid id, Entry? entry, (string, string, string) office) => entry switch
    {
        null => new(id, "not_waiting", "未在您所在单位待报送", "it doesn't wait for a list of an office of yours"),
        { State: SubmissionStates.Listed } => new(id, "on_a_list", $"已列入{entry.Number ?? "其他名单草稿"}", $"it is on {entry.Number ?? "another draft"}"),
        { Own: true } => new(id, "own_case", "是您本人申报或代为申报的业务", "it is a case of your own"),
        _ when (entry.Service, entry.Office, entry.Role) != office => new(id, "other_office", "属于其他事项或单位", "it belongs to another service or office"),
        _ => null,
    };

    private static async Task PutAsync(SubmissionSession session, Guid id, List<Entry> entries, string action, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync("update approvals.submission_cases set state = 'listed', submission_id = $1 where id = any($2)", cancellationToken, id, entries.Select(e => e.Id).ToArray());
        await session.NoteAsync(id, action, new { cases = entries.Select(e => e.CaseId) }, cancellationToken);
    }

    private sealed record Entry(Guid Id, Guid CaseId, DateTimeOffset OpenedAt, string Service, string Office, string Role, string Title, string State, bool Forms, bool Own, string? Number);
}
