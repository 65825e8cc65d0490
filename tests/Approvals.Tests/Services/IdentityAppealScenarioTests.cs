using System.Text.Json.Nodes;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Integrations.Identity;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.RealName;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Services;

/// <summary>实名认证人工申诉: the bureau decides, and an approval moves the identity in the same step.</summary>
public sealed class IdentityAppealScenarioTests() : ExampleScenarios("identity-appeal")
{
    private const string Holder = "applicant-li", Officer = "bureau-reviewer-1", PhoneOfHolder = "19900007701";

    private protected override void AddServices(IServiceCollection services) => services.AddSingleton<IIdentityVerification, IdentitySimulator>();

    [Fact]
    public Task Appeal_WhenItIsGranted_ThenTheIdentityMovesInTheSameStepAndBothAreTold_R_ACC_2() => Play(async desk =>
    {
        var (holder, applicant) = await BoundAsync(desk, "applicant-wang");
        var filed = await desk.SubmittedAsync(Sample(desk, "applicant-wang"));
        Assert.Equal("市局核实", await Stages(filed));
        Assert.Equal("10wd", await desk.Scalar<string>("select due_rule from approvals.tasks"));

        await Approve(filed, Officer);

        // Before anything was delivered: both stand in the step.
        Assert.Equal("已办结", await filed.Status());
        Assert.Equal((false, true), (await Verified(desk, holder), await Verified(desk, applicant)));
        Assert.Equal($"appeal {holder} {applicant} {filed.Id} {Officer}", await desk.Scalar<string>("select concat_ws(' ', way, from_person, to_person, case_id, user_id) from approvals.identity_moves"));
        Assert.Contains("case.completed → applicant-wang", await filed.Told());
        Assert.Equal(["identity.released"], desk.Sent.Where(m => m.To == PhoneOfHolder).Select(m => m.Event));
        Assert.Equal("identity.released", await desk.Scalar<string>($"select string_agg(event, ' ') from approvals.inbox where user_id = '{Holder}'"));
        Assert.Equal(("released", "verified"), (await State(desk, Holder, holder), await State(desk, "applicant-wang", applicant)));
        // Nobody learns of the other by the case.
        Assert.DoesNotContain(desk.Sent, m => m.CaseId == filed.Id && (m.Text.Contains(PhoneOfHolder, StringComparison.Ordinal) || m.Text.Contains(Holder, StringComparison.Ordinal)));
    });

    [Fact]
    public Task Appeal_WhenWhoAppealsWorksForNobodyYet_ThenTheBureauDecidesItAllTheSame_R_ACC_2() => Play(async desk =>
    {
        await desk.Execute("update approvals.associations set ended_at = now(), end_reason = 'dissociated' where user_id = 'applicant-wang'; update approvals.users set organisation_id = null where id = 'applicant-wang'");
        var (holder, applicant) = await BoundAsync(desk, "applicant-wang");

        var filed = await desk.SubmittedAsync(Sample(desk, "applicant-wang"));
        Assert.Equal(("市局核实", "bureau bureau bureau 119900"), (await Stages(filed), await desk.Scalar<string>($"select concat_ws(' ', employer_id, unit_id, bureau_id, region) from approvals.cases where id = '{filed.Id}'")));
        await Approve(filed, Officer);

        Assert.Equal(("已办结", false, true), (await filed.Status(), await Verified(desk, holder), await Verified(desk, applicant)));
    });

    [Fact]
    public Task Appeal_WhenItIsReturned_ThenTheCorrectionGoesBackToTheOfficer_R_ACC_2_R_REV_2() => Play(async desk =>
    {
        var (holder, applicant) = await BoundAsync(desk, "applicant-zhang");
        var sample = Sample(desk, "applicant-zhang");
        var filed = await desk.SubmittedAsync(sample);

        await Decide(filed, "return", Officer);
        Assert.Equal((true, false), (await Verified(desk, holder), await Verified(desk, applicant)));
        // Saved first, what it asks for now comes in from the library.
        var whole = JsonNode.Parse(sample.Phase1.GetRawText())!.AsObject();
        foreach (var field in sample.Correction!.Data.EnumerateObject())
            whole[field.Name] = JsonNode.Parse(field.Value.GetRawText());
        await desk.Get<CaseCommands>().SaveAsync(filed.Applicant.Caller, filed.Id, 1, JsonSerializer.SerializeToElement(whole), null, default);
        await filed.Supplement();
        await Approve(filed, Officer);

        Assert.Equal("已办结", await filed.Status());
        Assert.Equal((false, true), (await Verified(desk, holder), await Verified(desk, applicant)));
    });

    [Fact]
    public Task Appeal_WhenItIsRefused_ThenNothingMovesAndTheReasonIsTold_R_ACC_2() => Play(async desk =>
    {
        var (holder, applicant) = await BoundAsync(desk, "applicant-huang");
        var filed = await desk.SubmittedAsync(Sample(desk, "applicant-huang"));
        var task = (await TaskOf(filed, Officer))!;
        // A refusal without reasons is none.
        Assert.Equal(ErrorCodes.InvalidRequest, (await Assert.ThrowsAsync<WorkflowException>(() => desk.As(Officer).Decide(task.Id, "reject", null))).Code);

        await Decide(filed, "reject", Officer);

        Assert.Equal("未通过", await filed.Status());
        Assert.Equal((true, false), (await Verified(desk, holder), await Verified(desk, applicant)));
        Assert.Contains("case.rejected → applicant-huang", await filed.Told());
        Assert.Contains("经研究决定。", desk.Sent.Single(m => m.Event == "case.rejected" && m.Channel == "email").Text, StringComparison.Ordinal);
        Assert.DoesNotContain(desk.Sent, m => m.Event == "identity.released");
        Assert.Equal("bound_to_another", await State(desk, "applicant-huang", applicant));
    });

    [Fact]
    public Task Appeal_WhenNothingIsSupplied_ThenItEnds_R_ACC_2_R_REV_3() => Play(async desk =>
    {
        var (holder, _) = await BoundAsync(desk, "applicant-zhang");
        var filed = await desk.SubmittedAsync(Sample(desk, "applicant-zhang"));

        await Decide(filed, "return", Officer);
        await desk.AdvanceTo("2026-11-02 09:00");
        await Settle(desk);

        Assert.Equal("退案", await filed.Status());
        Assert.True(await Verified(desk, holder));
    });

    [Fact]
    public Task Appeal_WhenTheClaimWasNeverConfirmedOrHasChanged_ThenItCantBeGranted_R_ACC_2() => Play(async desk =>
    {
        var people = PersonDesk.On(desk);
        var holder = await people.Register(Holder, "李示例", phone: PhoneOfHolder);
        await Verify(desk, Holder, holder);
        // Never verified, and a number that isn't theirs.
        var wang = await people.Register("applicant-wang", "王样本");
        var filed = await desk.SubmittedAsync(Sample(desk, "applicant-wang"));
        await RefusedAsync(filed);

        // Confirmed, and changed since.
        await Verify(desk, "applicant-wang", wang);
        await people.Commands.ChangeAsync(people.As("applicant-wang"), wang, new PersonChange(Name: "王改名"), null, default);
        await RefusedAsync(filed);
        Assert.Equal((true, false), (await Verified(desk, holder), await Verified(desk, wang)));
        Assert.Equal("市局核实", await Stages(filed));

        // Confirmed again: now it can.
        await Verify(desk, "applicant-wang", wang);
        await Approve(filed, Officer);
        Assert.Equal((false, true), (await Verified(desk, holder), await Verified(desk, wang)));

        async Task RefusedAsync(FiledCase appeal)
        {
            var task = (await TaskOf(appeal, Officer))!;
            var refusal = await Assert.ThrowsAsync<WorkflowException>(() => desk.As(Officer).Decide(task.Id, "approve", "同意"));
            Assert.Equal((ErrorCodes.WrongState, (object?)RealNamePart.ClaimGate), (refusal.Code, refusal.Facts["reason"]));
        }
    });

    [Fact]
    public Task Appeals_WhenTwoAreGrantedAtOnce_ThenTheIdentityIsOneAccounts_R_ACC_2() => Play(async desk =>
    {
        var (holder, wang) = await BoundAsync(desk, "applicant-wang");
        var huang = await PersonDesk.On(desk).Register("applicant-huang", "李示例");
        await Verify(desk, "applicant-huang", huang);
        var (first, second) = (await desk.SubmittedAsync(Sample(desk, "applicant-wang")), await desk.SubmittedAsync(Sample(desk, "applicant-huang")));
        var tasks = ((await TaskOf(first, Officer))!.Id, (await TaskOf(second, "bureau-reviewer-2"))!.Id);

        var codes = await Task.WhenAll(Try(Officer, tasks.Item1), Try("bureau-reviewer-2", tasks.Item2));

        Assert.Contains("granted", codes);
        Assert.All(codes, c => Assert.True(c is "granted" or ErrorCodes.Conflict or ErrorCodes.Busy, c));
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.people where verified_at is not null"));
        Assert.False(await Verified(desk, holder));
        Assert.Equal(codes.Count(c => c == "granted"), (int)await desk.Scalar<long>("select count(*) from approvals.identity_moves"));

        Task<string> Try(string user, Guid task) => Task.Run(async () =>
        {
            try
            {
                await desk.As(user).Decide(task, "approve", "同意");
                return "granted";
            }
            catch (WorkflowException e)
            {
                return e.Code;
            }
        });
    });

    /// <summary>The holder is verified; the applicant claims the same and is told that it is bound.</summary>
    internal static async Task<(Guid Holder, Guid Applicant)> BoundAsync(CaseDesk desk, string user)
    {
        var people = PersonDesk.On(desk);
        var (holder, applicant) = (await people.Register(Holder, "李示例", phone: PhoneOfHolder), await people.Register(user, "李示例"));
        Assert.Equal("verified", await Verify(desk, Holder, holder));
        Assert.Equal("bound_to_another", await Verify(desk, user, applicant));
        return (holder, applicant);
    }

    private static async Task<string> Verify(CaseDesk desk, string user, Guid person)
    {
        await desk.Get<RealNameCommands>().StartAsync(desk.As(user).Caller, person, new NewVerification(ResidentId: PersonDesk.NumberOf(25)), null, default);
        await desk.Deliver();
        return await State(desk, user, person);
    }

    private static async Task<string> State(CaseDesk desk, string user, Guid person) => (await desk.Get<RealNameReader>().ReadAsync(desk.As(user).Caller, person, default)).State;

    private static Task<bool> Verified(CaseDesk desk, Guid person) => desk.Scalar<bool>($"select verified_at is not null from approvals.people where id = '{person}'");

    private static Approvals.Cases.Packages.ServiceSample Sample(CaseDesk desk, string applicant) => desk.Content.Services.Single().Samples.Single(s => s.Applicant == applicant);
}
