using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Notices;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>Notices without the cases they are of.</summary>
internal static class NoticeRows
{
    /// <summary>A notice that is open, of a case whose workflow is over.</summary>
    public static async Task<(Guid Id, string Path)> PostAsync(RunningServer server, Guid id)
    {
        var now = TimeProvider.System.GetUtcNow();
        var notice = PublicNotice.Post(NoticeContent.Of("评审结果公示", [new NoticeField("姓名", NoticeFieldKind.Name, "李示例")]), new NoticeRule { Workdays = 5 }, now, WorkCalendar.Of([]));
        await using var command = server.Database.DataSource.CreateCommand("""
            insert into approvals.notices (id, case_id, opened_at, closes_at, stage, number, content_hash, notice) values ($1, gen_random_uuid(), $2, $3, 'notice', $5, '00', $4::jsonb)
            """);
        foreach (var value in (object[])[id, now, notice.ClosesAt, JsonSerializer.Serialize(notice, JsonSerializerOptions.Web), $"公〔2026〕{id}号"])
            command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync();
        return (id, $"/api/v1/notices/{id}");
    }
}
