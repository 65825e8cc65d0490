using System.Text.Json;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Server.ElsaApi.Instances;

namespace Talent.Workflows.Server.ElsaApi.Operations;

/// <summary>An alteration as Elsa writes it.</summary>
internal sealed record AlterationBody
{
    private const int Most = 100;

    public string? Type { get; init; }
    public string? ActivityId { get; init; }
    public string? ActivityInstanceId { get; init; }
    public string? VariableId { get; init; }
    public JsonElement? Value { get; init; }
    public int? TargetVersion { get; init; }

    /// <exception cref="WorkflowException"><c>invalid_request</c>: none or too many, or one that there isn't, or that lacks something.</exception>
    public static List<Alteration> Read(IReadOnlyList<AlterationBody>? bodies) => bodies is { Count: > 0 and <= Most } ? [.. bodies.Select(b => b.Read())]
        : throw Invalid($"Give 1 to {Most} alterations.", $"请给出 1 至 {Most} 项修改。");

    public static AlterationBody Of(Alteration alteration) => alteration switch
    {
        Alteration.ModifyVariable modify => new() { Type = "ModifyVariable", VariableId = modify.Variable, Value = modify.Value.ValueKind == JsonValueKind.Undefined ? null : modify.Value },
        Alteration.ScheduleActivity schedule => new() { Type = "ScheduleActivity", ActivityId = schedule.ActivityId },
        Alteration.CancelActivity { InstanceId: { } instance, ExecutionId: { } execution } => new() { Type = "CancelActivity", ActivityInstanceId = ExecutionLog.IdOf(instance, execution) },
        Alteration.CancelActivity cancel => new() { Type = "CancelActivity", ActivityId = cancel.ActivityId },
        Alteration.Migrate migrate => new() { Type = "Migrate", TargetVersion = migrate.TargetVersion },
        _ => throw new InvalidOperationException($"Unknown alteration {alteration.GetType().Name}."),
    };

    private Alteration Read() => Type switch
    {
        "ModifyVariable" => new Alteration.ModifyVariable(Needed(VariableId, "variableId"), Value ?? default),
        "ScheduleActivity" => new Alteration.ScheduleActivity(Needed(ActivityId, "activityId")),
        "CancelActivity" when ActivityInstanceId is { Length: > 0 } execution && ExecutionLog.Parse(execution) is var (instance, number) => new Alteration.CancelActivity(null, number, instance),
        "CancelActivity" => new Alteration.CancelActivity(Needed(ActivityId, "activityId"), null),
        "Migrate" => new Alteration.Migrate(TargetVersion is > 0 and { } version ? version : throw Invalid("The alteration has no 'targetVersion'.", "缺少 targetVersion。")),
        _ => throw Invalid($"There is no alteration '{Type}'. Use ModifyVariable, ScheduleActivity, CancelActivity or Migrate.", $"不支持的修改类型“{Type}”。"),
    };

    private static string Needed(string? value, string name) => value is { Length: > 0 } ? value : throw Invalid($"The alteration has no '{name}'.", $"缺少 {name}。");

    private static WorkflowException Invalid(string message, string messageZh) => new(ErrorCodes.InvalidRequest, message, messageZh);
}
