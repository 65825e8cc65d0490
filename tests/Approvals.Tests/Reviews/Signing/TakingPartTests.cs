using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Reviews.Signing;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Why;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Storage;
using static Talent.Workflows.Approvals.Tests.Reviews.Handling.HandlingFixture;

namespace Talent.Workflows.Approvals.Tests.Reviews.Signing;

/// <summary>One seat a person: what the gate refuses stands in no list.</summary>
public sealed class TakingPartTests
{
    private const string One = "emp-metro-reviewer-1", Two = "emp-metro-reviewer-2", Water = "emp-water-reviewer-1", Bureau = "bureau-reviewer-1", Other = "bureau-reviewer-2";

    [Fact]
    public async Task Delegated_WhenTheDelegateTakesPart_ThenTheListsHoldWhatTheGateLetsThrough_R_REV_7_R_REV_6()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "all"), ("members", "Object", $"""["{One}","{Two}","{Water}"]""")));
        var filed = await desk.SubmittedAsync();
        var (first, second, third) = (await TaskOf(desk, One), await TaskOf(desk, Two), await TaskOf(desk, Water));
        foreach (var (principal, to) in ((string, string)[])[(One, Water), (One, Bureau), (Two, Bureau)])
            await desk.Get<DelegationCommands>().CreateAsync(desk.As(principal).Caller, new NewDelegation { Delegate = to, Until = desk.Now.AddDays(30) }, null, default);

        // Who signs themselves signs for nobody.
        Assert.Empty(await Delegated(desk, Water));
        Assert.Equal(new[] { first, second }.Order(), await Delegated(desk, Bureau));
        var why = await desk.Get<WhyReader>().ReadAsync(desk.As(One).Caller, filed.Id, default);
        Assert.DoesNotContain(why.CanAct, a => a.TaskId == first && a.User?.Id == Water);
        Assert.Contains(why.CanAct, a => a.TaskId == first && a.User?.Id == Bureau);

        // Who has signed for one signs for no other, until they take it back.
        await desk.As(Bureau).Decide(first, "approve", "同意");
        Assert.Empty(await Delegated(desk, Bureau));
        await Refused(() => desk.As(Bureau).Decide(second, "approve", "同意"), ErrorCodes.Forbidden, "takes_part");
        await desk.Get<RecallCommands>().RecallAsync(desk.As(Bureau).Caller, first, null, default);
        var again = await TaskOf(desk, One);
        Assert.Equal(new[] { again, second }.Order(), await Delegated(desk, Bureau));

        // Who has handed their own part on takes none any more.
        await desk.Get<TransferCommands>().TransferAsync(desk.As(Water).Caller, third, Other, "出差", null, default);
        Assert.Equal([again], await Delegated(desk, Water));
        await desk.As(Water).Decide(again, "approve", "同意");
        await desk.As(Bureau).Decide(second, "approve", "同意");
        await desk.As(Other).Decide(third, "approve", "同意");
        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task Step_WhenItOpensTheTasksOfSeveral_ThenItBarsNobodyFromThemASecondTime_R_REV_6_R_REV_7()
    {
        var steps = new Recorder();
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("mode", "Literal", "all"), ("members", "Object", $"""["{One}","{Two}","{Water}"]""")), more: s => s.AddSingleton<StepPart>(steps));
        var filed = await desk.SubmittedAsync();
        await desk.Get<SignCommands>().AddAsync(desk.As(Two).Caller, await TaskOf(desk, Two), "beside", [Bureau], "请一起看", null, default);

        Assert.NotEmpty(steps.Bars);
        Assert.All(steps.Bars, b => Assert.False(b.New));
        // Each is told whom it isn't for all the same.
        Assert.Equal([$"{Bureau},{Two},{Water}", $"{Bureau},{One},{Water}", $"{Bureau},{One},{Two}", $"{One},{Two},{Water}"],
            await desk.Rows($"""
                select (select string_agg(e, ',' order by e) from unnest(t.excluded) e where e <> 'applicant-li') from approvals.tasks t where t.case_id = '{filed.Id}' and t.stage = 'stage'
                order by array_position(array['{One}', '{Two}', '{Water}', '{Bureau}'], t.assignee)
                """, r => r.GetString(0)));
    }

    [Fact]
    public async Task Candidates_WhenOneOfThemIsAskedToSignBeside_ThenTheTaskIsNoneOfTheirs_R_REV_7()
    {
        await using var desk = await CaseDesk.OpenAsync(StageFlow.Definition(("role", "Literal", "bureau.reviewer"), ("organisation", "Input", "BureauId")));
        var filed = await desk.SubmittedAsync();
        var task = (await filed.Waiting()).TaskId;
        Assert.Equal([task], (await desk.As(Bureau).Inbox("candidates")).Select(t => t.Id));

        await desk.Get<SignCommands>().AddAsync(desk.As(Other).Caller, task, "beside", [Bureau], "请一起看", null, default);

        Assert.Empty(await desk.As(Bureau).Inbox("candidates"));
        Assert.Equal(0, (await desk.Get<TaskReader>().SummaryAsync(desk.As(Bureau).Caller, default)).Candidates);
        var why = await desk.Get<WhyReader>().ReadAsync(desk.As(Other).Caller, filed.Id, default);
        Assert.Equal("takes_part", Assert.Single(why.Excluded, e => e.User.Id == Bureau && e.TaskId == task).Reason);
        await Refused(() => desk.As(Bureau).Decide(task, "approve", "同意"), ErrorCodes.Forbidden, "takes_part");

        // Taken away again, they are one of the role as before.
        await desk.Get<SignCommands>().RemoveAsync(desk.As(Other).Caller, await TaskOf(desk, Bureau), null, default);
        Assert.Equal([task], (await desk.As(Bureau).Inbox("candidates")).Select(t => t.Id));
        await desk.As(Bureau).Decide(task, "approve", "同意");
        Assert.Equal("市局审核", (await filed.Waiting()).Name);
    }

    [Fact]
    public async Task FourEyes_WhenTheyHaveSignedAStageThatIsStillOpen_ThenTheyDecideNoStageBesideIt_R_REV_9_R_REV_6()
    {
        var definition = JsonNode.Parse(StageFlow.Definition([("mode", "Literal", "all"), ("members", "Object", $"""["{One}","{Two}"]""")],
            [("role", "Literal", "employer.reviewer"), ("organisation", "Input", "EmployerId"), ("fourEyes", "Literal", true)]))!;
        var connections = definition["root"]!["connections"]!.AsArray();
        connections.Single(c => (string?)c!["source"]!["activity"] == "stage" && (string?)c["source"]!["port"] == "Approve")!["source"] = new JsonObject { ["activity"] = "pending", ["port"] = "Done" };
        await using var desk = await CaseDesk.OpenAsync(definition.ToJsonString());
        await desk.SubmittedAsync();
        var (first, second) = (await TaskOf(desk, One), await TaskOf(desk, Two));
        var beside = Assert.Single(await desk.As(One).Inbox("candidates")).Id;

        // A transfer: who was named first has decided nothing, who took it has.
        await desk.Get<TransferCommands>().TransferAsync(desk.As(One).Caller, first, Water, "出差", null, default);
        await desk.As(Two).Decide(second, "approve", "同意");

        await Refused(() => desk.As(Two).Decide(beside, "approve", "同意"), ErrorCodes.Forbidden, "excluded");
        // Taken back, it is no decision.
        await desk.Get<RecallCommands>().RecallAsync(desk.As(Two).Caller, second, null, default);
        await desk.As(Two).Decide(beside, "approve", "同意");
    }

    /// <summary>Whether as a list, as a count or as what can be done with the case.</summary>
    private static async Task<IEnumerable<Guid>> Delegated(CaseDesk desk, string user)
    {
        var tasks = (await desk.As(user).Inbox("delegated")).Select(t => t.Id).Order().ToArray();
        Assert.Equal(tasks.Length, (await desk.Get<TaskReader>().SummaryAsync(desk.As(user).Caller, default)).Delegated);
        return tasks;
    }

    private static async Task<Guid> TaskOf(CaseDesk desk, string user)
    {
        await desk.Deliver();
        return Assert.Single(await desk.As(user).Inbox("mine")).Id;
    }

    /// <summary>Whom steps bar from which tasks, and whether they open them.</summary>
    private sealed class Recorder : StepPart
    {
        public ConcurrentBag<(Guid Task, bool New)> Bars { get; } = [];

        public override string Name => "recorder";

        public override IReadOnlyList<StepParameter> Parameters => [];

        public override IReadOnlyList<StepSection> Sections => [];

        public override void Bind(StepWrite step, StepParameters values)
        {
            var opened = step.Effects.OfType<OpenTask>().Select(o => o.Id).ToHashSet();
            foreach (var bar in step.Effects.OfType<BarFromTask>())
                Bars.Add((bar.TaskId, opened.Contains(bar.TaskId)));
        }
    }
}
