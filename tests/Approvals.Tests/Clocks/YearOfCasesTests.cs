using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Npgsql;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Panels;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Tests.Clocks;

/// <summary>
/// A year of cases of the shipped service side by side on a real database: filed on any day, decided soon, late or never,
/// returned and corrected, voted on and noticed. What the product keeps of their time is held against a count from the audit
/// alone. 25 cases a year, and 300 with TALENT_TEST_FULL=1; TALENT_TEST_SEED picks another seed.
/// </summary>
public sealed class YearOfCasesTests
{
    private const int TotalDays = 12;
    private static readonly int Count = Environment.GetEnvironmentVariable("TALENT_TEST_FULL") == "1" ? 300 : 25;
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("TALENT_TEST_SEED") ?? "20260101", CultureInfo.InvariantCulture);

    /// <summary>While a case has one of these, it lies with its applicant, the experts or the public, and the law's clock stands still.</summary>
    private static readonly HashSet<string> Stopping = ["supplement", "materials", "panel", "notice"];

    [Theory]
    [InlineData(2024)]
    [InlineData(2025)]
    [InlineData(2026)]
    public async Task Year_WhenItsCasesHaveRun_ThenTheirTimesAreWhatTheAuditTells_R_REV_4_R_REV_5_R_AUD_1(int year)
    {
        await using var desk = await CaseDesk.OpenAsync(PanelDesk.ShippedDefinition, folder =>
        {
            var file = Path.Combine(folder, "service.json");
            var service = JsonNode.Parse(File.ReadAllText(file))!;
            service["totalLimit"] = $"{TotalDays}wd+10wd";
            service["clock"]!["marks"] = new JsonObject { ["yellow"] = "80%" };
            File.WriteAllText(file, service.ToJsonString());
        }, at: $"{year}-01-02 09:00");
        var about = $"year {year}, seed {Seed}";

        await new Year(desk, new Random(unchecked((Seed * 31) + year))).RunAsync(year == 2026 ? 200 : 360);

        Assert.Equal((0L, 0L, (long)Count), (
            await desk.Scalar<long>("select count(*) from engine.outbox_failed"), await desk.Scalar<long>("select count(*) from approvals.tasks where status < 2"),
            await desk.Scalar<long>("select count(*) from approvals.cases where ended_at is not null")));
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole, about);
        await CheckDeadlinesAsync(desk, about);
        await CheckTotalsAsync(desk, about);
    }

    /// <summary>No deadline ends on a day off, and nothing that a deadline brings about comes before it.</summary>
    private static async Task CheckDeadlinesAsync(CaseDesk desk, string about)
    {
        var tasks = await desk.Rows("select t.stage, t.due_at, t.decided_at, t.reason, t.decided_by from approvals.tasks t where t.due_at is not null",
            r => (Stage: r.GetString(0), Due: r.GetFieldValue<DateTimeOffset>(1), ClosedAt: Instant(r, 2), Reason: Text(r, 3)));
        Assert.All(tasks, t => Assert.True(Recount.Works(Recount.Day(t.Due.AddTicks(-1))), $"{about}: {t.Stage} is due on a day off, {t.Due:O}"));
        var lapsed = tasks.FindAll(t => t.Reason == "lapsed");
        Assert.All(lapsed, t => Assert.True(t.ClosedAt >= t.Due, $"{about}: {t.Stage} lapsed {t.ClosedAt:O}, before {t.Due:O}"));
        Assert.NotEmpty(lapsed);
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.marks where colour = 'red' and at < due_at"));
        Assert.True(await desk.Scalar<long>("select count(*) from approvals.marks where task_id is not null") > Count / 4, about);
    }

    /// <summary>Each case's limit, its mark, and what was decided how often, from the audit's rows alone.</summary>
    private static async Task CheckTotalsAsync(CaseDesk desk, string about)
    {
        var rows = (await desk.Rows("select a.case_id, a.at, a.action, a.stage, a.to_status, a.details from approvals.audit a join approvals.cases c on c.id = a.case_id order by a.case_id, a.seq",
            r => (Case: r.GetGuid(0), At: r.GetFieldValue<DateTimeOffset>(1), Action: r.GetString(2), Stage: Text(r, 3), Status: Text(r, 4), Details: Text(r, 5)))).ToLookup(r => r.Case);
        var kept = await desk.Rows("""
            select k.case_id, k.due_at, k.ended_at, (select count(*)::int from approvals.marks m where m.case_id = k.case_id and m.limit_kind = 'total' and m.colour = 'red'),
                (select coalesce(string_agg(d.stage || ' ' || d.outcome || ' ' || d.n, ', ' order by d.stage, d.outcome), '') from (
                    select t.stage, t.outcome, count(*) as n from approvals.tasks t where t.case_id = k.case_id and t.kind = 'review' and t.status = 2 group by 1, 2) d)
            from approvals.case_clocks k
            """, r => (Case: r.GetGuid(0), Due: Instant(r, 1), Ended: Instant(r, 2), Red: r.GetInt32(3), Decided: r.GetString(4)));
        Assert.Equal(Count, kept.Count);
        var (late, otherwise) = (0, new List<string>());
        foreach (var (id, due, ended, red, decided) in kept)
        {
            var of = rows[id].ToList();
            var filed = of.Single(r => r.Action == "case.submitted");
            var stood = Stood(of.SkipWhile(r => r.Action != "case.submitted").Select(r => (r.At, r.Status))).ToList();
            var counted = Recount.End(filed.At, TotalDays, stood);
            if (counted != due)
            {
                otherwise.Add($"{about}: case {id} was due {due:O}, by the audit {counted:O}\n{string.Join('\n', of.Select(r => $"{r.At:O} {r.Action} {r.Stage} {r.Status}"))}\nstood:\n{string.Join('\n', stood.Select(p => $"{p.From:O} {p.To:O}"))}\nledger:\n{await LedgerAsync(desk, id)}");
                continue;
            }
            Assert.Equal(of[^1].At, ended);
            Assert.True((counted <= ended ? 1 : 0) == red, $"{about}: case {id} ended {ended:O}, was due {counted:O} and has {red} red marks");
            late += red;
            var decisions = of.Where(r => r.Action == "task.decided" && r.Stage != "panel").Select(r => (r.Stage, Outcome: JsonDocument.Parse(r.Details!).RootElement.GetProperty("outcome").GetString()))
                .GroupBy(d => d).OrderBy(g => g.Key.Stage, StringComparer.Ordinal).ThenBy(g => g.Key.Outcome, StringComparer.Ordinal).Select(g => $"{g.Key.Stage} {g.Key.Outcome} {g.Count()}");
            Assert.Equal(decided, string.Join(", ", decisions));
        }
        Assert.True(otherwise.Count == 0, string.Join('\n', otherwise));
        // Otherwise it would have shown nothing.
        Assert.True(late > 0 && late < Count, $"{about}: {late} of {Count} were late");
    }

    private static Task<string> LedgerAsync(CaseDesk desk, Guid id) => desk.Scalar<string>($"""
        select coalesce(string_agg(p.ground || ' ' || p.paused_at::text || ' ' || coalesce(p.resumed_at::text, ''), E'\\n' order by p.paused_at), '') from approvals.clock_pauses p where p.case_id = '{id}' and 'total' = any(p.limits)
        """);

    private static IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Stood(IEnumerable<(DateTimeOffset At, string? Status)> rows)
    {
        DateTimeOffset? since = null;
        foreach (var (at, status) in rows)
            if (Stopping.Contains(status ?? ""))
                since ??= at;
            else if (since is { } from)
            {
                yield return (from, at);
                since = null;
            }
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset? Instant(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);

    /// <summary>Who does what when.</summary>
    private sealed class Year(CaseDesk desk, Random random)
    {
        private readonly Dictionary<Guid, FiledCase> filed = [];
        private readonly Dictionary<Guid, DateTimeOffset> acts = [];
        private int owed;
        private int given;

        public async Task RunAsync(int days)
        {
            var sample = desk.Li with { Phase1 = Earlier(desk.Li.Phase1), Phase2 = Earlier(desk.Li.Phase2!.Value) };
            var arrivals = new Queue<DateTimeOffset>(Enumerable.Range(0, Count).Select(_ => desk.Now.AddMinutes(random.Next(days * 24 * 60))).Order());
            while (arrivals.Count > 0 || await desk.Scalar<long>("select count(*) from approvals.cases where ended_at is null") > 0)
            {
                var next = desk.Now.AddMinutes(random.Next(6 * 60, 30 * 60));
                await desk.Get<ClockControl>().AdvanceToAsync(next, default);
                await desk.Get<ClockWatch>().RunDueAsync(default);
                for (; arrivals.TryPeek(out var at) && at <= desk.Now; arrivals.Dequeue())
                {
                    var one = await desk.SubmittedAsync(sample);
                    filed.Add(one.Id, one);
                }
                foreach (var task in await OpenAsync())
                    if (Acts(task) <= desk.Now)
                        await ActAsync(task);
                await PanelDesk.DeliverAsync(desk);
            }
        }

        /// <summary>What the sample tells of lies before every year that is played.</summary>
        private static JsonElement Earlier(JsonElement data) =>
            JsonSerializer.Deserialize<JsonElement>(Regex.Replace(data.GetRawText(), @"\b20(\d\d)(?=-\d\d)", year => (int.Parse(year.Value, CultureInfo.InvariantCulture) - 4).ToString(CultureInfo.InvariantCulture)));

        /// <summary>Mostly within a few days; every tenth far too late, and every ninth applicant never.</summary>
        private DateTimeOffset Acts(Open task)
        {
            if (acts.TryGetValue(task.Id, out var at))
                return at;
            if (task.Kind is TaskKinds.Supplement or TaskKinds.Materials)
                at = ++owed % 9 == 0 ? DateTimeOffset.MaxValue : Within(0, 4);
            else
                at = ++given % 10 == 0 ? Within(12, 20) : Within(0, 4);
            return acts[task.Id] = at;
        }

        private DateTimeOffset Within(int days, int most) => desk.Now.AddMinutes(random.Next(days * 24 * 60, most * 24 * 60));

        private int Rounds => desk.Content.Get(desk.Service).Service.Clock?.Corrections?.Rounds ?? int.MaxValue;

        private async Task ActAsync(Open task)
        {
            var one = filed[task.Case];
            switch (task.Kind)
            {
                case TaskKinds.Review:
                    var outcome = random.Next(100) switch { < 80 => "approve", < 97 => "return", _ => "reject" };
                    // After the rounds of correction that the service allows, it is decided on what is there.
                    if (outcome == "return" && await desk.Scalar<long>($"select count(*) from approvals.tasks where case_id = '{task.Case}' and phase = {task.Phase} and outcome = 'return'") >= Rounds)
                        outcome = "approve";
                    await desk.As(await WhoAsync(task)).Decide(task.Id, outcome, "经审核");
                    break;
                case TaskKinds.Supplement or TaskKinds.Materials:
                    await one.Supplement(task.Phase == 1 ? one.Sample.Phase1 : one.Sample.Phase2!.Value);
                    break;
                case TaskKinds.Ballot:
                    await desk.Get<PanelCommands>().CastAsync(desk.As(task.Assignee!).Caller, await PanelAsync(task.Case), random.Next(8) == 0 ? "fail" : "pass", default, null, null, default);
                    break;
                case TaskKinds.PanelVacancy:
                    await desk.Get<PanelCommands>().FillAsync(desk.As(PanelDesk.Secretary).Caller, await PanelAsync(task.Case), null, null, null, default);
                    break;
            }
        }

        private Task<List<Open>> OpenAsync() => desk.Rows("select t.id, t.case_id, t.kind, t.phase, coalesce(t.assignee, t.claimed_by) from approvals.tasks t where t.status < 2 order by t.opened_at, t.id",
            r => new Open(r.GetGuid(0), r.GetGuid(1), r.GetString(2), r.GetInt16(3), Text(r, 4)));

        private async Task<string> WhoAsync(Open task)
        {
            if (task.Assignee is { } named)
                return named;
            var able = await desk.Rows($"""
                select u.id from approvals.tasks t join approvals.user_roles r on r.role = t.role and r.organisation_id = t.organisation_id join approvals.users u on u.id = r.user_id
                where t.id = '{task.Id}' and u.active and not (u.id = any(t.excluded)) order by u.id
                """, r => r.GetString(0));
            return able[random.Next(able.Count)];
        }

        private Task<Guid> PanelAsync(Guid of) => desk.Scalar<Guid>($"select id from approvals.panels where case_id = '{of}' order by opened_at desc limit 1");

        private sealed record Open(Guid Id, Guid Case, string Kind, short Phase, string? Assignee);
    }
}
