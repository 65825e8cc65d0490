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
    private ExecutionLog(InstanceRecord instance, ExecutableWorkflow workflow) => (Instance, Workflow) = (instance, workflow);

    public InstanceRecord Instance { get; }
    public ExecutableWorkflow Workflow { get; }
    public List<Line> Lines { get; } = [];

    /// <summary>By their number in the instance, which is the order they began in.</summary>
    public SortedDictionary<int, Execution> Executions { get; } = [];

    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public static async Task<ExecutionLog> LoadAsync(Guid id, WorkflowRuntime runtime, JournalCache journals, DefinitionStore definitions, CancellationToken cancellationToken)
    {
        var instance = await runtime.ReadAsync(id, cancellationToken) ?? throw NoInstance(id.ToString());
        var log = new ExecutionLog(instance, await definitions.ExecutableAsync(instance.DefinitionVersionId, cancellationToken));
        foreach (var step in await journals.ReadAsync(id, cancellationToken))
            log.Add(step);
        foreach (var execution in log.Executions.Values)
            execution.HasBookmarks = execution.EndedAt is null
                && (instance.State.Bookmarks.Exists(b => b.ExecutionId == execution.Number) || instance.State.Timers.Exists(t => t.ExecutionId == execution.Number));
        foreach (var incident in instance.State.Incidents)
            if (log.Executions.TryGetValue(incident.ExecutionId, out var execution))
                execution.Incident = incident;
        return log;
    }

    public static Guid InstanceOf(string id) => Guid.TryParse(id, out var parsed) ? parsed : throw NoInstance(id);

    /// <summary>The instance of an execution's id.</summary>
    public static (Guid Instance, int Number) Parse(string executionId) =>
        executionId.Length > 33 && Guid.TryParseExact(executionId[..32], "N", out var instance) && int.TryParse(executionId.AsSpan(33), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (instance, number) : throw new WorkflowException(ErrorCodes.NotFound, $"There is no activity execution '{executionId}'.", "活动执行记录不存在。");

    public static string IdOf(Guid instance, int number) => string.Create(CultureInfo.InvariantCulture, $"{instance:N}-{number}");

    public string NodeIdOf(string activityId) => Workflow.Definition.Activities.TryGetValue(activityId, out var node) ? node.NodeId : $"Workflow1:{activityId}";

    private void Add(JournalStep step)
    {
        var place = 0;
        foreach (var entry in step.Entries)
        {
            place++;
            // What the domain adds to the journal belongs to no activity.
            if (entry.ExecutionId == 0 || entry.ActivityId.Length == 0)
                continue;
            Lines.Add(new Line(string.Create(CultureInfo.InvariantCulture, $"{step.InstanceId:N}-{step.Sequence}-{place}"), Lines.Count, step.At, entry, NodeIdOf(entry.ActivityId)));
            if (!Executions.TryGetValue(entry.ExecutionId, out var execution))
                Executions[entry.ExecutionId] = execution = new Execution(entry.ExecutionId, entry, NodeIdOf(entry.ActivityId), step.At);
            execution.Follow(entry, step);
        }
    }

    private static WorkflowException NoInstance(string id) => new(ErrorCodes.NotFound, $"There is no instance '{id}'. Check the id.", "流程实例不存在。");

    /// <summary>One line of the log.</summary>
    internal sealed record Line(string Id, int Sequence, DateTimeOffset At, JournalEntry Entry, string NodeId);

    /// <summary>One run of one activity.</summary>
    internal sealed class Execution(int number, JournalEntry first, string nodeId, DateTimeOffset startedAt)
    {
        public int Number => number;
        public string ActivityId => first.ActivityId;
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
