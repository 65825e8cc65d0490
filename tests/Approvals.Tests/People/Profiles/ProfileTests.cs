using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.People.Profiles;

/// <summary>个人信息完善 as in the manual: step by step, with progress, preview and submit.</summary>
public sealed class ProfileTests
{
    [Fact]
    public async Task Profile_WhenFilledInStepByStep_ThenProgressGapsAndSubmissionFollow_R_PER_1()
    {
        await using var desk = await PersonDesk.OpenAsync();
        var li = desk.As("applicant-li");
        Assert.Equal(ProfileGapCodes.NotRegistered, Assert.Single(await desk.Reader.GapsAsync("applicant-li", default)).Code);
        var id = await desk.RegisterLi();

        for (var done = 0; done < Profile.Steps.Length; done++)
        {
            var before = await desk.Reader.ReadAsync(li, id, default);
            Assert.Equal((done, 5, false), (before.Progress.Done, before.Progress.Total, before.Progress.Complete));
            Assert.Equal(Profile.Steps.Skip(done), before.Gaps.Select(g => g.Step).Distinct());
            Assert.Equal(before.Gaps, await desk.Reader.GapsAsync("applicant-li", default));
            var refusal = await Assert.ThrowsAsync<WorkflowException>(() => desk.Commands.SubmitAsync(li, id, null, default));
            Assert.Equal((ErrorCodes.InvalidForm, before.Gaps.Count), (refusal.Code, Assert.IsAssignableFrom<IReadOnlyList<ProfileGap>>(refusal.Facts["gaps"]).Count));
            await desk.Commands.SaveStepAsync(li, id, Profile.Steps[done], Profile.Of(Profile.Steps[done]), before.Version, default);
        }

        var preview = await desk.Reader.ReadAsync(li, id, default);
        Assert.True(preview.Progress.Complete);
        Assert.Empty(preview.Gaps);
        Assert.Equal(ProfileGapCodes.NotSubmitted, Assert.Single(await desk.Reader.GapsAsync("applicant-li", default)).Code);
        await desk.Commands.SubmitAsync(li, id, preview.Version, default);
        Assert.Empty(await desk.Reader.GapsAsync("applicant-li", default));
        var submitted = await desk.Reader.ReadAsync(li, id, default);
        Assert.Equal(desk.Desk.Now, submitted.SubmittedAt);
        // Again changes nothing; another change has to be previewed and submitted again.
        await desk.Commands.SubmitAsync(li, id, null, default);
        Assert.Equal(submitted.Version, (await desk.Reader.ReadAsync(li, id, default)).Version);
        await desk.Commands.SaveStepAsync(li, id, "photo", JsonDocument.Parse("""{"photo":"photo-2"}""").RootElement, null, default);
        Assert.Equal(ProfileGapCodes.NotSubmitted, Assert.Single(await desk.Reader.GapsAsync("applicant-li", default)).Code);
    }

    [Fact]
    public async Task Step_WhenSavedUnfinished_ThenNothingIsLostAndItIsPartial_R_PER_1()
    {
        await using var desk = await PersonDesk.OpenAsync();
        var li = desk.As("applicant-li");
        var id = await desk.RegisterLi();

        await desk.Commands.SaveStepAsync(li, id, "general", JsonDocument.Parse("""{"gender":"female","emergencyPhone":"1990"}""").RootElement, null, default);

        var view = await desk.Reader.ReadAsync(li, id, default);
        var step = view.Steps.Single(s => s.Key == "general");
        Assert.Equal((StepState.Partial, "female"), (step.State, step.Data!.Value.GetProperty("gender").GetString()));
        Assert.Contains(view.Gaps, g => g is { Step: "general", Field: "emergencyPhone", Code: "bad_format" });
        Assert.Contains(view.Gaps, g => g is { Step: "general", Field: "ethnicity", Code: "required" });
    }

    [Fact]
    public async Task Step_WhenSavedOverAVersionThatIsGone_ThenItIsRefusedAndOfTwoAtOnceBothArrive_R_PER_1()
    {
        await using var desk = await PersonDesk.OpenAsync();
        var li = desk.As("applicant-li");
        var id = await desk.RegisterLi();
        await desk.Commands.SaveStepAsync(li, id, "photo", Profile.Of("photo"), 1, default);

        Assert.Equal(ErrorCodes.PreconditionFailed, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Commands.SaveStepAsync(li, id, "general", Profile.Of("general"), 1, default))).Code);
        await Task.WhenAll(((string[])["general", "work"]).Select(step => Task.Run(() => desk.Commands.SaveStepAsync(li, id, step, Profile.Of(step), null, default))));

        Assert.Equal(3, (await desk.Reader.ReadAsync(li, id, default)).Progress.Done);
    }

    [Fact]
    public async Task Step_WhenManySaveOverTheSameVersionAtOnce_ThenOneDoes_R_PER_1()
    {
        await using var desk = await PersonDesk.OpenAsync();
        var li = desk.As("applicant-li");
        var id = await desk.RegisterLi();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(async () =>
        {
            try
            {
                await desk.Commands.SaveStepAsync(li, id, "photo", JsonDocument.Parse($$"""{"photo":"photo-{{n}}"}""").RootElement, 1, default);
                return "saved";
            }
            catch (WorkflowException refusal)
            {
                return refusal.Code;
            }
        })));

        Assert.Equal([.. Enumerable.Repeat(ErrorCodes.PreconditionFailed, 7), "saved"], answers.Order(StringComparer.Ordinal));
        Assert.Equal(2, (await desk.Reader.ReadAsync(li, id, default)).Version);
    }

    [Fact]
    public async Task Step_WhenWhatWasShownMaskedIsSentBack_ThenTheNumbersStay_R_AUD_2()
    {
        await using var desk = await PersonDesk.OpenAsync();
        await desk.GrantReveal("bureau-reviewer-1", "bureau");
        var li = desk.As("applicant-li");
        var id = await desk.RegisterLi();
        await desk.FillAsync("applicant-li", id);

        foreach (var step in (await desk.Reader.ReadAsync(li, id, default)).Steps)
            await desk.Commands.SaveStepAsync(li, id, step.Key, step.Data!.Value, null, default);

        Assert.Equal(Profile.EmergencyPhone, await desk.Revealed("bureau-reviewer-1", id, "emergencyPhone"));
        Assert.Equal(Profile.Certificate, await desk.Revealed("bureau-reviewer-1", id, "degreeCertificate"));
        Assert.True((await desk.Reader.ReadAsync(li, id, default)).Progress.Complete);
        // A row before it: the masked number is still that of its row. A mask of another number is none.
        var moved = """{"hasWorked":true,"workExperience":[{"fromMonth":"2010-01","employer":"甲","position":"职员","referencePhone":"19900009933"},{"fromMonth":"2012-07","employer":"乙","position":"主管","referencePhone":"199****9922"}]}""";
        await desk.Commands.SaveStepAsync(li, id, "work", JsonDocument.Parse(moved).RootElement, null, default);
        var work = (await desk.Desk.Get<Reveals>().RevealAsync(desk.As("bureau-reviewer-1"), id, new RevealRequest(["workExperience"], "核对经历"), default)).Fields["workExperience"];
        Assert.Equal(["19900009933", Profile.ReferencePhone], work.EnumerateArray().Select(r => r.GetProperty("referencePhone").GetString()));
        var refusal = await Assert.ThrowsAsync<WorkflowException>(() => desk.Commands.SaveStepAsync(li, id, "general", JsonDocument.Parse("""{"emergencyPhone":"199****0000"}""").RootElement, null, default));
        Assert.Equal(("emergencyPhone", "bad_format"), Assert.IsAssignableFrom<IReadOnlyList<FormError>>(refusal.Facts["errors"]).Select(e => (e.Path, e.Code)).Single());
    }

    [Fact]
    public async Task Step_WhenSentBySomebodyElse_ThenItIsRefused_R_PER_1()
    {
        await using var desk = await PersonDesk.OpenAsync();
        var id = await desk.RegisterLi();

        Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Commands.SaveStepAsync(desk.As("emp-metro-handler"), id, "photo", Profile.Of("photo"), null, default))).Code);
        Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Commands.SubmitAsync(desk.As("bureau-reviewer-1"), id, null, default))).Code);
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Commands.SaveStepAsync(desk.As("applicant-wang"), id, "photo", Profile.Of("photo"), null, default))).Code);
        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Commands.SaveStepAsync(desk.As("applicant-li"), id, "hobbies", Profile.Of("photo"), null, default))).Code);
        Assert.Equal(ErrorCodes.InvalidForm, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Commands.SaveStepAsync(desk.As("applicant-li"), id, "photo", Profile.Of("general"), null, default))).Code);
    }
}
