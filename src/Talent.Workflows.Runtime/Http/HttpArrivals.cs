using Npgsql;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities.Http;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Http;

/// <summary>
/// Hands HTTP requests to the workflows that wait for them, or that they start. The answer means that the step is committed.
/// A wait goes before a start; where several wait, the correlation id has to tell which is meant.
/// </summary>
public sealed class HttpArrivals
{
    private readonly NpgsqlDataSource database;
    private readonly WorkflowRuntime runtime;
    private readonly DefinitionStore definitions;

    internal HttpArrivals(NpgsqlDataSource database, WorkflowRuntime runtime, DefinitionStore definitions)
    {
        this.database = database;
        this.runtime = runtime;
        this.definitions = definitions;
    }

    /// <summary>What takes requests to this path, the most literal path first; null when nothing does.</summary>
    /// <exception cref="WorkflowException"><c>conflict</c>: several do, and nothing tells them apart.</exception>
    public async Task<HttpReceiver?> FindAsync(string method, string path, string? correlationId, CancellationToken cancellationToken)
    {
        foreach (var name in HttpArrival.NamesFor(path))
        {
            var waits = await WaitsAsync(name, method, correlationId, cancellationToken);
            var found = waits.Count > 0 ? waits : await StartsAsync(name, method, cancellationToken);
            if (found.Count > 1)
                throw new WorkflowException(ErrorCodes.Conflict, $"{found.Count} workflows take {method} {path}. Name one by the parameter correlationId, or give each a path of its own.",
                    $"有多个流程接收此地址（{method} {path}），请用参数 correlationId 指明，或为各流程设置不同的路径。");
            if (found.Count == 1)
                return found[0];
        }
        return null;
    }

    /// <summary>Takes the request to its receiver.</summary>
    public Task<StepAnswer> DeliverAsync(HttpReceiver receiver, HttpArrival arrival, string? correlationId, Actor actor, Idempotency? idempotency, CancellationToken cancellationToken) =>
        receiver.BookmarkId is { } bookmark
            ? runtime.ApplyAsync(new StepRequest { InstanceId = receiver.InstanceId, Stimulus = new Stimulus.Resume(bookmark, arrival.Write()), Actor = actor, Idempotency = idempotency }, cancellationToken)
            : runtime.StartAsync(new StartRequest
            {
                DefinitionId = receiver.DefinitionId, CorrelationId = correlationId, Trigger = new StartTrigger(receiver.ActivityId, arrival.Write()), Actor = actor, Idempotency = idempotency,
            }, cancellationToken);

    private async Task<List<HttpReceiver>> WaitsAsync(string name, string method, string? correlationId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select id, instance_id from engine.bookmarks where event_name = $1 and ($2::text is null or correlation_id = $2) order by id limit 20");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = correlationId });
        var rows = new List<(Guid Id, Guid Instance)>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            while (await reader.ReadAsync(cancellationToken))
                rows.Add((reader.GetGuid(0), reader.GetGuid(1)));
        var found = new List<HttpReceiver>();
        foreach (var (id, instance) in rows)
            if ((await runtime.ReadAsync(instance, cancellationToken))?.State.Bookmarks.Find(b => b.Id == id) is { } bookmark && HttpTerms.Read(bookmark.Payload) is { } terms && terms.Takes(method))
                found.Add(new HttpReceiver(terms, "", bookmark.ActivityId, instance, id));
        return found;
    }

    private async Task<List<HttpReceiver>> StartsAsync(string name, string method, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select definition_id, activity_id, version_id from engine.triggers where event_name = $1 order by definition_id, activity_id limit 20");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        var rows = new List<(string Definition, string Activity, string Version)>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            while (await reader.ReadAsync(cancellationToken))
                rows.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2)));
        var found = new List<HttpReceiver>();
        foreach (var (definition, activity, version) in rows)
            if (HttpEndpoint.TermsOf((await definitions.ExecutableAsync(version, cancellationToken)).Activity(activity)) is { } terms && terms.Takes(method))
                found.Add(new HttpReceiver(terms, definition, activity, default, null));
        return found;
    }
}

/// <summary>What takes an HTTP request: a wait of an instance, or an activity that starts one.</summary>
public sealed record HttpReceiver(HttpTerms Terms, string DefinitionId, string ActivityId, Guid InstanceId, Guid? BookmarkId);
