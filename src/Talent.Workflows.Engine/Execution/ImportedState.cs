using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Engine.Execution;

/// <summary>Looks through a state that comes from a file before it is gone on with: it has to be whole, and all of it has to be in the file.</summary>
public static class ImportedState
{
    /// <exception cref="WorkflowException"><c>invalid_request</c> with everything that stands against it.</exception>
    public static void Check(WorkflowState state, ExecutableWorkflow workflow)
    {
        var wrong = new List<string>();
        if (state.Status != WorkflowStatus.Running || state.SubStatus is WorkflowSubStatus.Pending or WorkflowSubStatus.Executing || state.Executions.Count == 0)
            wrong.Add("only what has begun and hasn't ended can go on");
        if (state.Parent is { BookmarkId: not null } parent)
            wrong.Add($"instance {parent.InstanceId} waits for its end, which isn't in the file");
        if (state.EarlySignals.Count > 0)
            wrong.Add("it keeps signals for later, whose receipts aren't in the file");
        var ids = new HashSet<int>();
        foreach (var execution in state.Executions)
            CheckExecution(execution, ids, state, workflow, wrong);
        foreach (var bookmark in state.Bookmarks)
        {
            if (bookmark.Kind is not (BookmarkKinds.Event or BookmarkKinds.Work))
                wrong.Add($"activity '{bookmark.ActivityId}' waits for something that isn't in the file ({bookmark.Kind})");
            CheckOwner("bookmark", bookmark.Id, bookmark.ExecutionId, bookmark.ActivityId);
        }
        foreach (var timer in state.Timers)
            CheckOwner("timer", timer.Id, timer.ExecutionId, timer.ActivityId);
        foreach (var incident in state.Incidents)
            CheckOwner("incident", incident.Id, incident.ExecutionId, incident.ActivityId);
        if (state.Bookmarks.DistinctBy(b => b.Id).Count() < state.Bookmarks.Count || state.Timers.DistinctBy(t => t.Id).Count() < state.Timers.Count)
            wrong.Add("two of its waits have the same id");
        if (wrong.Count > 0)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Instance {state.InstanceId} can't be imported: {string.Join("; ", wrong.Distinct())}.", $"流程实例 {state.InstanceId} 不能导入：文件内容不完整或不一致（{wrong.Count} 处）。");

        void CheckOwner(string kind, Guid id, int executionId, string activityId)
        {
            if (state.Execution(executionId)?.ActivityId != activityId)
                wrong.Add($"the {kind} {id} belongs to no activity that is under way");
        }
    }

    /// <summary>The journal that an imported instance begins with, so that viewers show what is under way.</summary>
    public static IReadOnlyList<JournalEntry> Journal(WorkflowState state, ExecutableWorkflow workflow)
    {
        var journal = new List<JournalEntry>();
        foreach (var execution in state.Executions)
        {
            journal.Add(Entry("Started", execution));
            if (state.Incidents.Find(i => i.ExecutionId == execution.Id) is { } incident)
                journal.Add(Entry("Faulted", execution) with { Message = incident.Code });
            else if (state.Bookmarks.Exists(b => b.ExecutionId == execution.Id) || state.Timers.Exists(t => t.ExecutionId == execution.Id))
                journal.Add(Entry("Suspended", execution));
        }
        journal.Add(Entry("Imported", state.Executions[0]));
        return journal;

        JournalEntry Entry(string happening, ActivityExecution execution) =>
            new(happening, execution.ActivityId, workflow.Activity(execution.ActivityId).Node.Type, execution.Id, execution.Visit, execution.ParentId);
    }

    private static void CheckExecution(ActivityExecution execution, HashSet<int> ids, WorkflowState state, ExecutableWorkflow workflow, List<string> wrong)
    {
        if (!ids.Add(execution.Id) || execution.Id > state.LastExecutionId || execution.Id < 1)
            wrong.Add($"the execution {execution.Id} of '{execution.ActivityId}' has a number that can't be");
        if (!workflow.Definition.Activities.TryGetValue(execution.ActivityId, out var node))
        {
            wrong.Add($"the definition has no activity '{execution.ActivityId}'");
            return;
        }
        var parent = execution.ParentId is { } parentId ? state.Execution(parentId) : null;
        if ((execution.ParentId is not null && parent is null) || parent?.ActivityId != node.Parent?.Id || parent?.Id >= execution.Id)
            wrong.Add($"'{execution.ActivityId}' is under way in another place than the definition has it");
        foreach (var token in execution.Tokens ?? [])
            if (!IsIn(node, token.To) || (token.From != MoveRegion.Moved && !IsIn(node, token.From)))
                wrong.Add($"a token of '{execution.ActivityId}' leads from '{token.From}' to '{token.To}', which it doesn't hold");
        if (execution.Entry is { } entry && !IsIn(node, entry))
            wrong.Add($"'{execution.ActivityId}' began at '{entry}', which it doesn't hold");
        if (node.Type == "Elsa.Flowchart" && execution.Tokens is null && !execution.Faulted)
            wrong.Add($"the flowchart '{execution.ActivityId}' has no tokens");
    }

    private static bool IsIn(ActivityNode container, string activityId) => container.Activities.Any(a => a.Id == activityId);
}
