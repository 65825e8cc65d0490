using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>Reads what a case is promised: its total limit with the pauses of its ledger. Who may read the case is checked beside it.</summary>
public sealed class PromiseReader(WorkCalendar country, BusinessClock clock)
{
    /// <summary>Adds the clock of a case to a snapshot.</summary>
    internal static Read Add(Snapshot snapshot, Guid id) => new(
        snapshot.Add("select k.filed_at, k.rule, k.extended, k.accept_by, k.accepted_at, k.ended_at, c.region, k.behind from approvals.case_clocks k join approvals.cases c on c.id = k.case_id where k.case_id = $1",
            r => new Row(r.GetFieldValue<DateTimeOffset>(0), r.Text(1), r.GetBoolean(2), r.Instant(3), r.Instant(4), r.Instant(5), r.GetString(6), r.GetFieldValue<string[]>(7)), id),
        snapshot.Add("select id, ground, limits, stage, paused_at, resumed_at, paused_by, document, reason from approvals.clock_pauses where case_id = $1 order by paused_at, id",
            r => new PauseView(r.GetGuid(0), new Worded(r.GetString(1), r.GetString(1), r.GetString(1)), r.GetFieldValue<string[]>(2), r.GetString(3), r.GetFieldValue<DateTimeOffset>(4), r.Instant(5), r.Text(6), r.Text(7), r.Text(8)), id));

    /// <summary>The promised date; null: the service promises none.</summary>
    internal PromiseView? Total(Row? row, IReadOnlyList<PauseView> pauses)
    {
        if (row?.Rule is null)
            return null;
        var stopped = pauses.Where(p => p.Limits.Contains(LimitKinds.Total)).Select(p => (new ClockPause(p.Id, p.From, p.To ?? row.EndedAt, p.Ground.Code), p.Ground)).ToList();
        return Promise.Explain(DeadlineRule.Parse(row.Rule), row.Extended, row.FiledAt, stopped, row.EndedAt ?? clock.Now, country.For(row.Region));
    }

    /// <summary>A ground as the service words it.</summary>
    /// <param name="package">Null: a service that is no more.</param>
    internal static Worded Ground(ServicePackage? package, string code) =>
        (package?.Service.Clock ?? new ServiceClock()).Ground(code) is { } ground ? new Worded(ground.Code, ground.Zh, ground.En) : new Worded(code, code, code);

    /// <summary>What a snapshot has of a case's clock, once it is read.</summary>
    internal sealed class Read(IReadOnlyList<Row> rows, IReadOnlyList<PauseView> pauses)
    {
        /// <summary>Null: the case has no clock as a whole.</summary>
        public Row? Row => rows.Count == 0 ? null : rows[0];

        /// <summary>The ledger, its grounds as the service words them.</summary>
        public IReadOnlyList<PauseView> Pauses(ServicePackage? package) => [.. pauses.Select(p => p with { Ground = Ground(package, p.Ground.Code) })];
    }

    /// <param name="Behind">What has fallen due, of <see cref="TotalEvents"/>.</param>
    internal sealed record Row(DateTimeOffset FiledAt, string? Rule, bool Extended, DateTimeOffset? AcceptBy, DateTimeOffset? AcceptedAt, DateTimeOffset? EndedAt, string Region, string[] Behind);
}
