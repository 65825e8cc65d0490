using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>
/// Each objection is a task of its own: where the stage gives a limit for it, first whether it is accepted (受理), then, by
/// another task, whether it holds (调查).
/// </summary>
public sealed partial class NoticeStage
{
    private const string Accepting = "accepting";
    private static readonly string[] AcceptanceOutcomes = ["accept", "refuse"];
    private static readonly string[] Outcomes = ["uphold", "dismiss"];

    private void Object(ActivityContext context, JsonElement payload)
    {
        if (context.Now >= Closes(context))
            throw ActivityContext.Reject(NoticeCommands.NotOpen(NoticeId(context)));
        var count = context.GetData("objections") is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() + 1 : 1;
        context.SetData("objections", JsonSerializer.SerializeToElement(count));
        var (task, due) = OpenObjection(context, payload, $"objection-task-{count}", Empty(context.Get(AcceptDue)) is not null);
        context.Emit(new ObjectionTaken(context.NewId($"objection-taken-{count}"), NoticeId(context), payload.GetProperty("id").GetGuid(), task.Id));
        context.Wait(WorkBookmark, Objected, purpose: $"objection-{count + 1}");
        var facts = ObjectionFacts(task);
        if (due is { } at)
            facts["dueAt"] = Iso(at);
        Tell(context, $"objection-{count}", "notice.objection_received", Recipient.Task(task.Id), facts);
    }

    private (Bookmark Task, DateTimeOffset? DueAt) OpenObjection(ActivityContext context, JsonElement payload, string purpose, bool accepting)
    {
        var task = context.Wait(BookmarkKinds.Task, TaskKinds.Objection, JsonSerializer.SerializeToElement(new Objecting(payload.GetProperty("id").GetGuid(), Text(payload, "number")!, accepting), NoticeSource.Json), purpose);
        var times = new StageTimes(context, calendar, StageTimes.ScopeOf(task.Id)) { OpenedAt = context.Now };
        var due = times.Deadline(DueOf(context, task), context.Now);
        times.Arm(times.Ladder(due, context.Get(ObjectionLadder), mayDecideByRule: false)?.NextAfter(context.Now)?.At);
        context.Emit(new OpenTask(task.Id)
        {
            Stage = context.Node.Id,
            StageName = NameOf(task),
            Kind = TaskKinds.Objection,
            Role = context.Get(ClerkRole),
            OrganisationId = context.GetOrganisation(Organisation),
            Excluded = context.State.Input(CaseFacts.ApplicantId) is { } applicant ? [applicant] : [],
            Outcomes = accepting ? AcceptanceOutcomes : Outcomes,
            OpinionRequired = !accepting,
            Phase = context.State.Phase(),
            Due = StageTimes.Row(due),
        });
        return (task, due?.DueAt);
    }

    private void Escalate(ActivityContext context, Guid id, TimerWait timer)
    {
        if (Array.Find(Waits(context, BookmarkKinds.Task), t => t.Id == id) is not { } task)
            return;
        var times = new StageTimes(context, calendar, StageTimes.ScopeOf(id));
        var deadline = times.Deadline(DueOf(context, task), times.OpenedAt);
        if (times.Ladder(deadline, context.Get(ObjectionLadder), mayDecideByRule: false) is { } ladder)
            LadderActs.Run(context, new LadderTask(id, NameOf(task), context.Get(ClerkRole), context.GetOrganisation(Organisation), deadline!, StageTimes.ScopeOf(id)), times.Take(ladder, timer));
    }

    private void Decide(ActivityContext context, Bookmark task, JsonElement payload)
    {
        var (outcome, accepting) = (Text(payload, "outcome"), IsAccepting(task));
        var outcomes = accepting ? AcceptanceOutcomes : Outcomes;
        if (!outcomes.Contains(outcome))
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest, $"An objection is {(accepting ? "taken on" : "decided")} by {outcomes[0]} or {outcomes[1]}, not by '{outcome}'.",
                accepting ? "异议须先决定 accept（受理）或 refuse（不予受理）。" : "异议的处理结果为 uphold（成立）或 dismiss（不成立）。"));
        if (outcome != "accept" && !(payload.TryGetProperty("hasOpinion", out var has) && has.ValueKind == JsonValueKind.True))
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest, "Deciding an objection needs an opinion: it is the answer to whoever objected. Say it in 'opinion'.", "请填写异议处理意见，将答复异议人。"));
        context.Emit(new CloseTask(context.NewId($"decided-{task.Id}"), task.Id, TaskEnd.Done, outcome, Text(payload, "user")));
        new StageTimes(context, calendar, StageTimes.ScopeOf(task.Id)).Forget();
        var objection = task.Payload.GetProperty("id").GetGuid();
        context.Emit(new AnswerObjector(context.NewId($"answer-{task.Id}"), objection, EventOf(outcome!), Number(context)));
        if (outcome == "accept")
            context.Emit(new ObjectionAccepted(context.NewId($"accepted-{task.Id}"), objection, OpenObjection(context, task.Payload, $"investigation-{objection:N}", accepting: false).Task.Id));
        else if (outcome == "uphold")
            End(context, "upheld", "Upheld");
        else if (context.Now >= Closes(context) && Waits(context, BookmarkKinds.Task).Length == 0)
            End(context, "concluded", "Closed");
    }

    private static string EventOf(string outcome) => outcome switch
    {
        "accept" => "notice.objection_accepted",
        "refuse" => "notice.objection_refused",
        "uphold" => "notice.objection_upheld",
        _ => "notice.objection_dismissed",
    };

    private static bool IsAccepting(Bookmark task) => task.Payload.TryGetProperty(Accepting, out var accepting) && accepting.ValueKind == JsonValueKind.True;

    private static string NameOf(Bookmark task) => IsAccepting(task) ? "异议受理" : "异议处理";

    private static string? DueOf(ActivityContext context, Bookmark task) => context.Get(IsAccepting(task) ? AcceptDue : ObjectionDue);

    private static Dictionary<string, string> ObjectionFacts(Bookmark task) => new()
    {
        ["taskId"] = task.Id.ToString(), ["objectionId"] = task.Payload.GetProperty("id").GetString()!, ["objectionNumber"] = task.Payload.GetProperty("number").GetString()!,
    };

    /// <summary>What the bookmark of an objection's task keeps.</summary>
    private sealed record Objecting(Guid Id, string Number, bool Accepting);
}
