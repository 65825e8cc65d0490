using System.Runtime.CompilerServices;
using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Reviews.Signing;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>Several people at one stage: 会签, 或签, 票签, 加签 and 减签, and 四眼.</summary>
public sealed partial class ReviewStage
{
    /// <summary>Words of the payloads by which people are added and taken away; a decision has none.</summary>
    internal const string AddSigners = "add-signers", RemoveSigner = "remove-signer";

    private const string BoardData = "board";
    private const string CountTimer = "count";
    /// <summary>The workflow's output that keeps who decided which stage, where a stage of the definition asks for it.</summary>
    internal const string DecidersOutput = "deciders";

    private static readonly Input<string> Mode = new("mode", "办理方式 Mode", "一人办理，或几个人会签、或签、票签。") { Default = "single", UiHint = "dropdown", Choices = SignText.Modes };
    private static readonly Input<IReadOnlyList<JsonElement>> Members = new("members", "参加人员 Members", "会签、或签、票签的人员：[\"用户\"] 或 [{user, weight 权重, veto 一票否决}]；不填则为担任该角色的所有人。");
    private static readonly Input<bool> WaitForAll = new("waitForAll", "等全部办完 Wait for all", "会签：等所有人办完再定，以最严的意见为准；不勾选则有人不通过即定。");
    private static readonly Input<string> Pass = new("pass", "通过比例 Pass share", "票签：如 2/3（不少于）或 >1/2（过半数）。") { Default = ">1/2" };
    private static readonly Input<string> Of = new("of", "比例基数 Share of", "票签：比例以谁为基数。") { Default = "all", UiHint = "dropdown", Choices = SignText.Bases };
    private static readonly Input<string> Quorum = new("quorum", "到场比例 Quorum", "票签：到期计票时须有多少票，如 2/3；不填则不限。");
    private static readonly Input<string> Tie = new("tie", "票数相等 Tie", "票签：赞成与反对相等时。") { Default = "reject", UiHint = "dropdown", Choices = SignText.Ties };
    private static readonly Input<bool> CountAtDue = new("countAtDue", "到期计票 Count when due", "票签：到期按已投的票计算；未达到场比例的，继续等待并按超时升级。");
    private static readonly Input<bool> FourEyes = new("fourEyes", "四眼原则 Four eyes", "办理过本业务其他环节的人，不能办理本环节。");

    private static IInput[] SigningInputs => [Mode, Members, WaitForAll, Pass, Of, Quorum, Tie, CountAtDue];

    private static SignRule RuleOf(ActivityContext context)
    {
        // The usual stage has one person, and reads nothing else.
        var mode = context.Get(Mode);
        try
        {
            return mode is null or "single" ? new SignRule { Mode = SignMode.Single }
                : SignText.Rule(mode, context.Get(Pass), context.Get(Of), context.Get(Quorum), context.Get(Tie), context.Get(WaitForAll));
        }
        catch (FormatException e)
        {
            throw Wrong(context, e.Message, "会签、票签的设置不正确。", e);
        }
    }

    private static IReadOnlyList<SignSeat> MembersOf(ActivityContext context)
    {
        try
        {
            return SignText.Members(context.Get(Members));
        }
        catch (FormatException e)
        {
            throw Wrong(context, $"members: {e.Message}", "参加人员的设置不正确。", e);
        }
    }

    private void OpenSeveral(ActivityContext context, SignRule rule, IReadOnlyList<SignSeat> members)
    {
        var excluded = Excluded(context);
        if (members.FirstOrDefault(m => excluded.Contains(m.User!)) is { } own)
            throw OwnCase(context, own.User!);
        SignBoard board;
        try
        {
            board = SignBoard.Of(rule, members);
        }
        catch (FormatException e)
        {
            throw Wrong(context, e.Message, "参加人员的设置不正确。", e);
        }
        var times = new StageTimes(context, calendar);
        board = Continue(context, board, first => StageClock.Resume(context, first));
        TellWhoWaits(context, board);
        var deadline = DeadlineOf(context, times);
        times.Arm(times.Ladder(deadline, context.Get(Ladder), context.Get(MayDecide))?.NextAfter(context.Now)?.At);
        CountWhenDue(context, deadline);
    }

    private static WorkflowException OwnCase(ActivityContext context, string user) =>
        Wrong(context, $"'{user}' may not decide it: their own case, or decided before. Name somebody else.", $"“{user}”是申报人本人，或已办理过其他环节，不能参加。");

    /// <summary>Arms what counts the votes at the deadline; null: the clock stands still, or there is no limit.</summary>
    private static void CountWhenDue(ActivityContext context, Deadline? deadline)
    {
        if (RuleOf(context).Mode != SignMode.Vote || !context.Get(CountAtDue))
            return;
        if (deadline is null)
            context.CancelTimer(CountTimer);
        else
            context.WaitUntil(deadline.DueAt, CountTimer);
    }

    /// <summary>Opens a task for everyone whose turn it is.</summary>
    private SignBoard OpenSeats(ActivityContext context, SignBoard board, Action<Guid>? first = null)
    {
        Deadline? deadline = null;
        foreach (var seat in board.ToOpen.ToArray())
        {
            var purpose = $"seat-{seat.Key}-{seat.Turns}";
            var task = context.Wait(BookmarkKinds.Task, TaskKinds.Review, purpose: purpose);
            first?.Invoke(task.Id);
            first = null;
            deadline ??= DeadlineOf(context, new StageTimes(context, calendar));
            var role = Empty(context.Get(Role));
            OpenTask(context, task.Id, new Holder(role, role is null ? null : HeldAt(context), seat.User), deadline, board.Rule.Mode == SignMode.Vote, purpose, board.TakingPart(seat));
            board = board.WithTask(seat.Key, task.Id);
        }
        return board;
    }

    /// <summary>The stage isn't decided: whose turn it is now gets a task.</summary>
    private SignBoard Continue(ActivityContext context, SignBoard board, Action<Guid>? first = null)
    {
        var had = board.Open.Select(s => s.Task!.Value).ToHashSet();
        board = OpenSeats(context, board, first);
        Keep(context, board, had);
        return board;
    }

    /// <summary>加签. The asker's own task goes on, unless the others come before.</summary>
    private void Add(ActivityContext context, Bookmark bookmark, JsonElement payload, SignBoard? board)
    {
        var user = Text(payload, "user")!;
        var excluded = Excluded(context);
        string[] users = [.. payload.GetProperty("users").EnumerateArray().Select(u => u.GetString()!)];
        if (Array.Find(users, excluded.Contains) is { } own)
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest, $"'{own}' may not decide this case: it is their own, or they have decided another stage of it. Ask somebody else.", $"“{own}”是申报人本人或已办理过其他环节，不能加签。"));
        if (!Enum.TryParse<SignPosition>(Text(payload, "position"), ignoreCase: true, out var position))
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest, "The position is before, after or beside.", "加签位置只能是 before（前）、after（后）或 beside（并）。"));
        board ??= SignBoard.Of(new SignRule { Mode = SignMode.Single }, [new SignSeat { Key = 0, User = user, Task = bookmark.Id, Turns = 1 }]);
        try
        {
            board = board.Add(board.OfTask(bookmark.Id)!.Key, user, position, users);
        }
        catch (FormatException e)
        {
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.InvalidRequest, $"Nobody was added: {e.Message}", "不能加签：人员为空、重复，或人数过多。", e));
        }
        if (position == SignPosition.Before)
            context.Emit(new CloseTask(context.NewId($"waits-{bookmark.Id}"), bookmark.Id, TaskEnd.Cancelled, Reason: "signers_first"));
        else
            context.WaitOn(bookmark);
        context.Log("SignersAdded", position.ToString());
        TellWhoWaits(context, Continue(context, board));
    }

    /// <summary>减签, by who asked for them.</summary>
    private void Remove(ActivityContext context, Bookmark bookmark, JsonElement payload, SignBoard? board)
    {
        var user = Text(payload, "user");
        if (board?.OfTask(bookmark.Id) is not { AddedBy: { } by } seat || by != user)
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.Forbidden, $"Only who asked for somebody can take them away again, and task {bookmark.Id} wasn't asked for by '{user}'.", "只能由加签人减去自己所加的人员。"));
        var before = board.Open.Select(s => s.Task!.Value).ToArray();
        board = board.Remove(seat.Key);
        foreach (var gone in before.Where(t => board.OfTask(t) is null))
        {
            context.Emit(new CloseTask(context.NewId($"removed-{gone}"), gone, TaskEnd.Cancelled, Reason: "signer_removed"));
            context.CancelWait(gone);
        }
        context.Log("SignerRemoved");
        if (board.Result is not { } result)
        {
            Continue(context, board);
            return;
        }
        CloseOthers(context, board, "decided_by_others");
        var target = ChosenTarget(context, board, result);
        if (result == DecisionOutcome.Return && target is null)
            CorrectionRules.Count(context, calendar);
        Conclude(context, result, target, user, bookmark.Id, board);
    }

    private void CountVotes(ActivityContext context, StageTimes times, TimerWait timer, SignBoard? board)
    {
        if (board is null)
            return;
        if (times.Grace(timer) is { } grace)
        {
            context.WaitUntil(grace.DueAt, CountTimer);
            context.Log("Held", CountTimer);
            return;
        }
        if (board.Close() is not { } result)
        {
            context.Log("NoQuorum");
            return;
        }
        // Nobody is there to be told that it can't be returned any more: what wasn't approved isn't passed.
        var target = ChosenTarget(context, board, result);
        if (result == DecisionOutcome.Return && target is null && CorrectionRules.Refusal(context, calendar) is not null)
            result = DecisionOutcome.Reject;
        else if (result == DecisionOutcome.Refuse && CorrectionRules.DeemedAccepted(context, calendar) is not null)
            result = DecisionOutcome.Reject;
        else if (result == DecisionOutcome.Return && target is null)
            CorrectionRules.Count(context, calendar);
        var last = Tasks(context).First();
        foreach (var task in Tasks(context))
        {
            context.Emit(new CloseTask(context.NewId($"lapsed-{task}"), task, TaskEnd.Lapsed, Reason: "not_voted"));
            context.CancelWait(task);
        }
        Conclude(context, result, target, null, last, board);
    }

    /// <summary>拿回 of one of several, while the stage isn't decided: their seat is open again, the others' decisions stand.</summary>
    private void TakeBack(ActivityContext context, Guid decided)
    {
        if (BoardOf(context) is not { } board || board.Seats.FirstOrDefault(s => s.Voted == decided) is not { } seat)
            return;
        SignBoard again;
        try
        {
            again = board.TakeBack(seat.Key);
        }
        catch (FormatException e)
        {
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.WrongState, $"The decision can't be recalled. {e.Message}", "排在其后的人员已经办理，不能撤回。", e)
            { Facts = new Dictionary<string, object?> { ["reason"] = "acted" } });
        }
        foreach (var gone in board.Open.Where(s => again.OfTask(s.Task!.Value) is null))
        {
            context.Emit(new CloseTask(context.NewId($"recalled-{gone.Task}"), gone.Task!.Value, TaskEnd.Cancelled, Reason: "recalled"));
            context.CancelWait(gone.Task.Value);
        }
        context.Log("SignRecalled");
        TellWhoWaits(context, Continue(context, again));
    }

    /// <summary>Nobody signs twice, neither in others' places nor for another. Superiors to whom the ladder gave several do.</summary>
    private static void RequireOneSeat(ActivityContext context, SignBoard board, Guid task, string? user, string? principal)
    {
        var seat = board.OfTask(task)!;
        if (user is not null && !(seat.Raised && principal is null) && board.SignsBeside(seat.Key, user))
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.Forbidden,
                $"'{user}' takes part in stage '{context.Node.Id}' already, and nobody signs it twice. Somebody else has to decide task {task}.", "您已参加本环节的办理，一人不能办理两份，请由他人办理此待办。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "takes_part" } });
    }

    /// <summary>转办 and 离职转办 of somebody's part.</summary>
    private static void HandOn(ActivityContext context, SeatHandedOn handed)
    {
        if (handed.Stage is { } stage && stage != context.Node.Id || BoardOf(context) is not { } board || board.Seats.FirstOrDefault(handed.Means) is not { } seat)
            return;
        if (board.SignsBeside(seat.Key, handed.To))
            throw Unfit("takes_part", $"'{handed.To}' takes part in stage '{context.Node.Id}' already, and nobody signs it twice. Name somebody else.", "接收人已参加本环节的办理，一人不能办理两份，请另选他人。");
        if (handed.Task is null && Excluded(context).Contains(handed.To))
            throw Unfit("excluded", $"'{handed.To}' may not decide stage '{context.Node.Id}': it is their own case, or they have decided another stage of it.", "接收人是申报人，或已办理过其他环节，不能办理。");
        Keep(context, board.HandOn(seat.Key, handed.To));
        TellWhoWaits(context, board.HandOn(seat.Key, handed.To));

        static Exception Unfit(string reason, string message, string zh) => ActivityContext.Reject(new WorkflowException(ErrorCodes.Conflict, message, zh) { Facts = new Dictionary<string, object?> { ["reason"] = reason } });
    }

    /// <summary>Who leaves has to be found by the turns that haven't come, too.</summary>
    private static void TellWhoWaits(ActivityContext context, SignBoard board)
    {
        string[] users = [.. board.Waiting.Select(s => s.User).OfType<string>()];
        if (users.Length > 0)
            context.Emit(new SeatsWait(context.NewId("seats-wait"), users));
    }

    private static void CloseOthers(ActivityContext context, SignBoard board, string reason)
    {
        foreach (var seat in board.Open)
        {
            context.Emit(new CloseTask(context.NewId($"closed-{seat.Task}"), seat.Task!.Value, TaskEnd.Cancelled, Reason: reason));
            context.CancelWait(seat.Task.Value);
        }
    }

    /// <summary>Who voted how, and with whose right where it wasn't their own.</summary>
    private static IEnumerable<Dictionary<string, object?>> VotesOf(SignBoard board)
    {
        foreach (var seat in board.Seats)
        {
            if (seat.Vote is not { } vote)
                continue;
            var row = new Dictionary<string, object?> { ["user"] = seat.Holder, ["outcome"] = vote.Code(), ["weight"] = seat.Weight };
            if (seat.Principal is { } principal)
                row["principal"] = principal;
            yield return row;
        }
    }

    /// <summary>The open tasks as the ladder speaks of them. The superior of several is told once.</summary>
    private static LadderTask[] TasksOf(ActivityContext context, Deadline deadline, SignBoard? board)
    {
        var (name, role, organisation) = (context.Get(StageName)!, Empty(context.Get(Role)), HeldAt(context));
        return [.. Tasks(context).Select((task, i) => new LadderTask(task, name, i == 0 ? role : null, organisation, deadline, board is null ? "" : StageTimes.ScopeOf(task)))];
    }

    /// <summary>Parses the board: whoever is called by the engine asks once and hands it on.</summary>
    private static SignBoard? BoardOf(ActivityContext context) =>
        context.GetData(BoardData) is { ValueKind: JsonValueKind.Object } board ? board.Deserialize<SignBoard>() : null;

    /// <summary>Whether somebody's turn is still to come in a stage of several.</summary>
    /// <param name="stage">Null: in any.</param>
    internal static bool Awaits(WorkflowState state, string user, string? stage = null) =>
        Boards(state).Any(b => (stage is null || b.Stage == stage) && b.Board.Waiting.Any(s => s.User == user));

    /// <summary>Keeps the board, and has each task say who takes part beside it: what the stage would refuse stands in nobody's list.</summary>
    /// <param name="had">Tasks that were there before this step: those that it opens say it from the start. Null: all were.</param>
    private static void Keep(ActivityContext context, SignBoard board, HashSet<Guid>? had = null)
    {
        var before = BoardOf(context);
        foreach (var seat in board.Open)
        {
            if (had?.Contains(seat.Task!.Value) is false)
                continue;
            var (was, now) = (before?.OfTask(seat.Task!.Value) is { } old ? before.TakingPart(old).ToArray() : [], board.TakingPart(seat).ToArray());
            string[] barred = [.. now.Except(was, StringComparer.Ordinal)], freed = [.. was.Except(now, StringComparer.Ordinal).Except(Excluded(context), StringComparer.Ordinal)];
            if (barred.Length + freed.Length > 0)
                context.Emit(new BarFromTask(context.NewId($"barred-{seat.Task}"), seat.Task!.Value, barred, freed));
        }
        context.SetData(BoardData, JsonSerializer.SerializeToElement(board));
    }

    /// <summary>Who may not decide: the applicant, and with four eyes whoever decided another stage.</summary>
    private static string[] Excluded(ActivityContext context)
    {
        var applicant = context.State.Input(CaseFacts.ApplicantId);
        return context.Get(FourEyes) ? [.. (applicant is null ? Array.Empty<string>() : [applicant]).Concat(Deciders(context)).Distinct(StringComparer.Ordinal)]
            : applicant is null ? [] : [applicant];
    }

    /// <summary>Who decided other stages of the case, or has signed one that isn't decided yet.</summary>
    private static IEnumerable<string> Deciders(ActivityContext context) => DecidersOf(context.State).Where(d => d.Stage != context.Node.Id).Select(d => d.User);

    private static IEnumerable<(string Stage, string User)> DecidersOf(WorkflowState state)
    {
        IEnumerable<(string, string)> decided = state.Output.TryGetValue(DecidersOutput, out var stages) && stages.ValueKind == JsonValueKind.Object
            ? stages.EnumerateObject().SelectMany(s => s.Value.EnumerateArray().Select(u => (s.Name, u.GetString()!))) : [];
        return decided.Concat(Boards(state).SelectMany(b => b.Board.Deciders.Select(user => (b.Stage, user))));
    }

    /// <summary>Stages of several that run.</summary>
    private static IEnumerable<(string Stage, SignBoard Board)> Boards(WorkflowState state) => state.Executions
        .Where(e => e.Data is { } data && data.TryGetValue(BoardData, out var board) && board.ValueKind == JsonValueKind.Object).Select(e => (e.ActivityId, e.Data![BoardData].Deserialize<SignBoard>()!));

    /// <summary>The task may be older than the decision that keeps somebody from it.</summary>
    private static void RequireFreshEyes(ActivityContext context, string? user, string? principal)
    {
        if (context.Get(FourEyes) && Deciders(context).Any(d => d == user || d == principal))
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.Forbidden, $"'{user}' has decided another stage of this case, and stage '{context.Node.Id}' needs other eyes.", "您已办理过本业务的其他环节，按四眼原则不能办理本环节。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "excluded" } });
    }

    private static readonly ConditionalWeakTable<WorkflowDefinition, object> WithFourEyes = [];

    /// <summary>Remembers who decided, where a stage of the definition asks for it.</summary>
    private static void Remember(ActivityContext context, string? user, string? principal, SignBoard? board)
    {
        if (!(bool)WithFourEyes.GetValue(context.Definition, d => AsksForFourEyes(d.Root)))
            return;
        var deciders = context.State.Output.TryGetValue(DecidersOutput, out var kept) && kept.ValueKind == JsonValueKind.Object
            ? kept.Deserialize<SortedDictionary<string, SortedSet<string>>>()! : new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        if (!deciders.TryGetValue(context.Node.Id, out var users))
            deciders[context.Node.Id] = users = new SortedSet<string>(StringComparer.Ordinal);
        users.UnionWith((board?.Deciders ?? []).Concat(new[] { user, principal }.OfType<string>()));
        context.SetWorkflowOutput(DecidersOutput, JsonSerializer.SerializeToElement(deciders));
    }

    private static bool AsksForFourEyes(ActivityNode node) =>
        node.Json.TryGetProperty(FourEyes.Name, out _) || node.Activities.Concat(node.Ports.Values).Any(AsksForFourEyes);

    private static IEnumerable<UseProblem> CheckSigning(BoundActivity use)
    {
        string? fault = null;
        try
        {
            if (use.Literal(Mode) is { } mode)
                SignText.Rule(mode, use.Literal(Pass), use.Literal(Of), use.Literal(Quorum), use.Literal(Tie), waitForAll: false);
        }
        catch (FormatException e)
        {
            fault = e.Message;
        }
        if (fault is not null)
            yield return new UseProblem(fault);
    }
}
