using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers.Directory;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Submissions;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>One case in memory: the engine alone, and what the tables and workers would answer. Time goes from due timer to due timer.</summary>
internal sealed class EngineDesk
{
    private static readonly OrganisationDirectory Directory =
        OrganisationDirectory.Load(File.ReadAllBytes(Path.Combine(ShippedContent.Workflows, "shared", "organisations", "sample-city.json")), "sample-city.json");

    private readonly ExecutableWorkflow workflow;
    private readonly List<Ballot> ballots = [];
    private PanelDraw? draw;
    private OpenPanel? panel;

    public EngineDesk(WorkflowDefinition definition, string start, bool precheck = false)
        : this(ExecutableWorkflow.Compile(definition, PoliticalWorkTitleDefinitionTests.Catalog), Local(start), precheck ? ["bureauPrecheck"] : null)
    {
    }

    /// <param name="terms">What the service says of its time; null: a case from before there were terms.</param>
    /// <param name="service">Null: the flagship.</param>
    /// <param name="on">The switches that are on.</param>
    public EngineDesk(ExecutableWorkflow workflow, DateTimeOffset start, IReadOnlyCollection<string>? on = null, CaseTerms? terms = null, ServiceDefinition? service = null)
    {
        this.workflow = workflow;
        Now = start;
        State = Interpreter.Create(Guid.Parse("0199d3a0-0000-7000-8000-000000000001"), "v1");
        var input = new Dictionary<string, JsonElement>
        {
            [CaseFacts.Clock] = JsonSerializer.SerializeToElement(terms, JsonSerializerOptions.Web),
            [CaseFacts.Service] = Json(service?.Id ?? "political-work-title"), [CaseFacts.Subject] = Json(service?.Subject ?? CaseSubjects.Person), [CaseFacts.Opens] = JsonSerializer.SerializeToElement(service?.Opens), [CaseFacts.ApplicantId] = Json("applicant-li"), [CaseFacts.FiledBy] = Json("applicant-li"),
            [CaseFacts.EmployerId] = Json("emp-metro"), [CaseFacts.UnitId] = Json("unit-assets"), [CaseFacts.BureauId] = Json("bureau"), [CaseFacts.Region] = Json("119900"),
        };
        foreach (var name in service?.Switches.Keys ?? ["bureauPrecheck"])
            input[name] = JsonSerializer.SerializeToElement(on?.Contains(name) == true);
        Advance(new Stimulus.Start(input));
    }

    public DateTimeOffset Now { get; private set; }
    public WorkflowState State { get; private set; }
    public string Status => StatusWord.Find(State.Status())!.Zh;
    public List<string> Statuses { get; } = [];
    public List<string> Told { get; } = [];
    public List<OpenTask> Open { get; } = [];

    /// <summary>Activities that have asked another office and wait.</summary>
    public IReadOnlyList<Bookmark> Asked => [.. State.Bookmarks.Where(b => b.Kind == OutsideActivity.BookmarkKind)];

    /// <summary>All that was decided, each with its instant.</summary>
    public List<(DateTimeOffset At, Effect Effect)> Journal { get; } = [];

    /// <summary>What was passed, line by line.</summary>
    public List<JournalEntry> Passed { get; } = [];
    public PanelCount? Count { get; private set; }
    public DateTimeOffset? NoticeCloses => State.Timers.Find(t => t.ActivityId == "notice")?.DueAt;
    public string Stages => string.Join(", ", Open.Select(t => t.Stage).Distinct());

    public static DateTimeOffset Local(string text) => new DateTimeOffset(DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture), ChinaTime.Offset).ToUniversalTime();

    /// <summary>What the other office may say.</summary>
    public IReadOnlyList<string> Answers(Bookmark asked) => workflow.Activity(asked.ActivityId)!.Implementation!.Descriptor.Outcomes;

    /// <summary>The one open review is decided.</summary>
    public EngineDesk Decide(string outcome, string user = "reviewer")
    {
        Resume(Assert.Single(Open).Id, new { outcome, user, hasOpinion = true });
        return this;
    }

    public EngineDesk Supply()
    {
        Resume(Assert.Single(Open, t => t.Kind is TaskKinds.Supplement or TaskKinds.Materials).Id, new { @do = "hand-in", user = "applicant-li" });
        return this;
    }

    public void Vote(params Vote[] votes)
    {
        foreach (var (task, vote) in Open.Where(t => t.Kind == TaskKinds.Ballot).ToArray().Zip(votes))
        {
            ballots.Add(new Ballot(task.Assignee!, vote));
            Resume(task.Id, new { @do = "cast", user = task.Assignee });
        }
    }

    public void Recuse(string expert) => Resume(Open.Single(t => t.Assignee == expert).Id, new { @do = "recuse", user = expert });

    public void Resume(Guid bookmark, object payload) => Advance(new Stimulus.Resume(bookmark, JsonSerializer.SerializeToElement(payload)));

    public void Object() =>
        Resume(State.Bookmarks.Single(b => b.Name == NoticeStage.Objected).Id, new { id = Guid.NewGuid(), number = "YY-2026-0001" });

    /// <summary>The case's list is sealed: it goes to the city.</summary>
    public void Seal() =>
        Advance(new StageRevision("sealed", new Dictionary<Guid, DateTimeOffset>()) { TaskId = Listed.Id, Document = "LH-119900-2026-B0001", By = "officer" }.Stimulus(ListSubmission.Sealing));

    /// <summary>What became of it: one of <see cref="SubmissionStates"/>.</summary>
    public void Settle(string state) => Resume(Listed.Id, new { state, user = "officer", document = state == SubmissionStates.Returned ? null : "示人才函〔2026〕5号" });

    public void Cancel(string reason) => Advance(new Stimulus.Cancel(reason));

    private Bookmark Listed => State.Bookmarks.Single(b => b.Kind == ListSubmission.WorkBookmark);

    /// <summary>Time passes; what falls due on the way fires at its instant.</summary>
    public void AdvanceTo(DateTimeOffset instant)
    {
        while (State.Timers.Count > 0 && State.Timers.Min(t => t.DueAt) is var due && due <= instant)
        {
            Now = due;
            Advance(new Stimulus.TimersDue());
        }
        Now = instant;
    }

    private void Advance(Stimulus stimulus)
    {
        var result = Interpreter.Advance(workflow, State, stimulus, Now);
        Assert.Equal(StepOutcome.Applied, result.Outcome);
        Assert.Empty(result.State.Incidents.Select(i => i.Message));
        State = StateSerializer.Read(StateSerializer.Write(result.State));
        Passed.AddRange(result.Journal);
        foreach (var effect in result.Effects)
        {
            Journal.Add((Now, effect));
            Follow(effect);
        }
    }

    private void Follow(Effect effect)
    {
        switch (effect)
        {
            case SetCaseStatus set:
                Statuses.Add(StatusWord.Find(set.Code)!.Zh);
                break;
            case NotifyEffect notify:
                Told.Add(notify.Event);
                break;
            case OpenTask open:
                Open.Add(open);
                break;
            case CloseTask close:
                Open.RemoveAll(t => t.Id == close.TaskId);
                break;
            case OpenPanel opened:
                (panel, draw) = (opened, null);
                ballots.Clear();
                break;
            case PanelWork work:
                Resume(work.BookmarkId, Work(work));
                break;
            case PrepareNotice prepare:
                Resume(prepare.BookmarkId, new { number = $"{prepare.Plan.Series}〔2026〕1号" });
                break;
        }
    }

    private object Work(PanelWork work)
    {
        switch (work.Kind)
        {
            case PanelDrawing.WorkKind:
                var pool = Directory.Users.Where(u => u.Fields is not null).Select(u => new Expert { Id = u.Id, Fields = [.. u.Fields!], EmployerId = u.Organisation }).ToArray();
                draw = PanelDraw.Draw(pool, new PanelSubject { ApplicantId = "applicant-li", EmployerId = "emp-metro" }, panel!.Rules, "a seed");
                return new { experts = draw.Seats.Select(s => s.ExpertId) };
            case PanelReplacing.WorkKind:
                var before = draw!.Seats.Select(s => s.ExpertId).ToArray();
                draw = draw.Substitute(work.ExpertId!);
                return new { expert = draw.Seats.Select(s => s.ExpertId).Except(before).SingleOrDefault() };
            default:
                Count = PanelCount.Tally(ballots, PanelCounting.Invited(draw!), panel!.Count);
                return new { outcome = Count.Outcome };
        }
    }

    private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text);
}
