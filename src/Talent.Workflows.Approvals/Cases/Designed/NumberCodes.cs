using Npgsql;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Cases.Designed;

/// <summary>Keeps a number code to one service: case numbers are counted by code, region and year.</summary>
/// <remarks>Of services in files <see cref="ApprovalContent.Load"/> sees to it.</remarks>
public sealed class NumberCodes(ApprovalContent content, ServiceCatalogue services)
{
    // Whoever publishes a service waits here for another who does: what they publish isn't to be seen before.
    private const string Lock = "select pg_advisory_xact_lock(hashtextextended('talent.number-codes', 0))";

    /// <summary>Checks a definition in the transaction that publishes it. A service keeps its code when it is retracted: its cases keep their numbers.</summary>
    /// <exception cref="WorkflowException"><c>invalid_definition</c>: another service has this code.</exception>
    internal async Task CheckAsync(NpgsqlConnection connection, ExecutableWorkflow workflow, CancellationToken cancellationToken)
    {
        var id = workflow.Definition.DefinitionId;
        if (content.Find(id) is not null || workflow.Activities.FirstOrDefault(a => a.Implementation is Filing) is not { Implementation: Filing filing } activity)
            return;
        var code = filing.Terms(activity.Node).NumberCode;
        if (content.Services.FirstOrDefault(s => s.Service.NumberCode == code) is { } shipped)
            throw Taken(activity.Node.Id, code, shipped.Service.Id, shipped.Service.Zh);
        await using var turn = new NpgsqlCommand(Lock, connection);
        await turn.ExecuteNonQueryAsync(cancellationToken);
        foreach (var (other, version) in await OthersAsync(connection, id, cancellationToken))
            if (await services.FindAsync(other, version, cancellationToken) is { } designed && designed.Service.NumberCode == code)
                throw Taken(activity.Node.Id, code, other, designed.Service.Zh);
    }

    private static async Task<List<(string Service, string Version)>> OthersAsync(NpgsqlConnection connection, string id, CancellationToken cancellationToken)
    {
        // The last version says what a service is; what isn't one needn't be compiled.
        await using var command = new NpgsqlCommand("""
            select l.definition_id, l.id from (
                select distinct on (d.definition_id) d.definition_id, d.id, d.document from engine.definitions d
                where d.published_at is not null and d.definition_id <> $1 order by d.definition_id, d.is_published desc, d.version desc) l
            where position(convert_to($2, 'UTF8') in l.document) > 0
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Filing.TypeName });
        var others = new List<(string, string)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            others.Add((reader.GetString(0), reader.GetString(1)));
        return others;
    }

    private static WorkflowException Taken(string activity, string code, string service, string name)
    {
        var (message, zh) = ($"The number code '{code}' is the one of the service '{service}': give this service another.", $"编号代码“{code}”已用于“{name}”，请更换。");
        return new WorkflowException(ErrorCodes.InvalidDefinition, message, zh)
        { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ValidationMessage(activity, "number_code_taken", message, zh) } } };
    }
}
