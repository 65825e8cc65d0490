using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>What the city's decision document says of a list.</summary>
public sealed record SettleSubmission
{
    /// <summary>批复文号, up to 100 characters.</summary>
    public required string DocumentNumber { get; init; }

    /// <summary>The document's own date: not before the list was sealed, nor in the future.</summary>
    public required DateOnly DocumentDate { get; init; }

    /// <summary>For every case that isn't decided and isn't named in <see cref="Cases"/>: <c>approve</c> or <c>reject</c>. Null: only those that are named.</summary>
    public string? Default { get; init; }

    /// <summary>For those that are rejected by <see cref="Default"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>Cases that the document names.</summary>
    public IReadOnlyList<CaseDecision?>? Cases { get; init; }
}

/// <param name="Outcome"><c>approve</c> or <c>reject</c>.</param>
/// <param name="Reason">Needed to reject; the applicant is told.</param>
public sealed record CaseDecision(Guid CaseId, string? Outcome, string? Reason = null);

public sealed record SettledCase(Guid CaseId, string Outcome);

/// <summary>What a document has decided. Cases that were refused are as they were.</summary>
/// <param name="Open">Cases of the list that no document has decided yet.</param>
public sealed record SubmissionSettled(Guid Id, int Version, Guid DocumentId, string DocumentNumber, IReadOnlyList<SettledCase> Settled, IReadOnlyList<RefusedCase> Refused, int Open);

/// <summary>登记批复: one document of the city decides all or some cases of a sealed list; a later one may decide the rest (R-REV-10).</summary>
public sealed class SubmissionSettlement(SubmissionStore store)
{
    private const int LongestNumber = 100;

    /// <summary>Settles cases once: rows, messages to the cases and the record are there together.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>; <c>invalid_request</c>: number, date, an outcome or a reason is missing or wrong; <c>wrong_state</c>: it isn't sealed, or with
    /// <c>refused</c>: nothing of it can be settled; <c>conflict</c>: the document has another date.</exception>
    public Task<SubmissionSettled> SettleAsync(Caller caller, Guid id, SettleSubmission request, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var named = Check(request);
        return store.ChangeAsync(caller, idempotency, async session =>
        {
            var row = await session.LockAsync(id, null, cancellationToken);
            if (row.Number is null)
                throw new WorkflowException(ErrorCodes.WrongState, $"List {id} is a draft: seal it first.", "名单尚未封存，不能登记批复。");
            CheckDate(request.DocumentDate, row, session.Now);
            var entries = await EntriesAsync(session, id, cancellationToken);
            var (settled, refused) = Decide(request, named, entries);
            if (settled.Count == 0)
                throw refused.Count > 0 ? SubmissionDrafts.Refused(refused, $"Nothing of list {id} is decided", "没有可以登记批复的业务")
                    : new WorkflowException(ErrorCodes.WrongState, $"No case of list {id} is open: all were decided or have left.", "名单中已没有待批复的业务。");
            var document = await DocumentAsync(session, id, request, idempotency, cancellationToken);
            await session.ExecuteAsync("""
                update approvals.submission_cases e set state = d.state, document_id = $1, decided_at = $2, decided_by = $3, reason = d.reason from unnest($4, $5, $6) d(id, state, reason) where e.id = d.id
                """, cancellationToken, document, session.Now, session.User, settled.Select(s => s.Entry.Id).ToArray(), settled.Select(s => StateOf(s.Outcome)).ToArray(), settled.Select(s => s.Reason).ToArray());
            await session.NoteAsync(id, "settled", new { document = request.DocumentNumber, dated = request.DocumentDate, cases = settled.Select(s => new { id = s.Entry.CaseId, outcome = s.Outcome }) }, cancellationToken);
            await session.TellAsync(settled.Select(s => SubmissionDelivery.Message(s.Entry.Id, s.Entry.CaseId, SubmissionStates.Settled)), cancellationToken);
            var changed = await SubmissionDrafts.ChangedAsync(session, row, cancellationToken);
            return new SubmissionSettled(id, changed.Version, document, request.DocumentNumber.Trim(), [.. settled.Select(s => new SettledCase(s.Entry.CaseId, s.Outcome))], refused,
                entries.Count(e => e.State == SubmissionStates.Listed) - settled.Count);
        }, s => s.Id, cancellationToken);
    }

    private static string StateOf(string outcome) => outcome == "approve" ? SubmissionStates.Approved : SubmissionStates.Rejected;

    private static Dictionary<Guid, CaseDecision> Check(SettleSubmission request)
    {
        if (string.IsNullOrWhiteSpace(request.DocumentNumber) || request.DocumentNumber.Length > LongestNumber || request.DocumentNumber.Contains('\0'))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Give the document's number in 'documentNumber', up to {LongestNumber} characters.", $"请填写批复文号（不超过 {LongestNumber} 字）。");
        var cases = request.Cases ?? [];
        if (cases.Count > SubmissionDrafts.MostCases || cases.Contains(null))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"'cases' names up to {SubmissionDrafts.MostCases} cases, each with caseId and outcome.", $"cases 最多 {SubmissionDrafts.MostCases} 项，每项须有 caseId 和 outcome。");
        if (request.Default is null && cases.Count == 0)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "The document decides nothing: name cases, or give 'default' for all.", "请列明业务，或填写 default 以决定全部。");
        if (cases.GroupBy(c => c!.CaseId).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Case {twice.Key} stands there twice. Keep one.", "同一业务只能登记一次。");
        if (request.Default is not null)
            RequireOutcome("default", request.Default, request.Reason);
        foreach (var one in cases)
            RequireOutcome($"cases: {one!.CaseId}", one.Outcome, one.Reason);
        return cases.ToDictionary(c => c!.CaseId, c => c!);
    }

    private static void RequireOutcome(string where, string? outcome, string? reason)
    {
        if (outcome is not ("approve" or "reject"))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"{where}: '{outcome}' is no outcome. Use approve or reject.", $"{where}：决定须为 approve（批准）或 reject（不予批准）。");
        if (outcome == "reject" && string.IsNullOrWhiteSpace(reason))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"{where}: say in 'reason' why it is rejected.", $"{where}：不予批准须填写理由。");
        SubmissionReturns.CheckText(reason);
    }

    private static void CheckDate(DateOnly date, SubmissionRow row, DateTimeOffset now)
    {
        if (date < ChinaTime.DateOf(row.SealedAt!.Value) || date > ChinaTime.DateOf(now))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"The document is dated {date:yyyy-MM-dd}: that is before list {row.Number} was sealed, or in the future.", "批复日期不能早于名单封存日期，也不能晚于今天。");
    }

    private static Task<List<Entry>> EntriesAsync(SubmissionSession session, Guid id, CancellationToken cancellationToken) => session.QueryAsync($"""
        select e.id, e.case_id, e.state, {KeyLimits.Own("$1")}, d.number from approvals.submission_cases e join approvals.cases c on c.id = e.case_id
        left join approvals.submission_documents d on d.id = e.document_id where e.submission_id = $2 order by e.id for update of e
        """, r => new Entry(r.GetGuid(0), r.GetGuid(1), r.GetString(2), r.GetBoolean(3), r.Text(4)), cancellationToken, session.User, id);

    private static (List<(Entry Entry, string Outcome, string? Reason)> Settled, List<RefusedCase> Refused) Decide(SettleSubmission request, Dictionary<Guid, CaseDecision> named, List<Entry> entries)
    {
        var (settled, refused, there) = (new List<(Entry, string, string?)>(), new List<RefusedCase>(), entries.ToDictionary(e => e.CaseId));
        foreach (var id in named.Keys.Where(id => !there.ContainsKey(id)))
            refused.Add(new RefusedCase(id, "not_on_list", "不在此名单中", "it isn't on this list"));
        foreach (var entry in entries)
        {
            var decision = named.GetValueOrDefault(entry.CaseId) ?? (request.Default is { } all ? new CaseDecision(entry.CaseId, all, all == "reject" ? request.Reason : null) : null);
            if (decision is null)
                continue;
            var refusal = Refusal(entry);
            if (refusal is null)
                settled.Add((entry, decision.Outcome!, string.IsNullOrWhiteSpace(decision.Reason) ? null : decision.Reason.Trim()));
            // What a document says of all others doesn't speak of those that are decided or gone.
            else if (named.ContainsKey(entry.CaseId) || entry.State == SubmissionStates.Listed)
                refused.Add(refusal);
        }
        return (settled, refused);
    }

    private static RefusedCase? Refusal(Entry entry) => entry.State switch
    {
        SubmissionStates.Approved or SubmissionStates.Rejected => new(entry.CaseId, "settled_before", $"已由{entry.Document}决定", $"it was decided by {entry.Document}"),
        SubmissionStates.Returned or SubmissionStates.Cancelled => new(entry.CaseId, "left", $"{SubmissionStates.Word(entry.State).Zh}，不再在名单中", $"it has left the list ({entry.State})"),
        _ when entry.Own => new(entry.CaseId, "own_case", "是您本人申报或代为申报的业务，须由他人登记", "it is a case of your own: somebody else enters it"),
        _ => null,
    };

    private static async Task<Guid> DocumentAsync(SubmissionSession session, Guid id, SettleSubmission request, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        // The list is locked: nobody enters the same document beside this.
        var number = request.DocumentNumber.Trim();
        var known = await session.QueryAsync("select id, dated from approvals.submission_documents where submission_id = $1 and number = $2", r => (Id: r.GetGuid(0), Dated: r.GetFieldValue<DateOnly>(1)), cancellationToken, id, number);
        if (known is [var before])
            return before.Dated == request.DocumentDate ? before.Id : throw new WorkflowException(ErrorCodes.Conflict,
                $"Document {number} was entered with the date {before.Dated:yyyy-MM-dd}. Correct number or date.", $"{number}已登记，日期为 {before.Dated:yyyy-MM-dd}，请核对。");
        var document = Guid.CreateVersion7(session.Now);
        await session.ExecuteAsync("insert into approvals.submission_documents (id, submission_id, number, dated, recorded_at, recorded_by) values ($1, $2, $3, $4, $5, $6)", cancellationToken,
            document, id, number, request.DocumentDate, session.Now, session.User);
        return document;
    }

    private sealed record Entry(Guid Id, Guid CaseId, string State, bool Own, string? Document);
}
