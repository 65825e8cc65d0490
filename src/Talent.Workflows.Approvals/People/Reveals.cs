using System.Globalization;
using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.People;

/// <summary>
/// Shows numbers and addresses of a person in full: to themselves, and to holders of the role <c>people.reveal</c> for whom they reach,
/// with a reason, and never without a record of who, when, which fields and why (R-AUD-2).
/// </summary>
public sealed class Reveals(NpgsqlDataSource database, PersonStore store, PersonReader reader, DataKeys keys, Cursors cursors, BusinessClock clock)
{
    /// <summary>Most fields of one request.</summary>
    public const int MostFields = 20;

    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;
    private static readonly string[] Identity = ["residentId", "phone", "email"];

    /// <exception cref="WorkflowException"><c>not_found</c>: no such person for the caller; <c>forbidden</c>: the caller may see them, but masked; <c>invalid_request</c>: no user, no reason, or a field that isn't one.</exception>
    public async Task<Revealed> RevealAsync(Caller caller, Guid id, RevealRequest request, CancellationToken cancellationToken)
    {
        caller.RequireUser();
        CaseReader.RequireActing(caller);
        var form = reader.Form;
        var reason = ReadReason.Of(request.Reason);
        if (reason is null || reason.Replace("*", "", StringComparison.Ordinal).Trim().Length < 2)
            throw Invalid("reason", $"请说明查看原因（2 至 {ReadReason.Longest} 字，不含号码）", $"say why, in 2 to {ReadReason.Longest} characters without numbers");
        if (request.Fields.Any(f => f is null))
            throw Invalid("fields", "不能为空", "no field is null");
        var fields = request.Fields.Distinct(StringComparer.Ordinal).ToArray();
        if (fields.Length is 0 or > MostFields)
            throw Invalid("fields", $"须为 1 至 {MostFields} 项", $"1 to {MostFields} fields");
        if (fields.FirstOrDefault(f => !Identity.Contains(f) && (form.Form.Field(f) is not { } field || !IsMasked(field))) is { } unknown)
            throw Invalid("fields", "含有不存在或并未脱敏的字段", $"'{(unknown.Length > 40 ? unknown[..40] : unknown)}' is no field that is masked");
        if (await store.FindAsync(caller, id, PersonReach.Reveals, cancellationToken) is not { } found)
            throw await store.FindAsync(caller, id, PersonReach.AnyOffice, cancellationToken) is null ? PersonReader.NotFound(id)
                : new WorkflowException(ErrorCodes.Forbidden, $"'{caller.User}' doesn't hold the role '{PersonReach.RevealRole}' for this person: numbers stay masked.", "您没有查看完整个人信息的权限。");

        var ring = await keys.RingAsync(found.KeyId, cancellationToken);
        var (steps, _) = await reader.OpenAsync(found, cancellationToken);
        var shown = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var field in fields)
            if (Value(field) is { } value)
                shown[field] = value;
        // Entered before it is answered: what can't be recorded isn't shown.
        await database.QueryAsync("""
            insert into approvals.data_reads (at, person_id, credential, user_id, fields, purpose, reason) values ($1, $2, $3, $4, $5, 'reveal', $6) returning 1
            """, r => r.GetInt32(0), cancellationToken, clock.Now, id, caller.Credential, caller.User, fields, reason);
        return new Revealed(id, shown);

        JsonElement? Value(string field) => field switch
        {
            "residentId" => Text(found.Row.OpenResidentId(ring)),
            "phone" => Text(found.Row.OpenPhone(ring)),
            "email" => Text(found.Row.OpenEmail(ring)),
            _ => steps.TryGetValue(form.StepOf(field), out var data) && data.TryGetProperty(field, out var value) ? value : null,
        };
    }

    /// <summary>Who read whose data in full and why, newest first. For administrators.</summary>
    /// <exception cref="WorkflowException"><c>forbidden</c>, <c>invalid_request</c>.</exception>
    public async Task<Page<DataRead>> ListAsync(Caller caller, Guid? person, Guid? caseId, string? user, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        caller.RequireAdministrator();
        var size = limit is null ? DefaultLimit : limit is >= 1 and <= MaxLimit ? limit.Value : throw Invalid("limit", $"须为 1 至 {MaxLimit}", $"1 to {MaxLimit}");
        var list = $"data-reads|{person}|{caseId}|{user}";
        long? before = cursors.Read(list, cursor) is { } position ? long.Parse(position, CultureInfo.InvariantCulture) : null;
        var rows = await database.QueryAsync("""
            select id, at, case_id, person_id, credential, user_id, fields, purpose, reason from approvals.data_reads
            where ($1::uuid is null or person_id = $1) and ($2::uuid is null or case_id = $2) and ($3::text is null or user_id = $3) and ($4::bigint is null or id < $4)
            order by id desc limit $5
            """, Read, cancellationToken, person.OrNull(), caseId.OrNull(), user, before.OrNull(), size);
        return new Page<DataRead>(rows, cursors.Write(list, rows.Count == size ? rows[^1].Id.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static DataRead Read(NpgsqlDataReader r) => new(r.GetInt64(0), r.GetFieldValue<DateTimeOffset>(1), r.IsDBNull(2) ? null : r.GetGuid(2), r.IsDBNull(3) ? null : r.GetGuid(3),
        r.GetString(4), r.Text(5), r.GetFieldValue<string[]>(6), r.GetString(7), r.Text(8));

    private static JsonElement? Text(string? value) => value is null ? null : JsonSerializer.SerializeToElement(value);

    private static bool IsMasked(FormField field) => field.IsDocumentNumber || field.Type is FieldType.Phone or FieldType.Email || field.Fields?.Any(IsMasked) == true;

    private static WorkflowException Invalid(string path, string zh, string en) => new(ErrorCodes.InvalidRequest, $"The request can't be answered: {en}.", $"请求有误：{zh}。")
    { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ProblemError(path, "invalid_value", zh, en) } } };
}
