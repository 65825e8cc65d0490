using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Employers.Associations;
using Talent.Workflows.Approvals.Integrations.Identity;
using Talent.Workflows.Approvals.Letters;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Messages.Mail;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.People.RealName;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Standing;
using Talent.Workflows.Approvals.Submissions;
using Talent.Workflows.Engine.Activities;

namespace Talent.Workflows.Approvals;

/// <summary>The activities of the domain: one line each.</summary>
public static class ApprovalActivities
{
    public static IReadOnlyList<Activity> All(ApprovalContent content) => All(content.Calendar, content.Shared.TextChecks, content.Shared.CodeTables);

    /// <inheritdoc cref="All(ApprovalContent)"/>
    public static IReadOnlyList<Activity> All(WorkCalendar calendar, IReadOnlyDictionary<string, TextCheck> checks, IReadOnlyDictionary<string, CodeTable>? tables = null) =>
    [
        new BindIdentity(),
        new AskToAssociate(),
        new Associate(),
        new Dissociate(),
        new CertifyEmployer(),
        new CompareLicence(),
        new ExpertPanel(calendar),
        new Filing(checks, tables),
        new IssueLetter(),
        new ListSubmission(calendar),
        new NoticeStage(calendar),
        new Notify(),
        new PermissionOpening(),
        new RecogniseLicence(),
        new ReviewStage(calendar),
        new SendEmail(),
        new SetStatus(),
        new Supplement(calendar),
        new VerifyIdentity(),
    ];
}
