using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers.Associations;
using Talent.Workflows.Approvals.Integrations.Identity;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Submissions;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Approvals.Tests.Employers.Associations;
using Talent.Workflows.Approvals.Tests.Panels;
using Talent.Workflows.Approvals.Tests.Standing;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>
/// Every sample of every shipped service is filed and brought to an end on a real database, seven times: it takes the course that it is written for;
/// everybody approves; every review returns it once; the first one rejects it; the last one does; it is withdrawn; nobody acts in time. Whoever holds
/// the role of a task does it.
/// </summary>
public sealed class EverySampleTests
{
    private const string Course = "course", Approves = "approve", Returns = "return", Rejects = "reject", RejectsLast = "reject-last", Withdraws = "withdraw", TimesOut = "time-out";

    /// <summary>Where a sample's story has it rejected by another review than the first.</summary>
    private static readonly Dictionary<string, string> RejectedAt = new(StringComparer.Ordinal) { ["03-zhang-transfer-rejected"] = "bureau-review" };

    /// <summary>Longer than any stage's limit with its ladder, or a notice.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromDays(40);

    private const int MostSteps = 60;

    public static TheoryData<string, string> Ways
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var folder in Directory.GetDirectories(ShippedContent.Workflows).Where(f => File.Exists(Path.Combine(f, "service.json"))).Order(StringComparer.Ordinal))
                foreach (var way in (string[])[Course, Approves, Returns, Rejects, RejectsLast, Withdraws, TimesOut])
                    all.Add(Path.GetFileName(folder), way);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Samples_WhenTheyAreFiled_ThenEachComesToItsEnd_R_CASE_1_R_CASE_6_R_REV_2_R_REV_5(string service, string way)
    {
        CaseDesk? desk = null;
        try
        {
            desk = await OpenAsync(service);
            foreach (var sample in desk.Content.Services.Single().Samples.Where(s => s.ExpectedErrors.Count == 0 && s.Course != "invalid").ToArray())
            {
                // A claim on an identity is one of one person.
                if (service == "identity-appeal")
                {
                    await desk.DisposeAsync();
                    desk = await OpenAsync(service);
                    await IdentityAppealScenarioTests.BoundAsync(desk, sample.Applicant);
                }
                var filed = await DraftAsync(desk, sample);
                await filed.Submit();
                await desk.Deliver();
                await PlayAsync(filed, way);

                var ended = await desk.Scalar<string>($"select status from approvals.cases where id = '{filed.Id}'");
                var lapses = sample.Phase2 is null && desk.Content.Services.Single().Service.Phases.Any(p => p.Phase == 2);
                Assert.True(Ends(service, sample, way, lapses).Contains(StatusWord.Find(ended)!.Status), $"{service} {sample.Name}, {way}: ended as {ended}");
                if (way == Course)
                    await TookItsCourseAsync(filed, ended, lapses);
                Assert.Equal(0L, await desk.Scalar<long>($"select count(*) from approvals.tasks where case_id = '{filed.Id}' and status < 2"));
                Assert.Equal("", await desk.Scalar<string>("select coalesce(string_agg(kind || ': ' || last_error, ' '), '') from engine.outbox_failed"));
            }
            Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
        }
        finally
        {
            if (desk is not null)
                await desk.DisposeAsync();
        }
    }

    /// <summary>How a case may end on its way.</summary>
    /// <param name="lapses">The sample says nothing of a second phase that the service has: nothing is handed in for it.</param>
    private static CaseStatus[] Ends(string service, ServiceSample sample, string way, bool lapses) => way switch
    {
        // It ends with the hand-in: nobody decides.
        _ when service == "dissociation" => [CaseStatus.Completed],
        Course when lapses => [CaseStatus.Rejected],
        Course => sample.Course switch
        {
            "completed" or "returned" => [CaseStatus.Completed],
            "withdrawn" => [CaseStatus.Withdrawn],
            "refused" => [CaseStatus.Refused],
            "rejected" or "rejected-by-panel" or "dismissed" or "not-proposed" => [CaseStatus.Rejected],
            _ => throw new InvalidOperationException($"Nobody knows how a case whose course is '{sample.Course}' ends."),
        },
        Approves or Returns when IsForbidden(service, sample) => [CaseStatus.Rejected],
        Approves or Returns when lapses => [CaseStatus.Rejected],
        Approves or Returns => [CaseStatus.Completed],
        // It passes without anybody's decision.
        Rejects or RejectsLast when service == "employer-certification" && sample.Name.EndsWith("unchanged", StringComparison.Ordinal) => [CaseStatus.Completed],
        RejectsLast => [CaseStatus.Rejected],
        Rejects => [CaseStatus.Rejected, CaseStatus.Refused],
        Withdraws => [CaseStatus.Withdrawn],
        _ => [CaseStatus.Completed, CaseStatus.Rejected, CaseStatus.Refused],
    };

    /// <summary>The code that the sample confirms is another employer's: no reviewer can certify it.</summary>
    private static bool IsForbidden(string service, ServiceSample sample) => service == "employer-certification" && sample.Course == "rejected";

    /// <summary>What the sample tells besides its end has happened: who decided it, or what was corrected.</summary>
    private static async Task TookItsCourseAsync(FiledCase filed, string ended, bool lapses)
    {
        var (desk, sample) = (filed.Desk, filed.Sample);
        Assert.Equal(lapses || sample.Course is "dismissed" or "not-proposed", ended == "dismissed");
        Assert.Equal(sample.Course == "rejected-by-panel" ? 1L : 0L, await desk.Scalar<long>($"select count(*) from approvals.panels where case_id = '{filed.Id}' and result->>'outcome' = 'failed'"));
        Assert.Equal(sample.Course == "not-proposed" ? 1L : 0L, await desk.Scalar<long>($"select count(*) from approvals.tasks where case_id = '{filed.Id}' and kind = '{TaskKinds.SubmissionDecision}' and outcome = 'reject'"));
        string[] returned = sample.Correction is { } asked ? [$"{asked.Stage}: {asked.Opinion}"] : [];
        Assert.Equal(returned, await desk.Rows($"select stage || ': ' || opinion from approvals.tasks where case_id = '{filed.Id}' and outcome = 'return' order by decided_at", r => r.GetString(0)));
        if (sample.Correction is { } correction)
        {
            var data = (await filed.Read()).Data["1"];
            foreach (var field in correction.Data.EnumerateObject().Where(f => f.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Array)))
                Assert.True(JsonElement.DeepEquals(field.Value, data.GetProperty(field.Name)), $"{sample.Name}: {field.Name} isn't corrected");
        }
    }

    private static async Task PlayAsync(FiledCase filed, string way)
    {
        var (desk, returned) = (filed.Desk, new HashSet<string>(StringComparer.Ordinal));
        if ((way == Withdraws || way == Course && filed.Sample.Course == "withdrawn") && (await Ended(filed)) is false)
            await filed.Withdraw();
        for (var step = 0; !await Ended(filed); step++)
        {
            Assert.True(step < MostSteps, $"{desk.Service} {filed.Sample.Name}, {way}: no end after {MostSteps} steps, in {await filed.Status()}");
            await ActAsync(filed, way, returned);
            await desk.Deliver();
        }
    }

    private static async Task ActAsync(FiledCase filed, string way, HashSet<string> returned)
    {
        var desk = filed.Desk;
        var tasks = await desk.Rows($"select id, kind, stage, outcomes from approvals.tasks where case_id = '{filed.Id}' and status < 2 order by opened_at, id",
            r => (Id: r.GetGuid(0), Kind: r.GetString(1), Stage: r.GetString(2), Outcomes: r.GetFieldValue<string[]>(3)));
        if (tasks.FirstOrDefault(t => t.Kind == TaskKinds.Ballot) is { Kind: not null })
        {
            await new PanelDesk(desk, filed).Cast([.. tasks.Where(t => t.Kind == TaskKinds.Ballot).Select(_ => way == Course && filed.Sample.Course == "rejected-by-panel" ? "fail" : "pass")]);
            return;
        }
        var task = tasks.FirstOrDefault(t => t.Kind is TaskKinds.Review or TaskKinds.Supplement or TaskKinds.Materials or TaskKinds.Submission or TaskKinds.SubmissionDecision);
        switch (task.Kind)
        {
            // A notice is up.
            case null:
                await WaitAsync(desk);
                break;
            case TaskKinds.Supplement when way == TimesOut:
            case TaskKinds.Materials when way == TimesOut || filed.Sample.Phase2 is null:
                await WaitAsync(desk);
                break;
            case TaskKinds.Supplement:
                await CorrectAsync(filed, returned);
                break;
            case TaskKinds.Materials:
                await filed.Supplement(filed.Sample.Phase2!.Value);
                break;
            case TaskKinds.Submission:
                await desk.ListAsync(await HolderAsync(desk, task.Id), filed);
                break;
            case TaskKinds.SubmissionDecision:
                var list = await desk.Scalar<Guid>($"select submission_id from approvals.submission_cases where case_id = '{filed.Id}'");
                CaseDecision[] named = way == Course && filed.Sample.Course == "not-proposed" ? [new CaseDecision(filed.Id, "reject", "未列入拟引进名单")] : [];
                await desk.SettleAsync(await HolderAsync(desk, task.Id), list, "示人才函〔2026〕5号", named);
                break;
            default:
                if (way == TimesOut && !task.Outcomes.Contains("return"))
                {
                    await WaitAsync(desk);
                    if (await Ended(filed))
                        return;
                }
                var first = returned.Add(task.Stage);
                var outcome = way == Course ? OfCourse(filed.Sample, task.Stage, task.Outcomes, first) : Outcome(desk.Service, filed.Sample, way, task.Outcomes, first, way == RejectsLast && task.Stage == LastReview(desk));
                await DecideAsync(filed, task.Id, outcome, way == Course && outcome == "return" ? filed.Sample.Correction!.Opinion : "经研究决定。");
                break;
        }
    }

    /// <summary>What the sample has the reviewer of this stage decide.</summary>
    private static string OfCourse(ServiceSample sample, string stage, string[] offered, bool first) => sample.Course switch
    {
        _ when sample.Correction?.Stage == stage && first => "return",
        "rejected" when RejectedAt.GetValueOrDefault(sample.Name, stage) == stage => "reject",
        // 不予受理 is the window's, 退案 the examiner's.
        "refused" when offered.Contains("refuse") => "refuse",
        "dismissed" when offered.Contains("reject") => "reject",
        _ => "approve",
    };

    /// <summary>The last stage of the service at which somebody reviews the case.</summary>
    private static string? LastReview(CaseDesk desk)
    {
        var package = desk.Content.Services.Single();
        var reviews = JsonNode.Parse(package.Definition.Span)!["root"]!["activities"]!.AsArray().Where(a => (string?)a!["type"] == "Talent.ReviewStage").Select(a => (string)a!["id"]!).ToHashSet(StringComparer.Ordinal);
        return package.Service.Phases.SelectMany(p => p.Stages).Select(s => s.Key).LastOrDefault(reviews.Contains);
    }

    private static string Outcome(string service, ServiceSample sample, string way, string[] offered, bool first, bool last) => way switch
    {
        Returns or TimesOut when first && offered.Contains("return") => "return",
        Rejects => offered.Contains("reject") ? "reject" : "refuse",
        RejectsLast when last => "reject",
        _ when IsForbidden(service, sample) => "reject",
        _ => "approve",
    };

    private static async Task DecideAsync(FiledCase filed, Guid task, string outcome, string opinion)
    {
        var desk = filed.Desk;
        var user = desk.As(await HolderAsync(desk, task));
        if (desk.Service == "association" && outcome == "approve")
            await desk.Get<TaskCommands>().DecideAsync(user.Caller, task, EmploymentDesk.Approval(), null, null, default);
        else
            await user.Decide(task, outcome, opinion);
    }

    /// <summary>What the sample corrects, where its stage has returned it: saved first, so that what it asks for now comes in from the library.</summary>
    private static async Task CorrectAsync(FiledCase filed, HashSet<string> returned)
    {
        if (filed.Sample.Correction is { } correction && returned.Contains(correction.Stage))
        {
            var whole = JsonNode.Parse(filed.Sample.Phase1.GetRawText())!.AsObject();
            foreach (var field in correction.Data.EnumerateObject())
                whole[field.Name] = JsonNode.Parse(field.Value.GetRawText());
            if (await filed.Desk.Scalar<short>($"select phase from approvals.cases where id = '{filed.Id}'") == 1)
                await filed.Desk.Get<CaseCommands>().SaveAsync(filed.Applicant.Caller, filed.Id, 1, JsonSerializer.SerializeToElement(whole), null, default);
        }
        await filed.Supplement();
    }

    private static Task WaitAsync(CaseDesk desk) => desk.AdvanceTo(desk.Now.Add(Long).ToOffset(ChinaTime.Offset).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture));

    private static Task<bool> Ended(FiledCase filed) => filed.Desk.Scalar<bool>($"select ended_at is not null from approvals.cases where id = '{filed.Id}'");

    /// <summary>Who may do the task: whose it is, or somebody who holds its role.</summary>
    private static Task<string> HolderAsync(CaseDesk desk, Guid task) => desk.Scalar<string>($"""
        select coalesce(t.assignee, t.claimed_by, (select min(r.user_id) from approvals.user_roles r join approvals.users u on u.id = r.user_id and u.active
            where r.role = t.role and (t.organisation_id is null or r.organisation_id = t.organisation_id) and not r.user_id = any(t.excluded)), 'nobody holds ' || t.role)
        from approvals.tasks t where t.id = '{task}'
        """);

    private static async Task<CaseDesk> OpenAsync(string service)
    {
        var opened = CaseDesk.OpenServiceAsync(ServiceFolders.All[service], services =>
        {
            services.AddSingleton<IDocumentRecognition>(new RecognitionSimulator());
            services.AddSingleton<IIdentityVerification, IdentitySimulator>();
        });
        return service switch
        {
            "talent-introduction" or "work-residence-permit" => await opened.WithReadyEmployersAsync("emp-metro", "emp-water", "emp-university", "emp-press"),
            "employer-certification" => await opened,
            _ => await opened.WithDistrictsAsync(service),
        };
    }

    /// <summary>The sample's case, begun by who files it.</summary>
    private static async Task<FiledCase> DraftAsync(CaseDesk desk, ServiceSample sample)
    {
        var package = desk.Content.Services.Single();
        switch (package.Service.Id)
        {
            case "employer-certification":
                var said = (await desk.DirectoryAsync(Licences.EmployerOf(sample.Applicant))).Split(' ');
                return await desk.DraftAsync(sample with { Phase1 = Licences.Json(new { licence = await desk.LicenceAsync(sample.Applicant, said[0], said[1]) }) });
            case "association":
                await desk.Execute($"update approvals.associations set ended_at = now(), end_reason = 'left' where user_id = '{sample.Applicant}' and ended_at is null; update approvals.users set organisation_id = null where id = '{sample.Applicant}'");
                return (await desk.BeginAsync(sample.Applicant)) with { Sample = sample };
            case "dissociation" when sample.Name.EndsWith("by-handler", StringComparison.Ordinal):
                return await desk.DraftByHandlerAsync(sample.Name);
        }
        return package.Service.FiledBy.Contains("applicant") || package.Service.Subject == CaseSubjects.Employer ? await desk.DraftAsync(sample) : await desk.DraftByHandlerAsync(sample.Name);
    }
}
