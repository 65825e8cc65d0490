using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Server.ElsaApi.Instances;

/// <summary>
/// What happened in one instance, as Elsa's viewer shows it: lines in their order, and the executions of activities that
/// they tell of. Both have ids that follow from the instance and stay the same.
/// </summary>
internal sealed class ExecutionLog
{
    private readonly IReadOnlyList<JournalStep> steps;
    private SortedDictionary<int, Execution>? executions;

    private ExecutionLog(InstanceRecord instance, ExecutableWorkflow workflow, IReadOnlyList<JournalStep> steps) => (Instance, Workflow, this.steps) = (instance, workflow, steps);

    public InstanceRecord Instance { get; }
    public ExecutableWorkflow Workflow { get; }

    /// <summary>By their number in the instance, which is the order they began in.</summary>
    public SortedDictionary<int, Execution> Executions => executions ??= Follow();

    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public static async Task<ExecutionLog> LoadAsync(Guid id, WorkflowRuntime runtime, JournalCache journals, DefinitionStore definitions, CancellationToken cancellationToken)
    {
        var instance = await runtime.ReadAsync(id, cancellationToken) ?? throw NoInstance(id.ToString());
        return new ExecutionLog(instance, await definitions.ExecutableAsync(instance.DefinitionVersionId, cancellationToken), await journals.ReadAsync(id, cancellationToken));
    }

    /// <summary>A page of the lines that fit, and how many do. Of a long journal only what is on the page is made.</summary>
    public (List<Line> Lines, int Total) Page(Func<JournalEntry, bool> fits, int skip, int take)
    {
        var page = new List<Line>();
        var (total, sequence) = (0, 0);
        foreach (var step in steps)
            for (var at = 0; at < step.Entries.Count; at++)
            {
                var entry = step.Entries[at];
                if (!BelongsToActivity(entry))
                    continue;
                if (fits(entry) && total++ >= skip && page.Count < take)
                    page.Add(new Line(step, at + 1, sequence, entry, NodeIdOf(entry.ActivityId)));
                sequence++;
            }
        return (page, total);
    }

    /// <summary>How many lines there are.</summary>
    public int Count => Page(_ => true, 0, 0).Total;

    /// <summary>The latest line of an activity; null when it hasn't run.</summary>
    public Line? LastOf(string activityId) => Page(e => e.ActivityId == activityId, Page(e => e.ActivityId == activityId, 0, 0).Total - 1, 1).Lines.FirstOrDefault();

    public static Guid InstanceOf(string id) => Guid.TryParse(id, out var parsed) ? parsed : throw NoInstance(id);

    /// <summary>The instance of an execution's id.</summary>
    public static (Guid Instance, int Number) Parse(string executionId) =>
        executionId.Length > 33 && Guid.TryParseExact(executionId[..32], "N", out var instance) && int.TryParse(executionId.AsSpan(33), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (instance, number) : throw new WorkflowException(ErrorCodes.NotFound, $"There is no activity execution '{executionId}'.", "活动执行记录不存在。");

    public static string IdOf(Guid instance, int number) => string.Create(CultureInfo.InvariantCulture, $"{instance:N}-{number}");

    /// <summary>When an execution began to wait, as far as the journal goes back.</summary>
    public DateTimeOffset WaitsSince(int execution) => steps.LastOrDefault(s => s.Entries.Any(e => e.ExecutionId == execution && e.Event == "Suspended"))?.At
        ?? Executions.GetValueOrDefault(execution)?.StartedAt ?? Instance.CreatedAt;

    /// <summary>Inputs that the definition gives as they are; what expressions came to isn't kept.</summary>
    public IReadOnlyDictionary<string, JsonElement> LiteralsOf(string activityId)
    {
        var state = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (!Workflow.Definition.Activities.ContainsKey(activityId))
            return state;
        foreach (var (name, input) in Workflow.Activity(activityId).Inputs)
            if (input is { Type: "Literal" or "Object", Problem: null } && input.Value.ValueKind != JsonValueKind.Undefined)
                state[char.ToUpperInvariant(name[0]) + name[1..]] = input.Value;
        return state;
    }

    /// <summary>From the outermost container to an execution of this instance.</summary>
    public List<Execution> StackOf(Execution execution)
    {
        var stack = new List<Execution>();
        for (var at = execution; at is not null; at = at.Parent is { } parent ? Executions.GetValueOrDefault(parent) : null)
            stack.Add(at);
        stack.Reverse();
        return stack;
    }

    /// <summary>The execution that has started a child. Where nothing waits for the child it is told only when there is just one that may have.</summary>
    public Execution? StarterOf(InstanceRecord child)
    {
        if (child.State.Parent is { BookmarkId: not null } parent)
            return Executions.Values.FirstOrDefault(e => parent.IsOf(e.ActivityId, e.Visit));
        var possible = Executions.Values.Where(e => LiteralsOf(e.ActivityId).TryGetValue("WorkflowDefinitionId", out var named) && named.ValueKind == JsonValueKind.String && named.GetString() == child.DefinitionId).Take(2).ToList();
        return possible is [var only] ? only : null;
    }

    public string NodeIdOf(string activityId) => Workflow.Definition.Activities.TryGetValue(activityId, out var node) ? node.NodeId : $"Workflow1:{activityId}";

    // What the domain adds to the journal belongs to no activity.
    private static bool BelongsToActivity(JournalEntry entry) => entry.ExecutionId != 0 && entry.ActivityId.Length > 0;

    private SortedDictionary<int, Execution> Follow()
    {
        var followed = new SortedDictionary<int, Execution>();
        foreach (var step in steps)
            foreach (var entry in step.Entries.Where(BelongsToActivity))
            {
                if (!followed.TryGetValue(entry.ExecutionId, out var execution))
                    followed[entry.ExecutionId] = execution = new Execution(entry.ExecutionId, entry, NodeIdOf(entry.ActivityId), step.At);
                execution.Follow(entry, step);
            }
        foreach (var execution in followed.Values)
            execution.HasBookmarks = execution.EndedAt is null
                && (Instance.State.Bookmarks.Exists(b => b.ExecutionId == execution.Number) || Instance.State.Timers.Exists(t => t.ExecutionId == execution.Number));
        foreach (var incident in Instance.State.Incidents)
            if (followed.TryGetValue(incident.ExecutionId, out var execution))
                execution.Incident = incident;
        return followed;
    }

    private static WorkflowException NoInstance(string id) => new(ErrorCodes.NotFound, $"There is no instance '{id}'. Check the id.", "流程实例不存在。");

    /// <summary>One line of the log.</summary>
    internal sealed record Line(JournalStep Step, int Place, int Sequence, JournalEntry Entry, string NodeId)
    {
        // Of a long journal a page is shown.
        public string Id => string.Create(CultureInfo.InvariantCulture, $"{Step.InstanceId:N}-{Step.Sequence}-{Place}");
        public DateTimeOffset At => Step.At;
    }

    /// <summary>One run of one activity.</summary>
    internal sealed class Execution(int number, JournalEntry first, string nodeId, DateTimeOffset startedAt)
    {
        public int Number => number;
        public string ActivityId => first.ActivityId;
        public int Visit => first.Visit;
        public string NodeId => nodeId;
        public string Type => first.Type;
        public int? Parent => first.ParentId;
        public DateTimeOffset StartedAt => startedAt;
        public DateTimeOffset? EndedAt { get; private set; }
        public string Status { get; private set; } = "Running";
        public string[]? Outcomes { get; private set; }
        public int Faults { get; private set; }
        public bool HasBookmarks { get; set; }
        public Incident? Incident { get; set; }
        public JsonElement? Payload { get; private set; }

        /// <summary>The step that it last took part in.</summary>
        public long LastStep { get; private set; }

        public void Follow(JournalEntry entry, JournalStep step)
        {
            var at = step.At;
            LastStep = step.Sequence;
            switch (entry.Event)
            {
                case "Completed":
                    (Status, EndedAt, Outcomes, Payload) = ("Completed", at, entry.Outcomes ?? ["Done"], entry.Payload);
                    break;
                case "Canceled":
                    (Status, EndedAt) = ("Canceled", at);
                    break;
                case "Faulted":
                    (Status, Faults) = ("Faulted", Faults + 1);
                    break;
                case "Retried" or "Resumed" or "TimerFired":
                    Status = "Running";
                    break;
            }
        }
    }
}
