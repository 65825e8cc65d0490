using Npgsql;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>Serials that count up within a series and a year. One that is given and then not used leaves a gap.</summary>
internal static class NoticeSerials
{
    public static async Task<int> NextAsync(NpgsqlDataSource database, string series, int year, CancellationToken cancellationToken) => (await database.QueryAsync("""
        insert into approvals.notice_serials as s (series, year, last) values ($1, $2, 1)
        on conflict (series, year) do update set last = s.last + 1 returning s.last
        """, r => r.GetInt32(0), cancellationToken, series, (short)year))[0];
}
