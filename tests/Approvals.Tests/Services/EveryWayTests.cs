using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Submissions;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>
/// Every shipped service through everything that can be done in it: wherever a case can stand, each decision, a hand-in, a vote, an objection,
/// what a list and another office answer, time that passes without anybody acting, and a withdrawal. What no way leads to is named.
/// </summary>
public sealed class EveryWayTests
{
    /// <summary>Far more than any shipped service has; a service beyond it shows that the exploring doesn't end.</summary>
    private const int MostPositions = 500;

    private const string TimePasses = "time passes", Withdrawn = "withdrawn";

    public static TheoryData<string> Services =>
        [.. Directory.GetDirectories(ShippedContent.Workflows).Where(f => File.Exists(Path.Combine(f, "service.json"))).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Services))]
    public void Service_WhenEverythingIsDoneInIt_ThenEveryActivityAndEveryConnectionIsPassed_R_REV_2_R_REV_5(string service)
    {
        var (package, definition) = Load(service);
        var journal = Explore(package, ExecutableWorkflow.Compile(definition, PoliticalWorkTitleDefinitionTests.Catalog)).SelectMany(d => d.Passed).ToArray();

        var ports = journal.Where(j => j.Event == "Completed").SelectMany(j => (j.Outcomes ?? ["Done"]).Select(outcome => (j.ActivityId, outcome))).ToHashSet();
        Assert.Equal([], definition.Root.Activities.Select(a => a.Id).Except(journal.Select(j => j.ActivityId)));
        Assert.Equal([], definition.Root.Connections.Where(c => !ports.Contains((c.Source, c.Port))).Select(c => $"{c.Source}.{c.Port} → {c.Target}"));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Case_WhenItEndsInAnyWay_ThenNobodyHasAnythingLeftOfItAndTheApplicantSeesAnEnd_R_CASE_6_R_CASE_9(string service)
    {
        var (package, definition) = Load(service);
        var ended = Explore(package, ExecutableWorkflow.Compile(definition, PoliticalWorkTitleDefinitionTests.Catalog)).Where(d => d.State.Status == WorkflowStatus.Finished).ToArray();

        Assert.NotEmpty(ended);
        Assert.All(ended, desk =>
        {
            Assert.Empty(desk.Open);
            Assert.Empty(desk.State.Timers);
            Assert.Empty(desk.State.Bookmarks);
            Assert.True(desk.State.SubStatus == WorkflowSubStatus.Cancelled || CaseTransitions.IsFinal(StatusWord.FindZh(desk.Statuses[^1])!.Status), $"{service} ends as {desk.Status}");
        });
        Assert.Contains(ended, d => d.State.SubStatus != WorkflowSubStatus.Cancelled);
    }

    /// <summary>Every case that was played: one for each position that a case can be in and each way on from it.</summary>
    private static List<EngineDesk> Explore(ServiceDefinition service, ExecutableWorkflow workflow)
    {
        var played = new List<EngineDesk>();
        foreach (var on in (IReadOnlyCollection<string>[])[[], [.. service.Switches.Keys]])
        {
            var (known, waiting) = (new HashSet<string>(), new Queue<string[]>([[]]));
            while (waiting.TryDequeue(out var way))
            {
                EngineDesk desk;
                try
                {
                    desk = Play(service, workflow, on, way);
                }
                catch (WorkflowException e) when (e.Code == ErrorCodes.WrongState && e.Facts.ContainsKey("reason"))
                {
                    // A rule of the service doesn't allow the last step where the case stands now, and says which: no way.
                    continue;
                }
                played.Add(desk);
                if (desk.State.Status == WorkflowStatus.Finished || !known.Add(Position(desk)))
                    continue;
                Assert.True(known.Count < MostPositions, $"{service.Id} has more than {MostPositions} positions");
                foreach (var next in Ways(desk).Keys)
                    waiting.Enqueue([.. way, next]);
            }
        }
        return played;
    }

    private static EngineDesk Play(ServiceDefinition service, ExecutableWorkflow workflow, IReadOnlyCollection<string> on, string[] way)
    {
        var filed = EngineDesk.Local("2026-03-02 09:00");
        var desk = new EngineDesk(workflow, filed, on, new CaseTerms(filed, service.TotalLimit, service.Clock), service);
        foreach (var step in way)
        {
            Assert.True(Ways(desk).TryGetValue(step, out var take), $"{service.Id}: '{step}' isn't possible after {string.Join(", ", way)}");
            take();
        }
        return desk;
    }

    /// <summary>Where the case stands: what is open to whom, and the word of it.</summary>
    private static string Position(EngineDesk desk) => string.Join(" ",
        [desk.Status, .. desk.Open.Select(t => $"{t.Stage}/{t.Kind}").Distinct().Order(StringComparer.Ordinal), .. desk.Asked.Select(a => a.ActivityId), desk.NoticeCloses is null ? "" : "notice", desk.Open.Any(t => t.Due?.At <= desk.Now) ? "overdue" : "", $"phase {desk.State.Phase()}"]);

    /// <summary>What can be done now, by its name.</summary>
    private static Dictionary<string, Action> Ways(EngineDesk desk)
    {
        var ways = new Dictionary<string, Action>(StringComparer.Ordinal);
        foreach (var asked in desk.Asked)
            foreach (var answer in desk.Answers(asked))
                ways[$"{asked.ActivityId} answers {answer}"] = () => desk.Resume(asked.Id, new { outcome = answer });
        foreach (var task in desk.Open.DistinctBy(t => (t.Stage, t.Kind)))
            foreach (var (name, take) in Of(desk, task))
                ways[$"{task.Stage} {name}"] = take;
        if (desk.NoticeCloses is { } closes && desk.Now < closes && desk.Open.All(t => t.Kind != TaskKinds.Objection))
            ways["somebody objects"] = desk.Object;
        if (desk.State.Timers.Count > 0)
            ways[TimePasses] = () => Wait(desk);
        ways[Withdrawn] = () => desk.Cancel("withdrawn");
        return ways;
    }

    private static IEnumerable<(string Name, Action Take)> Of(EngineDesk desk, OpenTask task) => task.Kind switch
    {
        TaskKinds.Review or TaskKinds.Objection => task.Outcomes.Select(outcome => (outcome, (Action)(() => desk.Resume(task.Id, new { outcome, user = $"reviewer of {task.Stage}", hasOpinion = true, hasData = true })))),
        TaskKinds.Supplement or TaskKinds.Materials => [("handed in", () => desk.Supply())],
        TaskKinds.Ballot => [("all for", () => VoteAll(desk, Vote.Pass)), ("all against", () => VoteAll(desk, Vote.Fail))],
        TaskKinds.Submission => [("sealed", desk.Seal), ("taken off", () => desk.Settle(SubmissionStates.Returned))],
        TaskKinds.SubmissionDecision => [("approved", () => desk.Settle(SubmissionStates.Approved)), ("rejected", () => desk.Settle(SubmissionStates.Rejected)), ("taken off", () => desk.Settle(SubmissionStates.Returned))],
        // Too few have voted and nobody is found to sit instead.
        TaskKinds.PanelSecretary when desk.Open.Any(t => t.Kind == TaskKinds.PanelVacancy) => [("given up", () => desk.Resume(task.Id, new { @do = "close", user = "panel-secretary" }))],
        TaskKinds.PanelSecretary or TaskKinds.PanelVacancy => [],
        _ => throw new InvalidOperationException($"A task '{task.Kind}' of {task.Stage} is open, which these tests don't know how to do."),
    };

    private static void VoteAll(EngineDesk desk, Vote vote) => desk.Vote([.. desk.Open.Where(t => t.Kind == TaskKinds.Ballot).Select(_ => vote)]);

    /// <summary>Nobody acts until the case stands elsewhere, or nothing more will happen by itself.</summary>
    private static void Wait(EngineDesk desk)
    {
        var before = Position(desk);
        while (desk.State.Timers.Count > 0 && Position(desk) == before && desk.State.Status != WorkflowStatus.Finished)
            desk.AdvanceTo(desk.State.Timers.Min(t => t.DueAt));
    }

    private static (ServiceDefinition, WorkflowDefinition) Load(string service)
    {
        var folder = ServiceFolders.All[service];
        return (ContentFile.Parse<ServiceDefinition>("service.json", File.ReadAllBytes(Path.Combine(folder, "service.json"))), DefinitionReader.Read(File.ReadAllBytes(Path.Combine(folder, "definition.json"))));
    }
}
