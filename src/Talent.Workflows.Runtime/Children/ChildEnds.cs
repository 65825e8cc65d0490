using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Runtime.Children;

/// <summary>
/// Tells a parent that a child has ended. A bookmark that waits for several is resumed by the last of them; what the others
/// report is kept as rows until then. A bookmark is resumed once at most, so a repetition does no harm.
/// </summary>
internal sealed class ChildEnds(WorkflowRuntime runtime, NpgsqlDataSource database) : IOutboxHandler
{
    public const string MessageKind = "child-end";

    public string Kind => MessageKind;

    public static byte[] Write(ChildEndedEffect effect) =>
        JsonSerializer.SerializeToUtf8Bytes(new Report(effect.Parent, effect.End, effect.Output), JsonSerializerOptions.Web);

    public Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var report = JsonSerializer.Deserialize<Report>(message.Payload, JsonSerializerOptions.Web)!;
        return ReportAsync(report.Parent, new ChildResult(message.InstanceId, report.End, JsonSerializer.SerializeToElement(report.Output)), message.CreatedAt, cancellationToken);
    }

    /// <param name="at">Business clock.</param>
    public async Task<OutboxResult> ReportAsync(ParentWait parent, ChildResult own, DateTimeOffset at, CancellationToken cancellationToken)
    {
        IReadOnlyList<ChildResult> ended = [own];
        if (parent.Awaited > 1)
        {
            await KeepAsync(parent, own, at, cancellationToken);
            // After the commit of the own row: of two that end at once, at least one sees both.
            if (await CountAsync(parent, cancellationToken) < parent.Awaited)
                return OutboxResult.Ok;
            ended = await ReadAsync(parent, cancellationToken);
        }
        try
        {
            await runtime.ApplyAsync(new StepRequest
            {
                InstanceId = parent.InstanceId,
                Stimulus = new Stimulus.Resume(parent.BookmarkId!.Value, ChildResults.Write(ended)),
                Actor = Actor.System,
            }, cancellationToken);
        }
        catch (WorkflowException e) when (e.Code is ErrorCodes.NotFound)
        {
            // The parent was deleted: nobody waits any more.
        }
        catch (WorkflowException e) when (!e.IsHalted && e.Code is not (ErrorCodes.Busy or ErrorCodes.Unavailable))
        {
            return new OutboxResult.Dead(e.Message);
        }
        if (parent.Awaited > 1)
            await ForgetAsync(parent, cancellationToken);
        return OutboxResult.Ok;
    }

    private async Task KeepAsync(ParentWait parent, ChildResult child, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("insert into engine.children (bookmark_id, child_id, place, sub_status, output, at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = parent.BookmarkId!.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = child.Instance });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = parent.Place });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)child.End });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bytea, Value = JsonSerializer.SerializeToUtf8Bytes(child.Output) });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = at });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<long> CountAsync(ParentWait parent, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select count(*) from engine.children where bookmark_id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = parent.BookmarkId!.Value });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<List<ChildResult>> ReadAsync(ParentWait parent, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select child_id, sub_status, output from engine.children where bookmark_id = $1 order by place");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = parent.BookmarkId!.Value });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var children = new List<ChildResult>(parent.Awaited);
        while (await reader.ReadAsync(cancellationToken))
            children.Add(new ChildResult(reader.GetGuid(0), (WorkflowSubStatus)reader.GetInt16(1), JsonElement.Parse(reader.GetFieldValue<byte[]>(2))));
        return children;
    }

    private async Task ForgetAsync(ParentWait parent, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("delete from engine.children where bookmark_id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = parent.BookmarkId!.Value });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record Report(ParentWait Parent, WorkflowSubStatus End, IReadOnlyDictionary<string, JsonElement> Output);
}
