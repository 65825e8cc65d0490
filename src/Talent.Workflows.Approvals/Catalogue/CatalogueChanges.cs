using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>One change of a round, a bar, a closure or a document (R-ADM-3).</summary>
/// <param name="Subject"><c>round</c>, <c>bar</c>, <c>closure</c> or <c>document</c>.</param>
/// <param name="User">Null: a file.</param>
/// <param name="Content">What it was from then on.</param>
public sealed record CatalogueChange(DateTimeOffset At, string Credential, string? User, string Subject, string Id, long Version, string Reason, JsonElement Content);

/// <summary>How rows of the catalogue change: only as they were read, and each change is kept with who, when and why.</summary>
internal static class CatalogueChanges
{
    public const string Round = "round", Bar = "bar", Closure = "closure", Document = "document";

    /// <summary>Longest reason, and longest text of the other fields, in characters.</summary>
    public const int Longest = 500;

    // A version that was there meanwhile violates it.
    private const string Taken = "catalogue_changes_subject_subject_id_version_key";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a row's next version with its record, in one transaction.</summary>
    /// <param name="version">Of the row as it is; 0: there is none.</param>
    /// <param name="ifVersion">Of the row as the caller has read it; null: they say that there is none.</param>
    /// <exception cref="WorkflowException"><c>precondition_required</c>, <c>precondition_failed</c>.</exception>
    public static async Task<long> WriteAsync(NpgsqlDataSource database, Actor actor, DateTimeOffset now, string subject, string id, long version, long? ifVersion, string reason, object content,
        string sql, object?[] values, CancellationToken cancellationToken)
    {
        if (version > 0 && ifVersion is null)
            throw new WorkflowException(ErrorCodes.PreconditionRequired, $"The {subject} '{id}' is there already, at version {version}. Read it, and send its ETag as If-Match.", "该记录已存在，修改时请在 If-Match 中提供读取时的 ETag。");
        if ((ifVersion ?? 0) != version)
            throw Stale(subject, id);
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var batch = new NpgsqlBatch(connection);
            Add(batch, "insert into approvals.catalogue_changes (at, credential, user_id, subject, subject_id, version, reason, content) values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)",
                now, actor.Credential, actor.User, subject, id, version + 1, reason, JsonSerializer.Serialize(content, Json));
            Add(batch, sql, [.. values, version + 1]);
            await batch.ExecuteNonQueryAsync(cancellationToken);
            return version + 1;
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: Taken })
        {
            throw Stale(subject, id);
        }
    }

    public static Task<List<CatalogueChange>> ReadAsync(NpgsqlDataSource database, string subject, string id, CancellationToken cancellationToken) => database.QueryAsync(
        "select at, credential, user_id, subject, subject_id, version, reason, content::text from approvals.catalogue_changes where subject = $1 and subject_id = $2 order by version desc limit 200",
        r => new CatalogueChange(r.GetFieldValue<DateTimeOffset>(0), r.GetString(1), r.Text(2), r.GetString(3), r.GetString(4), r.GetInt64(5), r.GetString(6), JsonDocument.Parse(r.GetString(7)).RootElement),
        cancellationToken, subject, id);

    /// <exception cref="WorkflowException"><c>invalid_request</c> with the errors.</exception>
    public static void Require(params IReadOnlyList<ProblemError?> found)
    {
        ProblemError[] errors = [.. found.OfType<ProblemError>()];
        if (errors.Length > 0)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"There are {errors.Length} errors, the first at '{errors[0].Path}': {errors[0].MessageEn}.", $"有 {errors.Length} 处填写有误：{errors[0].Message}。")
            { Facts = new Dictionary<string, object?> { ["errors"] = errors } };
    }

    /// <summary>A text that has to be there and be kept.</summary>
    public static ProblemError? Text(string path, string? text, int longest = Longest) => string.IsNullOrWhiteSpace(text) || text.Length > longest || text.Contains('\0')
        ? Error(path, $"须为 1 至 {longest} 个字", $"it takes 1 to {longest} characters") : null;

    public static ProblemError Error(string path, string zh, string en) => new(path, "invalid_value", zh, en);

    private static WorkflowException Stale(string subject, string id) => new(ErrorCodes.PreconditionFailed, $"The {subject} '{id}' isn't at that version. Read it again.", "该记录已更新，请刷新后重试。");

    private static void Add(NpgsqlBatch batch, string sql, params object?[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(Sql.Parameter(value));
        batch.BatchCommands.Add(command);
    }
}
