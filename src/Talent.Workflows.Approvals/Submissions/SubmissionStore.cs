using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>Changes lists, each in one transaction with its record, its messages and the answer to its idempotency key.</summary>
public sealed class SubmissionStore(NpgsqlDataSource database, WorkflowRuntime runtime, CommandRecords records, BusinessClock clock)
{
    /// <summary>Who forms the lists of an office, as SQL over a row that has service, role and organisation: its role's holders there, as far as the credential goes ($1 to $4).</summary>
    internal static string Forms(string row) => $"""
        (($2::text[] is null or {row}.service = any($2)) and exists (select from approvals.user_roles r join approvals.users u on u.id = r.user_id and u.active
            where r.user_id = $1 and r.role = {row}.role and r.organisation_id = {row}.organisation_id and {KeyLimits.Office("$3", "$4")}))
        """;

    /// <summary>The parameters of <see cref="Forms"/>, and then others.</summary>
    internal static object?[] With(Caller caller, params object?[] more) =>
        [caller.RequireUser(), caller.Services.OrNull(), caller.Organisations.OrNull(), caller.Roles.OrNull(), .. more];

    internal static WorkflowException NotFound(Guid id) => new(ErrorCodes.NotFound, $"There is no list {id} of an office of yours. Check the id.", "没有该名单，或不属于您所在单位。");

    /// <summary>Does something to lists, or finds what the same request did before.</summary>
    /// <param name="subject">What the answer is about.</param>
    internal async Task<T> ChangeAsync<T>(Caller caller, Idempotency? idempotency, Func<SubmissionSession, Task<T>> change, Func<T, Guid> subject, CancellationToken cancellationToken)
    {
        if (await AnsweredAsync<T>(idempotency, cancellationToken) is (true, var before))
            return before!;
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var session = new SubmissionSession(connection, caller, clock.Now, records);
            var answer = await change(session);
            if (idempotency is not null)
                await records.AnswerAsync(connection, idempotency, subject(answer), answer, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            if (session.LeavesMessages)
                records.Committed();
            return answer;
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: CommandRecords.KeyConstraint })
        {
            // The same request, sent twice at the same instant.
            return (await AnsweredAsync<T>(idempotency, cancellationToken)).Answer ?? throw new InvalidOperationException("An answer that is there can't be read.", e);
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "submission_cases_listed" })
        {
            throw new WorkflowException(ErrorCodes.Conflict, "One of the cases is on another list already: nobody is on two at once. Read the candidates again.", "其中有业务已列入其他名单，请刷新后重试。", e);
        }
    }

    private async Task<(bool Found, T? Answer)> AnsweredAsync<T>(Idempotency? idempotency, CancellationToken cancellationToken) =>
        await runtime.FindAnswerAsync(idempotency, cancellationToken) is { ReceiptAnswer: { } answer } ? (true, JsonSerializer.Deserialize<T>(answer, JsonSerializerOptions.Web)) : (false, default);
}

/// <summary>One transaction on lists, of one caller.</summary>
internal sealed class SubmissionSession(NpgsqlConnection connection, Caller caller, DateTimeOffset now, CommandRecords records)
{
    public Caller Caller => caller;

    public string User => caller.RequireUser();

    public DateTimeOffset Now => now;

    public bool LeavesMessages { get; private set; }

    public async Task<List<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object?[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in parameters)
            command.Parameters.Add(Sql.Parameter(value));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    public Task ExecuteAsync(string sql, CancellationToken cancellationToken, params object?[] parameters) => QueryAsync(sql, _ => 0, cancellationToken, parameters);

    /// <summary>Locks a list until the end of the transaction: its changes come one after the other.</summary>
    /// <param name="ifVersion">The version that the caller has seen; null: whatever it is.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>precondition_failed</c>.</exception>
    public async Task<SubmissionRow> LockAsync(Guid id, long? ifVersion, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync($"""
            select s.id, s.version, s.service, s.organisation_id, s.role, s.title, s.sealed_at, s.number, {SubmissionStore.Forms("s")} from approvals.submissions s where s.id = $5 for update of s
            """, r => (Row: new SubmissionRow(r.GetGuid(0), r.GetInt32(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetString(5), r.Instant(6), r.Text(7)), Forms: r.GetBoolean(8)),
            cancellationToken, SubmissionStore.With(caller, id));
        if (rows is not [{ Forms: true, Row: var row }])
            throw SubmissionStore.NotFound(id);
        return ifVersion is null || ifVersion == row.Version ? row : throw new WorkflowException(ErrorCodes.PreconditionFailed,
            $"List {id} has changed: it is at version {row.Version}, not {ifVersion}. Read it again.", "名单已发生变化，请刷新后重试。") { Facts = new Dictionary<string, object?> { ["version"] = row.Version } };
    }

    /// <exception cref="WorkflowException"><c>wrong_state</c>: it is sealed.</exception>
    public static void RequireDraft(SubmissionRow row)
    {
        if (row.Number is not null)
            throw new WorkflowException(ErrorCodes.WrongState, $"List {row.Id} was sealed as {row.Number} at {row.SealedAt:O} and isn't changed any more. Return a case with a reason to take it off.", $"名单已封存（{row.Number}），不能再修改；如需取消某人，请按退回办理。");
    }

    /// <summary>Enters a change in the list's record. Ids, numbers and hashes only.</summary>
    public Task NoteAsync(Guid id, string action, object details, CancellationToken cancellationToken) => ExecuteAsync(
        "insert into approvals.submission_changes (submission_id, at, credential, user_id, action, details) values ($1, $2, $3, $4, $5, $6::jsonb)", cancellationToken,
        id, now, caller.Credential, User, action, JsonSerializer.Serialize(details, JsonSerializerOptions.Web));

    /// <summary>Leaves messages to the cases of a list.</summary>
    public Task TellAsync(IEnumerable<CommandMessage> messages, CancellationToken cancellationToken)
    {
        LeavesMessages = true;
        return records.LeaveAsync(connection, SubmissionDelivery.WorkKind, [.. messages], cancellationToken);
    }
}

/// <summary>A list as its row says.</summary>
/// <param name="Number">Null: a draft.</param>
internal sealed record SubmissionRow(Guid Id, int Version, string Service, string OrganisationId, string Role, string Title, DateTimeOffset? SealedAt, string? Number);
