using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine.Activities;

namespace Talent.Workflows.Approvals;

/// <summary>The activities of the domain: one line each.</summary>
public static class ApprovalActivities
{
    public static IReadOnlyList<Activity> All(WorkCalendar calendar) =>
    [
        new ExpertPanel(calendar),
        new NoticeStage(calendar),
        new Notify(),
        new ReviewStage(calendar),
        new SetStatus(),
        new Supplement(calendar),
    ];
}
