using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>A file to send on.</summary>
public sealed record SubmissionFile(byte[] Content, string MediaType, string Name);

/// <summary>Sealed lists as files. Masked, unless who reads them asks for them in full: that is recorded for each case before it is answered (R-AUD-2).</summary>
/// <remarks>Source: R-REV-10, R-INT-6. In full only for the office that sends it; every file says the checksum of what was sealed.</remarks>
public sealed class SubmissionExport(NpgsqlDataSource database, DataKeys keys, BusinessClock clock)
{
    private const string Spreadsheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    /// <param name="format"><c>json</c> or <c>xlsx</c>.</param>
    /// <param name="reason">Why it is read in full, in the reader's words.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>; <c>wrong_state</c>: a draft; <c>invalid_request</c>: no such format.</exception>
    public async Task<SubmissionFile> ReadAsync(Caller caller, Guid id, string? format, bool full, string? reason, CancellationToken cancellationToken)
    {
        if (format is not ("json" or "xlsx"))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"'{format}' is no format of a list. Use json or xlsx.", "导出格式须为 json 或 xlsx。");
        var row = await database.SingleAsync($"select s.content, s.checksum, s.content_sealed, s.key_id from approvals.submissions s where s.id = $5 and {SubmissionStore.Forms("s")}", r => new Row(r.Text(0), r.Text(1), r.IsDBNull(2) ? null : r.GetFieldValue<byte[]>(2), r.IsDBNull(3) ? 0 : r.GetInt32(3)), cancellationToken, SubmissionStore.With(caller, id))
            ?? throw SubmissionStore.NotFound(id);
        var text = row.Sealed is null ? row.Content : SealedContent.Open(await keys.OpeningAsync(row.KeyId, cancellationToken), id, row.Sealed, row.Checksum!);
        if (text is null)
            throw new WorkflowException(ErrorCodes.WrongState, $"List {id} is a draft: seal it first.", "名单尚未封存，不能导出。");
        var content = SubmissionContent.Read(text);
        if (full)
            await RecordAsync(caller, content, reason, cancellationToken);
        else
            content = content.Masked();
        var bytes = format == "xlsx" ? Workbook(content, row.Checksum!, full) : Json(content, row.Checksum!, full);
        return new SubmissionFile(bytes, format == "xlsx" ? Spreadsheet : "application/json", MaterialFileName.For(content.Office.Name, content.Number, full ? content.Title : $"{content.Title}（脱敏）", format));
    }

    /// <summary>What isn't shown in full stays as the checksum covers it only in a file in full: its <c>content</c>, in canonical JSON.</summary>
    private static byte[] Json(SubmissionContent content, string checksum, bool full) =>
        Encoding.UTF8.GetBytes(new JsonObject { ["sha256"] = checksum, ["masked"] = !full, ["content"] = JsonNode.Parse(content.Text()) }.ToJsonString());

    private static byte[] Workbook(SubmissionContent content, string checksum, bool full)
    {
        string?[][] head =
        [
            [content.Title],
            [$"编号：{content.Number}", $"报送单位：{content.Office.Name}", $"事项：{content.Service.Name}", $"封存时间：{Calendars.ChinaTime.ToLocal(content.SealedAt):yyyy-MM-dd HH:mm}", full ? null : "（已脱敏）"],
            [$"SHA-256：{checksum}"],
            ["序号", .. content.Columns.Select(c => c.Label)],
        ];
        return Submissions.Workbook.Write("名单", [.. head, .. content.Cases.Select(c => (string?[])[c.Place.ToString(System.Globalization.CultureInfo.InvariantCulture), .. c.Values])]);
    }

    private async Task RecordAsync(Caller caller, SubmissionContent content, string? reason, CancellationToken cancellationToken)
    {
        // A list that identifies nobody beyond the name shows nothing that a masked one doesn't.
        string[] fields = [.. content.Columns.Where(c => c.Kind is NoticeFieldKind.ResidentId or NoticeFieldKind.Phone or NoticeFieldKind.Email or NoticeFieldKind.Text).Select(c => $"submission.{c.Label}")];
        await database.QueryAsync("""
            insert into approvals.data_reads (at, case_id, credential, user_id, fields, purpose, reason) select $1, c.id, $3, $4, $5, 'submission.export', $6 from unnest($2) c(id) returning 1
            """, r => r.GetInt32(0), cancellationToken, clock.Now, content.Cases.Select(c => c.CaseId).ToArray(), caller.Credential, caller.User, fields, ReadReason.Of(reason));
    }

    private sealed record Row(string? Content, string? Checksum, byte[]? Sealed, int KeyId);
}
