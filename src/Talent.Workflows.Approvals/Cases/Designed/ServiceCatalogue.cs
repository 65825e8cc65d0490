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
        var version = await database.SingleAsync(
            "select id from engine.definitions where definition_id = $1 and published_at is not null order by is_published desc, version desc limit 1", r => r.GetString(0), cancellationToken, service);
        if (version is null)
            return null;
        return designed.TryGetValue(version, out package) ? package : designed.GetOrAdd(version, Of(await definitions.ExecutableAsync(version, cancellationToken)));
    }

    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public async ValueTask<ServicePackage> GetAsync(string service, CancellationToken cancellationToken) =>
        await FindAsync(service, cancellationToken) ?? throw new WorkflowException(ErrorCodes.NotFound,
            $"There is no service '{service}'. Use one of {string.Join(", ", content.Services.Select(s => s.Service.Id).Order(StringComparer.Ordinal))}, or a published definition that begins with {Filing.TypeName}.", $"没有事项“{service}”。");

    private ServicePackage? Of(ExecutableWorkflow workflow)
    {
        foreach (var activity in workflow.Activities)
            if (activity.Implementation is Filing filing)
                return ServicePackage.Designed(workflow.Definition, filing.Terms(activity.Node), content.Messages);
        return null;
    }
}
