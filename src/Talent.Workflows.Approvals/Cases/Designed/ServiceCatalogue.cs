using System.Collections.Concurrent;
using Npgsql;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;

namespace Talent.Workflows.Approvals.Cases.Designed;

/// <summary>
/// Every service that there is: those of <c>workflows/</c>, and published definitions that begin with a
/// <see cref="Filing"/>. The files go first. What the last published version says counts for all cases of a service, as the
/// files do; their workflows stay on the version that they began with.
/// </summary>
public sealed class ServiceCatalogue(ApprovalContent content, DefinitionStore definitions, NpgsqlDataSource database)
{
    // By id of a version: what was published once never changes.
    private readonly ConcurrentDictionary<string, ServicePackage?> designed = new(StringComparer.Ordinal);

    /// <summary>The service of this id, also when its definition was retracted: its cases go on.</summary>
    public async ValueTask<ServicePackage?> FindAsync(string service, CancellationToken cancellationToken)
    {
        if (content.Find(service) is { } package)
            return package;
        var version = await database.SingleAsync($"select {LastVersion("$1")}", r => r.Text(0) ?? "", cancellationToken, service);
        return await FindAsync(service, version, cancellationToken);
    }

    /// <summary>The id of the version that says what a designed service is, as SQL; null: it isn't one.</summary>
    internal static string LastVersion(string service) =>
        $"(select d.id from engine.definitions d where d.definition_id = {service} and d.published_at is not null order by d.is_published desc, d.version desc limit 1)";

    /// <summary>The same for who has read <see cref="LastVersion"/> together with other things.</summary>
    internal async ValueTask<ServicePackage?> FindAsync(string service, string? version, CancellationToken cancellationToken)
    {
        if (content.Find(service) is { } package)
            return package;
        if (string.IsNullOrEmpty(version))
            return null;
        return designed.TryGetValue(version, out package) ? package : designed.GetOrAdd(version, Of(await definitions.ExecutableAsync(version, cancellationToken)));
    }

    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public async ValueTask<ServicePackage> GetAsync(string service, CancellationToken cancellationToken) =>
        await FindAsync(service, cancellationToken) ?? throw new WorkflowException(ErrorCodes.NotFound,
            $"There is no service '{service}'. Use one of {string.Join(", ", content.Services.Select(s => s.Service.Id).Order(StringComparer.Ordinal))}, or a published definition that begins with {Filing.TypeName}.", $"没有事项“{service}”。");

    /// <summary>The words of a service for where its cases stand; a designed service has none of its own.</summary>
    internal IReadOnlyList<PositionWord> WordsOf(string service) => content.Find(service)?.Service.Words ?? [];

    private ServicePackage? Of(ExecutableWorkflow workflow)
    {
        foreach (var activity in workflow.Activities)
            if (activity.Implementation is Filing filing)
                return ServicePackage.Designed(workflow.Definition, filing.Terms(activity.Node), content.Shared);
        return null;
    }
}
