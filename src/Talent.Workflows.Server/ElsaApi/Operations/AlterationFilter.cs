using System.Text.Json.Serialization;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Alterations;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Server.ElsaApi.Instances;

namespace Talent.Workflows.Server.ElsaApi.Operations;

/// <summary>Which instances a plan alters, by Elsa's names. A condition that isn't known is refused: left out, it would choose more.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AlterationFilter
{
    public IReadOnlyList<string>? WorkflowInstanceIds { get; init; }
    public IReadOnlyList<string>? CorrelationIds { get; init; }
    public IReadOnlyList<string>? DefinitionIds { get; init; }
    public IReadOnlyList<string>? DefinitionVersionIds { get; init; }
    public string? SearchTerm { get; init; }
    public bool? HasIncidents { get; init; }
    public bool? IsSystem { get; init; }
    public IReadOnlyList<string>? Statuses { get; init; }
    public IReadOnlyList<string>? SubStatuses { get; init; }
    public IReadOnlyList<InstanceListRequest.TimestampFilter>? TimestampFilters { get; init; }

    /// <summary>Without a condition all that runs is meant only when it says so.</summary>
    public bool EmptyFilterSelectsAll { get; init; }

    private bool NamesConditions => CorrelationIds is { Count: > 0 } || DefinitionIds is { Count: > 0 } || DefinitionVersionIds is { Count: > 0 } || !string.IsNullOrWhiteSpace(SearchTerm)
        || HasIncidents is not null || IsSystem is true || Statuses is { Count: > 0 } || SubStatuses is { Count: > 0 } || TimestampFilters is { Count: > 0 };

    /// <summary>The instances, oldest first. Named ones are taken as they are; of others, unless it says otherwise, those that run.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>; <c>too_large</c>: more fit than a plan takes; <c>not_found</c>: an id is none.</exception>
    public async Task<IReadOnlyList<Guid>> FindAsync(InstanceSearch search, CancellationToken cancellationToken)
    {
        var named = WorkflowInstanceIds is { Count: > 0 } ids ? ids.Select(ExecutionLog.InstanceOf).Distinct().ToList() : null;
        if (named is null && !NamesConditions && !EmptyFilterSelectsAll)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "The filter has no condition. Name instances or conditions, or say emptyFilterSelectsAll to mean all that run.", "筛选条件为空；如需选择全部运行中的实例，请设置 emptyFilterSelectsAll。");
        if (TimestampFilters?.Any(f => f.Timestamp is null) == true)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "A timestampFilter has no timestamp. Set column, operator and timestamp of each.", "时间条件缺少 timestamp，请填写 column、operator 和 timestamp。");
        var found = named is not null && !NamesConditions ? named : await search.IdsAsync(Query(named), AlterationPlan.MostInstances + 1, cancellationToken);
        return found.Count <= AlterationPlan.MostInstances ? found : throw AlterationPlan.TooMany();
    }

    private InstanceSearchQuery Query(List<Guid>? named) => new InstanceListRequest
    {
        SearchTerm = SearchTerm, DefinitionIds = DefinitionIds, HasIncidents = HasIncidents, SubStatuses = SubStatuses, TimestampFilters = TimestampFilters,
        Statuses = named is null && Statuses is null or { Count: 0 } && SubStatuses is null or { Count: 0 } ? ["Running"] : Statuses,
        Ids = named?.ConvertAll(id => id.ToString()), IsSystem = IsSystem,
    }.Query() with { DefinitionVersionIds = NullIfEmpty(DefinitionVersionIds), CorrelationIds = NullIfEmpty(CorrelationIds) };

    // Elsa's clients send an empty list for no condition; to a search it is one that nothing fits.
    private static IReadOnlyList<string>? NullIfEmpty(IReadOnlyList<string>? values) => values is { Count: > 0 } ? values : null;
}
