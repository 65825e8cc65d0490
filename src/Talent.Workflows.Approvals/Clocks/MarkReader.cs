using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>Lists marks for oversight: for the bureau's officers and for superiors, in the cases of their organisations.</summary>
public sealed class MarkReader(NpgsqlDataSource database, Cursors cursors)
{
    internal const string Select = """
        select m.id, m.case_id, c.number, c.service, m.limit_kind, m.colour, m.stage, m.stage_name, m.task_id, m.due_at, m.at
        from approvals.marks m join approvals.cases c on c.id = m.case_id
        """;

    private static readonly string Overseen = $"""
        {KeyLimits.Service("$2")} and ($1::text is null and $3::text[] is null and $4::text[] is null or exists (
            select from approvals.user_roles r where r.user_id = $1 and r.organisation_id in (c.employer_id, c.unit_id, c.bureau_id)
            and (r.role like 'bureau.%' or r.role like '%.superior' or r.role in (select s.superior from approvals.role_superiors s)) and {KeyLimits.Office("$3", "$4")}))
        """;

    /// <summary>The marks that the caller oversees, latest first.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: no such colour or limit, or not one of our cursors.</exception>
    public async Task<Page<MarkView>> ListAsync(Caller caller, string? colour, string? limitKind, string? service, string? cursor, int limit, CancellationToken cancellationToken)
    {
        if (colour is not (null or MarkColours.Yellow or MarkColours.Red) || limitKind is not null && !LimitKinds.All.Contains(limitKind))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Marks are yellow or red, of a stage or in total; not '{colour ?? limitKind}'.", "颜色只能是 yellow 或 red，期限只能是 stage 或 total。");
        limit = Math.Clamp(limit, 1, 200);
        var list = $"marks|{colour}|{limitKind}|{service}";
        var (at, after) = Position(cursors.Read(list, cursor));
        var rows = await database.QueryAsync($"""
            {Select} where {Overseen} and ($5::text is null or m.colour = $5) and ($6::text is null or m.limit_kind = $6) and ($7::text is null or c.service = $7)
                and ($8::timestamptz is null or (m.at, m.id) < ($8, $9))
            order by m.at desc, m.id desc limit $10
            """, Read, cancellationToken, caller.User, caller.Services.OrNull(), caller.Organisations.OrNull(), caller.Roles.OrNull(), colour, limitKind, service,
            at is { } instant ? instant : new Sql.Null(NpgsqlDbType.TimestampTz), after.OrNull(), limit + 1);
        return rows.Count <= limit ? new Page<MarkView>(rows, null)
            : new Page<MarkView>(rows[..limit], cursors.Write(list, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{rows[limit - 1].At.UtcTicks}_{rows[limit - 1].Id}")));
    }

    internal static MarkView Read(NpgsqlDataReader r) => new(r.GetGuid(0), r.GetGuid(1), r.Text(2), r.GetString(3), r.GetString(4),
        r.GetString(5) == MarkColours.Red ? new Worded(MarkColours.Red, "红牌", "red") : new Worded(MarkColours.Yellow, "黄牌", "yellow"),
        r.Text(6), r.Text(7), r.IsDBNull(8) ? null : r.GetGuid(8), r.GetFieldValue<DateTimeOffset>(9), r.GetFieldValue<DateTimeOffset>(10));

    private static (DateTimeOffset? At, Guid? Id) Position(string? cursor) => cursor?.Split('_') is [var ticks, var id]
        ? (new DateTimeOffset(long.Parse(ticks, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.Zero), Guid.Parse(id)) : (null, null);
}
