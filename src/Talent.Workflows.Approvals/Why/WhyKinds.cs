namespace Talent.Workflows.Approvals.Why;

/// <summary>What happens by itself.</summary>
public static class WhyKinds
{
    public const string Remind = "remind", TellSuperior = "tell_superior", Reassign = "reassign", DecideByRule = "decide_by_rule";

    public const string YellowMark = "yellow_mark", RedMark = "red_mark", TellOfMark = "tell_of_mark";

    /// <summary>A limit ends; alone it ends nothing.</summary>
    public const string Due = "due";

    /// <summary>补正 that isn't handed in: the flow goes on without it, usually to a closed case.</summary>
    public const string Lapse = "lapse";

    /// <summary>到期计票</summary>
    public const string CountVotes = "count_votes";

    public const string PanelDeadline = "panel_deadline", PanelTold = "panel_told", VacancyDue = "vacancy_due", InvitationLapses = "invitation_lapses", DrawRestarts = "draw_restarts";

    public const string NoticeEnd = "notice_end";

    /// <summary>视为受理</summary>
    public const string Accepted = "counts_as_accepted";

    /// <summary>A timer of the workflow itself.</summary>
    public const string Timer = "timer";
}
