using System.Globalization;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Submissions;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Tests.Clocks;

/// <summary>
/// The shipped services over the calendars of 2024 to 2026, on a clock of its own: people who act soon, late or never, return
/// and correct, vote and object. What the product computed is held against a count day by day from what it recorded.
/// 200 cases a year, and 2,000 with TALENT_TEST_FULL=1; TALENT_TEST_SEED picks another seed.
/// </summary>
public sealed class SimulationTests
{
    private static readonly int Count = Environment.GetEnvironmentVariable("TALENT_TEST_FULL") == "1" ? 2000 : 200;
    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("TALENT_TEST_SEED") ?? "20260101", CultureInfo.InvariantCulture);

    /// <summary>What people are told in office hours.</summary>
    private static readonly HashSet<string> Spoken = ["task.reminder", "task.overdue", "task.escalated", "task.reassigned", "mark.yellow", "mark.red"];

    [Theory]
    [InlineData(2024)]
    [InlineData(2025)]
    [InlineData(2026)]
    public void Simulation_WhenAYearOfCasesRuns_ThenNoDeadlineIsEarlyLostOrOnADayOff_R_REV_3_R_REV_4_R_REV_5(int year)
    {
        foreach (var folder in Directory.GetDirectories(ShippedContent.Workflows).Where(f => File.Exists(Path.Combine(f, "service.json"))).Order(StringComparer.Ordinal))
        {
            var service = ContentFile.Parse<ServiceDefinition>("service.json", File.ReadAllBytes(Path.Combine(folder, "service.json")));
            var workflow = ExecutableWorkflow.Compile(DefinitionReader.Read(File.ReadAllBytes(Path.Combine(folder, "definition.json"))), PoliticalWorkTitleDefinitionTests.Catalog);
            var (ended, marks, returns, limited, returnable) = (0, 0, 0, 0, 0);
            for (var i = 0; i < Count; i++)
            {
                var (random, about) = (new Random(HashCode(Seed, year, i)), $"{Path.GetFileName(folder)}, year {year}, case {i}, seed {Seed}");
                var desk = Play(service, workflow, random, year);
                Check(desk, about);
                ended += desk.State.Status == WorkflowStatus.Finished ? 1 : 0;
                marks += desk.Journal.Count(j => j.Effect is GiveMark);
                limited += desk.Journal.Any(j => j.Effect is OpenTask { Due: not null }) ? 1 : 0;
                returnable += desk.Journal.Any(j => j.Effect is OpenTask { Kind: TaskKinds.Review } open && open.Outcomes.Contains("return")) ? 1 : 0;
                returns += desk.Journal.Count(j => j.Effect is CloseTask { Outcome: "return" });
            }
            // Otherwise it would have shown nothing.
            Assert.True(ended > Count * 9 / 10 && marks >= limited / 20 && returns >= returnable / 10, $"{service.Id}: {ended} ended, {marks} marks, {returns} returns");
        }
    }

    private static EngineDesk Play(ServiceDefinition service, ExecutableWorkflow workflow, Random random, int year)
    {
        var filed = new DateTimeOffset(year, 1, 2, 0, 0, 0, ChinaTime.Offset).AddMinutes(random.Next(year == 2026 ? 180 * 24 * 60 : 360 * 24 * 60)).ToUniversalTime();
        var terms = new CaseTerms(filed, DeadlineRule.Parse($"{random.Next(20, 60)}wd+10wd"), new ServiceClock { Marks = new MarkRule { Yellow = random.Next(2) == 0 ? "80%" : "1wd before" } });
        var desk = new EngineDesk(workflow, filed, terms: terms, service: service);
        for (var step = 0; step < 200 && desk.State.Status != WorkflowStatus.Finished; step++)
        {
            // Mostly within a few days, now and then far too late.
            desk.AdvanceTo(desk.Now.AddMinutes(random.Next(10) == 0 ? random.Next(20 * 24 * 60) : random.Next(4 * 24 * 60)));
            Act(desk, random);
        }
        return desk;
    }

    private static void Act(EngineDesk desk, Random random)
    {
        if (desk.Asked is [var asked, ..])
        {
            var answers = desk.Answers(asked);
            desk.Resume(asked.Id, new { outcome = answers[random.Next(answers.Count)] });
            return;
        }
        if (desk.Open.Count == 0)
        {
            if (desk.NoticeCloses is { } closes && desk.Now < closes && random.Next(10) == 0)
                desk.Object();
            return;
        }
        var task = desk.Open[random.Next(desk.Open.Count)];
        switch (task.Kind)
        {
            case TaskKinds.Review:
                var outcome = random.Next(100) switch { < 78 => "approve", < 97 => "return", _ => "reject" };
                desk.Resume(task.Id, new { outcome = task.Outcomes.Contains(outcome) ? outcome : "approve", user = $"reviewer of {task.Stage}", hasOpinion = true, hasData = true });
                break;
            case TaskKinds.Supplement or TaskKinds.Materials:
                // Some let it lapse.
                if (random.Next(12) > 0)
                    desk.Supply();
                break;
            case TaskKinds.Ballot:
                desk.Vote([.. desk.Open.Where(t => t.Kind == TaskKinds.Ballot).Select(_ => random.Next(8) == 0 ? Vote.Fail : Vote.Pass)]);
                break;
            case TaskKinds.Submission:
                if (random.Next(10) == 0)
                    desk.Settle(SubmissionStates.Returned);
                else
                    desk.Seal();
                break;
            case TaskKinds.SubmissionDecision:
                desk.Settle(random.Next(5) == 0 ? SubmissionStates.Rejected : SubmissionStates.Approved);
                break;
            case TaskKinds.Objection:
                desk.Resume(task.Id, new { outcome = "dismiss", user = "clerk", hasOpinion = true });
                break;
        }
    }

    private static void Check(EngineDesk desk, string about)
    {
        var due = new Dictionary<Guid, DateTimeOffset>();
        foreach (var (at, effect) in desk.Journal)
            switch (effect)
            {
                case OpenTask { Due: { } deadline } open:
                    due[open.Id] = deadline.At;
                    Assert.True(Recount.Works(Recount.Day(deadline.At.AddTicks(-1))), $"{about}: {open.Stage} is due on a day off, {deadline.At:O}");
                    break;
                case TaskDue moved:
                    due[moved.TaskId] = moved.Due.At;
                    break;
                case NotifyEffect told when Spoken.Contains(told.Event):
                    var local = at.ToOffset(ChinaTime.Offset);
                    Assert.True(Recount.Works(DateOnly.FromDateTime(local.DateTime)) && local.TimeOfDay >= new TimeSpan(9, 0, 0) && local.TimeOfDay < new TimeSpan(17, 30, 0), $"{about}: {told.Event} was said at {local:O}");
                    break;
            }
        CheckStages(desk, due, about);
        CheckTotal(desk, about);
    }

    /// <summary>Every review: its limit is what is left after its returns, none is marked early, and one that was late is marked at its end.</summary>
    private static void CheckStages(EngineDesk desk, Dictionary<Guid, DateTimeOffset> due, string about)
    {
        var closed = desk.Journal.Where(j => j.Effect is CloseTask).ToDictionary(j => ((CloseTask)j.Effect).TaskId, j => (j.At, (CloseTask)j.Effect));
        var marks = desk.Journal.Where(j => j.Effect is GiveMark { Colour: MarkColours.Red }).ToLookup(j => ((GiveMark)j.Effect).TaskId);
        // By stage: since when its limit runs, and when it stood still.
        var (began, stood) = (new Dictionary<string, DateTimeOffset>(), new Dictionary<string, List<(DateTimeOffset, DateTimeOffset)>>());
        foreach (var (opened, open) in desk.Journal.Where(j => j.Effect is OpenTask { Kind: TaskKinds.Review }).Select(j => (j.At, (OpenTask)j.Effect)))
        {
            var (from, pauses) = (began.TryGetValue(open.Stage, out var first) ? first : began[open.Stage] = opened, stood.TryGetValue(open.Stage, out var list) ? list : stood[open.Stage] = []);
            if (pauses is [.., var last] && last.Item2 == DateTimeOffset.MaxValue)
                pauses[^1] = (last.Item1, opened);
            var days = DeadlineRule.Parse(open.Due!.Rule).Amount;
            if (Recount.IsDecreed(due[open.Id]))
                Assert.True(Recount.End(from, days, pauses) == due[open.Id], $"{about}: {open.Stage} is due {due[open.Id]:O}, counted {Recount.End(from, days, pauses):O}");
            var late = due[open.Id] <= (closed.TryGetValue(open.Id, out var end) ? end.At : desk.Now);
            // What was late when it came back had its mark in the earlier round.
            if (due[open.Id] > opened)
                Assert.True(late ? marks[open.Id].Single().At == due[open.Id] : !marks[open.Id].Any(), $"{about}: {open.Stage} was {(late ? "" : "not ")}late and has {marks[open.Id].Count()} red marks");
            if (end.Item2 is { Outcome: "return" })
                pauses.Add((end.At, DateTimeOffset.MaxValue));
            else if (end.Item2 is not null)
                (began, stood) = (Without(began, open.Stage), Without(stood, open.Stage));
        }
    }

    private static void CheckTotal(EngineDesk desk, string about)
    {
        var terms = CaseTerms.Of(desk.State)!;
        var resumed = desk.Journal.Where(j => j.Effect is ResumeClock).ToDictionary(j => ((ResumeClock)j.Effect).PauseId, j => j.At);
        var pauses = desk.Journal.Where(j => j.Effect is PauseClock p && p.Limits.Contains(LimitKinds.Total))
            .Select(j => (From: j.At, To: resumed.GetValueOrDefault(j.Effect.Id, desk.Now), Ground: ((PauseClock)j.Effect).Ground)).ToList();

        var counted = Recount.End(terms.FiledAt, terms.Total!.Amount, pauses.Select(p => (p.From, p.To)));
        // What isn't decreed yet is provisional, and counted otherwise.
        if (Recount.IsDecreed(counted))
            Assert.True(counted == CaseClock.Total(desk.State, desk.Now, Calendars.ChineseCalendars.Shipped)!.DueAt, $"{about}: the total ends {CaseClock.Total(desk.State, desk.Now, Calendars.ChineseCalendars.Shipped)!.DueAt:O}, counted {counted:O}");
        // Exactly while the case lay with the applicant, the experts or the public.
        var waits = desk.Journal.Count(j => j.Effect is OpenTask { Kind: TaskKinds.Supplement or TaskKinds.Materials } or OpenPanel) + desk.Journal.Count(j => j.Effect is Approvals.Notices.PrepareNotice);
        Assert.True(waits == pauses.Count, $"{about}: {waits} waits and {pauses.Count} pauses");
        if (desk.State.Status == WorkflowStatus.Finished)
            Assert.True(pauses.All(p => resumed.Count > 0 && p.To <= desk.Now) && CaseClock.Of(desk.State).StoppedBy is null, $"{about}: ended while its clock stood still");
    }

    private static Dictionary<string, T> Without<T>(Dictionary<string, T> all, string key) => all.Where(p => p.Key != key).ToDictionary(p => p.Key, p => p.Value);

    private static int HashCode(params int[] parts) => parts.Aggregate(17, (hash, part) => unchecked((hash * 31) + part));
}
