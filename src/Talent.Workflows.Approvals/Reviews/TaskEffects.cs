using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews;

/// <summary>What a task is about; the code that rows and the API carry.</summary>
public static class TaskKinds
{
    public const string Review = "review";

    /// <summary>补正, by the applicant.</summary>
    public const string Supplement = "supplement";

    /// <summary>完善材料, by the applicant.</summary>
    public const string Materials = "materials";

    /// <summary>异议处理</summary>
    public const string Objection = "objection";

    /// <summary>The panel's secretary runs the panel.</summary>
    public const string PanelSecretary = "panel-secretary";

    /// <summary>Too few experts are left for a quorum: the panel's secretary has more drawn, or appoints them.</summary>
    public const string PanelVacancy = "panel-vacancy";

    /// <summary>A party of a panel's draw commits to a nonce.</summary>
    public const string PanelCommit = "panel-commit";

    /// <summary>A party of a panel's draw reveals the nonce.</summary>
    public const string PanelReveal = "panel-reveal";

    /// <summary>An expert accepts or declines a seat.</summary>
    public const string PanelInvitation = "panel-invitation";

    /// <summary>The panel's secretary decides whether a challenged expert has to stand aside.</summary>
    public const string PanelChallenge = "panel-challenge";

    /// <summary>The chair decides a tie.</summary>
    public const string PanelChair = "panel-chair";

    /// <summary>报送: the office puts the case on a list that goes to the city.</summary>
    public const string Submission = "submission";

    /// <summary>待市级决定: the case is on a sealed list; the office enters what the city has decided.</summary>
    public const string SubmissionDecision = "submission-decision";

    /// <summary>One expert's vote.</summary>
    public const string Ballot = "ballot";

    /// <summary>An expert's seat on a panel, as SQL: nobody but the panel's own people learns whose it is.</summary>
    internal const string Seats = $"'{Ballot}', '{PanelInvitation}'";

    /// <summary>What its holder alone can do, as SQL: a seat, and what the applicant owes. It isn't handed on, and nobody comments or urges because of it.</summary>
    internal const string Personal = $"{Seats}, '{Supplement}', '{Materials}'";

    /// <summary>What whoever has it may stop the clock of, and ask an extension for, as SQL.</summary>
    internal const string Clocked = $"'{Review}', '{Submission}', '{SubmissionDecision}'";

    /// <summary>Whether its holder alone can do it.</summary>
    public static bool IsPersonal(string kind) => kind is Ballot or PanelInvitation or Supplement or Materials;
}

/// <summary>How a task ended.</summary>
public enum TaskEnd
{
    /// <summary>已办</summary>
    Done,

    /// <summary>已取消: the case was withdrawn, or moved to another stage.</summary>
    Cancelled,

    /// <summary>逾期: nobody acted in time, and the flow went on by its own rule.</summary>
    Lapsed,
}

/// <summary>Opens a task. Its id is the id of the bookmark that deciding it resumes. Ids and routing facts only.</summary>
public sealed record OpenTask(Guid Id) : Effect(Id)
{
    /// <summary>The activity's id.</summary>
    public required string Stage { get; init; }

    public required string StageName { get; init; }

    /// <summary>One of <see cref="TaskKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Who may take it: everyone with this role at <see cref="OrganisationId"/>, unless there is an <see cref="Assignee"/>.</summary>
    public string? Role { get; init; }

    /// <summary>Null: the role at any organisation.</summary>
    public string? OrganisationId { get; init; }

    /// <summary>The one user whose task it is.</summary>
    public string? Assignee { get; init; }

    /// <summary>Users who may not act on it: the applicant, an expert who is recused, who decided another stage or takes part in this one by another task (R-REV-9).</summary>
    public IReadOnlyList<string> Excluded { get; init; } = [];

    /// <summary>Outcomes that it can be decided by.</summary>
    public IReadOnlyList<string> Outcomes { get; init; } = [];

    /// <summary>Where it may be returned to, besides the connection; empty: nowhere else.</summary>
    public IReadOnlyList<ReturnTarget> ReturnTo { get; init; } = [];

    public bool OpinionRequired { get; init; }

    /// <summary>The filing phase that it belongs to, 1 or 2; for a task of the applicant, whose data it asks for.</summary>
    public short Phase { get; init; } = 1;

    public TaskDeadline? Due { get; init; }

    /// <summary>Of a correction: the tasks whose decisions returned the case; empty: nobody's decision did.</summary>
    public IReadOnlyList<Guid> ReturnedBy { get; init; } = [];
}

/// <summary>A deadline with what it was computed from, so that it can be computed again.</summary>
/// <param name="At">UTC, exclusive.</param>
/// <param name="Provisional">An official calendar may still move it (暂定).</param>
/// <param name="Rule">Compact form, such as <c>5wd</c>.</param>
public sealed record TaskDeadline(DateTimeOffset At, bool Provisional, string Rule, string CalendarVersion);

/// <summary>Ends a task. <see cref="Reason"/> is the system's own word, never a person's.</summary>
public sealed record CloseTask(Guid Id, Guid TaskId, TaskEnd End, string? Outcome = null, string? DecidedBy = null, string? Reason = null) : Effect(Id);

/// <summary>Hands a task to the superiors of its role, at its organisation or at the one above; looked up when the row is written.</summary>
public sealed record ReassignTask(Guid Id, Guid TaskId) : Effect(Id);

/// <summary>Moves a task's deadline.</summary>
public sealed record TaskDue(Guid Id, Guid TaskId, TaskDeadline Due) : Effect(Id);

/// <summary>How far a task's escalation has gone: the number of ladder steps behind it.</summary>
public sealed record TaskEscalated(Guid Id, Guid TaskId, int Level) : Effect(Id);

/// <summary>Who may not act on an open task from now on, and who may again: <see cref="OpenTask.Excluded"/> as it is now.</summary>
public sealed record BarFromTask(Guid Id, Guid TaskId, IReadOnlyList<string> Barred, IReadOnlyList<string> Freed) : Effect(Id);
