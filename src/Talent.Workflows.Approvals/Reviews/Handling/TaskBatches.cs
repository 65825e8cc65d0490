using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews.Correcting;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Reviews.Handling;

public sealed record BatchItem
{
    public required Guid TaskId { get; init; }
    public required string Outcome { get; init; }
    public string? Opinion { get; init; }

    /// <inheritdoc cref="DecideTask.ReturnTo"/>
    public string? ReturnTo { get; init; }
}

/// <summary>What to correct, the same for all of a batch that are returned to their applicants.</summary>
public sealed record BatchCorrections(IReadOnlyList<Correction>? Corrections, bool? OnlyCorrections)
{
    internal bool NamesAnything => Corrections is { Count: > 0 } || OnlyCorrections == true;
}

/// <summary>What became of one item: a receipt, or a problem with its code and texts.</summary>
public sealed record BatchResult(Guid TaskId, bool Decided, DecisionReceipt? Receipt = null, BatchProblem? Problem = null);

/// <param name="Code">As a decision of this task alone would be answered.</param>
public sealed record BatchProblem(string Code, string Detail, string DetailEn, IReadOnlyDictionary<string, object?>? Facts = null);

/// <summary>批量办理: many decisions in one request, each a step of its own case (R-REV-8).</summary>
public sealed class TaskBatches(TaskCommands commands, WorkflowRuntime runtime, NpgsqlDataSource database)
{
    public const int Most = 200;

    /// <summary>Decisions of one batch under way at a time: enough to keep the disk busy, and others are served too.</summary>
    private const int AtOnce = 8;

    /// <summary>
    /// Decides in parallel and answers in the order of the items. One that fails undoes no other. Sent again with the same key,
    /// whatever was decided is answered as it was, and the rest is done.
    /// </summary>
    /// <param name="asked">What to correct, for every item that returns its case; each is checked against its own case. Null: nothing is named.</param>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: no items, too many, a task twice, or something to correct and no return; nothing was decided.</exception>
    public async Task<IReadOnlyList<BatchResult>> DecideAsync(Caller caller, IReadOnlyList<BatchItem> items, Idempotency? idempotency, CancellationToken cancellationToken, BatchCorrections? asked = null)
    {
        caller.RequireUser();
        if (items.Count is 0 or > Most)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"A batch has 1 to {Most} items, not {items.Count}.", $"每批 1 至 {Most} 项。");
        if (items.Contains(null!))
            throw new WorkflowException(ErrorCodes.InvalidRequest, "An item of the batch is null. Give each a taskId and an outcome.", "批量项不能为空，须填写 taskId 和 outcome。");
        if (items.GroupBy(i => i.TaskId).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Task {twice.Key} stands in the batch twice. Keep one.", "同一待办在一批中只能出现一次。");
        if (asked is { NamesAnything: true } && !items.Any(Returns))
            throw new WorkflowException(ErrorCodes.InvalidRequest, "Only a return says what to correct, and no item of the batch is one. Leave 'corrections' and 'onlyCorrections' out.", "只有退回申报人补正时才能填写补正内容，本批没有退回的待办。");
        var ids = items.Select(i => i.TaskId).ToArray();
        var caseIds = await database.QueryAsync("select distinct case_id from approvals.tasks where id = any($1)", r => r.GetGuid(0), cancellationToken, (object)ids);
        await runtime.WarmAsync(caseIds, cancellationToken);
        var results = new BatchResult[items.Count];
        await Parallel.ForAsync(0, items.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (i, stop) =>
            results[i] = await DecideAsync(caller, items[i], Returns(items[i]) ? asked : null, idempotency, stop));
        return results;
    }

    /// <summary>To its applicant; what goes back to an earlier review has nothing to correct.</summary>
    private static bool Returns(BatchItem item) => item.Outcome == DecisionOutcome.Return.Code() && (item.ReturnTo is null or ReturnWords.Applicant);

    private async Task<BatchResult> DecideAsync(Caller caller, BatchItem item, BatchCorrections? asked, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        try
        {
            // The key covers the whole request, whose hash it carries; the task makes it this item's.
            var own = idempotency is null ? null : idempotency with { Key = $"{idempotency.Key}/{item.TaskId:N}" };
            return new BatchResult(item.TaskId, true, await commands.DecideAsync(caller, item.TaskId,
                new DecideTask { Outcome = item.Outcome, Opinion = item.Opinion, ReturnTo = item.ReturnTo, Corrections = asked?.Corrections, OnlyCorrections = asked?.OnlyCorrections }, own, null, cancellationToken));
        }
        catch (WorkflowException refused)
        {
            return new BatchResult(item.TaskId, false, Problem: new BatchProblem(refused.Code, refused.MessageZh, refused.Message, refused.Facts.Count == 0 ? null : refused.Facts));
        }
    }
}
