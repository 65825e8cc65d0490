using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Integrations.Identity;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Materials.Scanning;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Approvals.Messages.Mail;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.Panels;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Approvals.Reviews.Assigning;
using Talent.Workflows.Approvals.Reviews.Signing;
using Talent.Workflows.Approvals.Submissions;
using Talent.Workflows.Approvals.Why;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals;

/// <summary>Registers the domain.</summary>
public static class ApprovalRegistration
{
    /// <summary>Adds cases, tasks, people, directory, audit and messages. The host adds the channels (<c>IMessageChannel</c>) and the runtime.</summary>
    public static IHostApplicationBuilder AddApprovals(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<ApprovalOptions>().BindConfiguration(ApprovalOptions.Section);
        services.AddOptions<MaterialOptions>().BindConfiguration(MaterialOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(s => ApprovalContent.Load(ContentFolder(s.GetRequiredService<IOptions<ApprovalOptions>>().Value), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => s.GetRequiredService<ApprovalContent>().Calendar);
        services.AddSingleton(s => new ActivityCatalog([.. BuiltInActivities.All, .. ApprovalActivities.All(s.GetRequiredService<ApprovalContent>())]));
        services.AddSingleton<ServiceCatalogue>();
        services.AddSingleton<StepPart, TasksPart>();
        services.AddSingleton<StepPart, HandlingPart>();
        services.AddSingleton<StepPart, ClockPart>();
        services.AddSingleton<StepPart, AssignmentPart>();
        services.AddSingleton<StepPart, CaseClocksPart>();
        services.AddSingleton<StepPart, CasesPart>();
        services.AddSingleton<StepPart, AuditPart>();
        services.AddSingleton<StepPart, MessagesPart>();
        services.AddSingleton<StepPart, EmailPart>();
        services.AddSingleton<StepPart, OutsidePart>();
        services.AddSingleton<StepPart, PanelsPart>();
        services.AddSingleton<StepPart, NoticesPart>();
        services.AddSingleton<StepPart, SubmissionsPart>();
        services.AddSingleton<IOutboxHandler, MessageDelivery>();
        services.AddSingleton<IOutboxHandler, EmailDelivery>();
        services.AddSingleton<IOutboxHandler, IdentityCalls>();
        services.AddSingleton<IOutboxHandler, Assignments>();
        services.AddSingleton<IOutboxHandler, PanelPooling>();
        services.AddSingleton<IOutboxHandler, PanelDrawing>();
        services.AddSingleton<IOutboxHandler, PanelReplacing>();
        services.AddSingleton<IOutboxHandler, PanelCounting>();
        services.AddSingleton<IOutboxHandler, PanelKeyDestruction>();
        services.AddSingleton<IOutboxHandler, NoticePreparation>();
        services.AddSingleton<IOutboxHandler, ObjectionReply>();
        services.AddOptions<CodeOptions>().BindConfiguration(CodeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<CodeKey>();
        services.AddSingleton<VerificationCodes>();
        services.AddSingleton<IOutboxHandler, CodeDelivery>();
        services.AddSingleton<IOutboxHandler, SubmissionDelivery>();
        services.AddSingleton<DirectoryImport>();
        services.AddSingleton<DirectoryReader>();
        services.AddSingleton<Cursors>();
        services.AddSingleton<CaseCommands>();
        services.AddSingleton<CaseReader>();
        services.AddSingleton<WhyReader>();
        services.AddSingleton<TaskCommands>();
        services.AddSingleton<SignCommands>();
        services.AddSingleton<TaskReader>();
        services.AddSingleton<ClockCommands>();
        services.AddSingleton<PromiseReader>();
        services.AddSingleton<ClockReader>();
        services.AddSingleton<MarkReader>();
        services.AddSingleton<ClockWatch>();
        services.AddSingleton<CalendarRevision>();
        services.AddSingleton<TaskBatches>();
        services.AddSingleton<RequestReceipts>();
        services.AddSingleton<DelegationCommands>();
        services.AddSingleton<TransferCommands>();
        services.AddSingleton<RecallCommands>();
        services.AddSingleton<JumpCommands>();
        services.AddSingleton<UrgeCommands>();
        services.AddSingleton<TaskNextActions>();
        services.AddSingleton<CopyCommands>();
        services.AddSingleton<CommentCommands>();
        services.AddSingleton<OpinionCommands>();
        services.AddSingleton<MessageReader>();
        services.AddSingleton<InboxReader>();
        services.AddSingleton<PanelStore>();
        services.AddSingleton<PanelKeys>();
        services.AddSingleton<PanelCommands>();
        services.AddSingleton<PanelReader>();
        services.AddSingleton<NoticeStore>();
        services.AddSingleton<NoticeCommands>();
        services.AddSingleton<NoticeClerk>();
        services.AddSingleton<NoticeReader>();
        services.AddSingleton<NoticeLists>();
        services.AddSingleton<SubmissionStore>();
        services.AddSingleton<SubmissionDrafts>();
        services.AddSingleton<SubmissionSealing>();
        services.AddSingleton<SubmissionSettlement>();
        services.AddSingleton<SubmissionReturns>();
        services.AddSingleton<SubmissionReader>();
        services.AddSingleton<SubmissionExport>();
        services.AddSingleton<MaterialStore>();
        services.AddSingleton<MaterialReader>();
        services.AddSingleton<MaterialLibrary>();
        services.AddSingleton<MaterialProposer>();
        services.AddSingleton<MaterialScanning>();
        services.AddSingleton<MaterialCleanup>();
        services.AddSingleton<MasterKey>();
        services.AddSingleton<DataKeys>();
        services.AddSingleton<Reencryption>();
        services.AddSingleton(PersonStore.Table);
        services.AddSingleton(SealedStep.Table);
        services.AddSingleton<PersonStore>();
        services.AddSingleton<PersonReader>();
        services.AddSingleton<PersonCommands>();
        services.AddSingleton<Reveals>();
        services.AddSingleton<AuditKey>();
        services.AddSingleton<AuditKeys>();
        services.AddSingleton<AuditSealing>();
        services.AddSingleton<AuditVerification>();
        return builder;
    }

    /// <summary>The folder with the services.</summary>
    /// <exception cref="DirectoryNotFoundException">None was found.</exception>
    private static string ContentFolder(ApprovalOptions options)
    {
        if (options.ContentDir is { Length: > 0 } given)
            return Directory.Exists(given) ? given : throw new DirectoryNotFoundException($"Talent:ContentDir is '{given}', which doesn't exist.");
        foreach (var start in (string[])[Directory.GetCurrentDirectory(), AppContext.BaseDirectory])
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
                if (Directory.Exists(Path.Combine(folder.FullName, "workflows", "calendars")))
                    return Path.Combine(folder.FullName, "workflows");
        throw new DirectoryNotFoundException("No folder 'workflows' was found. Set Talent:ContentDir to it.");
    }
}
