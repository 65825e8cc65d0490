using System.Globalization;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Server.ElsaApi.Instances;

/// <summary>What Studio's list of instances asks for. Pages count from 0.</summary>
internal sealed record InstanceListRequest
{
    public int? Page { get; init; }
    public int? PageSize { get; init; }
    public string? SearchTerm { get; init; }
    public IReadOnlyList<string>? Ids { get; init; }
    public string? DefinitionId { get; init; }
    public IReadOnlyList<string>? DefinitionIds { get; init; }
    public string? CorrelationId { get; init; }
    public int? Version { get; init; }
    public bool? HasIncidents { get; init; }
    public bool? IsSystem { get; init; }
    public string? Status { get; init; }
    public IReadOnlyList<string>? Statuses { get; init; }
    public string? SubStatus { get; init; }
    public IReadOnlyList<string>? SubStatuses { get; init; }
    public string? OrderBy { get; init; }
    public string? OrderDirection { get; init; }
    public IReadOnlyList<TimestampFilter>? TimestampFilters { get; init; }

    /// <summary>The same from a query string, in any casing.</summary>
    public static InstanceListRequest Of(IQueryCollection query) => new()
    {
        Page = Number(query, "page"),
        PageSize = Number(query, "pageSize"),
        SearchTerm = Text(query, "searchTerm"),
        DefinitionId = Text(query, "definitionId"),
        DefinitionIds = Many(query, "definitionIds"),
        CorrelationId = Text(query, "correlationId"),
        Version = Number(query, "version"),
        HasIncidents = bool.TryParse(Text(query, "hasIncidents"), out var incidents) ? incidents : null,
        Status = Text(query, "status"),
        Statuses = Many(query, "statuses"),
        SubStatus = Text(query, "subStatus"),
        SubStatuses = Many(query, "subStatuses"),
        OrderBy = Text(query, "orderBy"),
        OrderDirection = Text(query, "orderDirection"),
    };

    /// <exception cref="WorkflowException"><c>invalid_request</c>: a value that there isn't.</exception>
    public InstanceSearchQuery Query()
    {
        var size = Math.Clamp(PageSize ?? 25, 1, 500);
        return new InstanceSearchQuery
        {
            Text = SearchTerm,
            // No workflow here is the system's own.
            Ids = IsSystem is true ? [] : Ids?.Select(ExecutionLog.InstanceOf).ToList(),
            DefinitionIds = DefinitionIds is { Count: > 0 } ? DefinitionIds : DefinitionId is { Length: > 0 } one ? [one] : null,
            Version = Version,
            CorrelationId = CorrelationId,
            HasIncidents = HasIncidents,
            Statuses = Values<WorkflowStatus>(Statuses, Status, "status"),
            SubStatuses = Values<WorkflowSubStatus>(SubStatuses, SubStatus, "subStatus"),
            Instants = [.. (TimestampFilters ?? []).Where(f => f.Timestamp is not null).Select(f => new InstantCondition(Value<InstantColumn>(f.Column, "column"), Operator(f.Operator), f.Timestamp!.Value))],
            Order = string.IsNullOrEmpty(OrderBy) ? InstanceOrder.Created : Value<InstanceOrder>(OrderBy, "orderBy"),
            Descending = !"Ascending".Equals(OrderDirection, StringComparison.OrdinalIgnoreCase),
            Skip = (int)Math.Min((long)Math.Max(0, Page ?? 0) * size, int.MaxValue),
            Take = size,
        };
    }

    private static List<T>? Values<T>(IReadOnlyList<string>? many, string? one, string name) where T : struct, Enum =>
        many is { Count: > 0 } ? [.. many.Select(v => Value<T>(v, name))] : one is { Length: > 0 } ? [Value<T>(one, name)] : null;

    private static T Value<T>(string? text, string name) where T : struct, Enum =>
        Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) ? value
            // Elsa 3.8 has a sub-status that no instance here ever has.
            : typeof(T) == typeof(WorkflowSubStatus) && text is "Interrupted" ? (T)(object)(WorkflowSubStatus)99
            : throw new WorkflowException(ErrorCodes.InvalidRequest, $"'{text}' is no {name}. Use one of {string.Join(", ", Enum.GetNames<T>())}.", $"{name} 的值“{text}”无效，可用：{string.Join("、", Enum.GetNames<T>())}。");

    private static string Operator(string? name) => name switch
    {
        "Is" => "=",
        "IsNot" => "<>",
        "LessThan" => "<",
        "GreaterThan" => ">",
        "LessThanOrEqual" => "<=",
        "GreaterThanOrEqual" => ">=",
        _ => throw new WorkflowException(ErrorCodes.InvalidRequest, $"'{name}' is no operator. Use Is, IsNot, LessThan, GreaterThan, LessThanOrEqual or GreaterThanOrEqual.", "时间条件的比较方式无效。"),
    };

    private static string? Text(IQueryCollection query, string name) => query[name] is [{ Length: > 0 } text, ..] ? text : null;

    private static int? Number(IQueryCollection query, string name) => int.TryParse(Text(query, name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static List<string>? Many(IQueryCollection query, string name) => query[name] is { Count: > 0 } values ? [.. values.OfType<string>()] : null;

    internal sealed record TimestampFilter(string? Column, string? Operator, DateTimeOffset? Timestamp);
}
