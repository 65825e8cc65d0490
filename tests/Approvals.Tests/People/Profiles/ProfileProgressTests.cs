using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Approvals.Tests.Cases.Packages;

namespace Talent.Workflows.Approvals.Tests.People.Profiles;

public sealed class ProfileProgressTests
{
    private static readonly DateOnly Today = new(2026, 11, 21);
    private static readonly ProfileForm Form = ProfileForm.Parse(File.ReadAllBytes(Path.Combine(ShippedContent.Workflows, "shared", "people", ProfileForm.FileName)), ApprovalContent.Checks(TimeProvider.System), ShippedContent.Tables);

    private static ProfileProgress Of(IEnumerable<string> steps, bool id = true, bool phone = true) => ProfileProgress.Of(Form, id, phone, steps.ToDictionary(s => s, Profile.Of), Today);

    [Fact]
    public void Steps_WhenTheShippedFormIsRead_ThenTheyAreTheManuals_R_PER_1() =>
        Assert.Equal(["一般信息", "教育信息", "学习经历", "工作经历", "证件照片"], Form.Steps.Select(s => s.Zh));

    [Fact]
    public void Progress_WhenAllIsThere_ThenItIsComplete_R_PER_1()
    {
        var progress = Of(Profile.Steps);

        Assert.Empty(progress.Gaps);
        Assert.True(progress.IsComplete);
        Assert.Equal(5, progress.Done);
    }

    [Fact]
    public void Progress_WhenNothingIsThere_ThenEachRequiredFieldIsAGapOfItsStep_R_PER_1()
    {
        var progress = Of([], id: false, phone: false);

        Assert.All(progress.Steps, s => Assert.Equal(StepState.Empty, s.State));
        Assert.Equal(["identity", "general", "education", "study", "work", "photo"], progress.Gaps.Select(g => g.Step).Distinct());
        Assert.Equal(["no_resident_id", "no_phone"], progress.Gaps.Where(g => g.Step == "identity").Select(g => g.Code));
        Assert.Contains(progress.Gaps, g => g is { Step: "general", Field: "ethnicity", Code: "required", Zh: "请选择“民族”" });
        Assert.DoesNotContain(progress.Gaps, g => g.Field is "emergencyPhone" or "titleName" or "degreeCertificate" or "workExperience");
    }

    /// <summary>Any steps may be missing, and any fields of those that are there: the gaps are those of the missing ones, and a step is complete when it has none.</summary>
    [Fact]
    public void Progress_WhenAnythingIsMissing_ThenExactlyThatIsNamed_R_PER_1() => Property.Holds(Gen.Choose(0, int.MaxValue - 1), seed =>
    {
        var random = new Random(seed);
        var saved = Profile.Steps.Where(_ => random.Next(4) > 0).ToDictionary(s => s, Profile.Of);
        var dropped = new HashSet<string>();
        foreach (var step in saved.Keys.ToArray())
        {
            var kept = saved[step].EnumerateObject().Where(f => random.Next(5) > 0 || !dropped.Add(f.Name)).ToDictionary(f => f.Name, f => f.Value);
            saved[step] = JsonSerializer.SerializeToElement(kept);
        }

        var progress = ProfileProgress.Of(Form, true, true, saved, Today);

        foreach (var step in Form.Steps)
        {
            var gaps = progress.Gaps.Where(g => g.Step == step.Key).Select(g => g.Field).ToArray();
            Assert.Equal(!saved.ContainsKey(step.Key) ? StepState.Empty : gaps.Length > 0 ? StepState.Partial : StepState.Complete, progress.Steps.Single(s => s.Step == step.Key).State);
            foreach (var field in step.Fields.Where(f => f is { Required: true, When: null }))
                Assert.Equal(!saved.TryGetValue(step.Key, out var data) || !data.TryGetProperty(field.Key, out _), gaps.Contains(field.Key));
        }
    });

    [Fact]
    public void Progress_WhenAValueIsWrong_ThenItsPlaceIsNamedAndTheValueIsnt_R_PER_1()
    {
        var saved = Profile.Steps.ToDictionary(s => s, Profile.Of);
        saved["work"] = JsonDocument.Parse("""{"hasWorked":true,"workExperience":[{"fromMonth":"2012-07","untilMonth":"2011-01","employer":"示例单位","position":"主管","referencePhone":"19900"}]}""").RootElement;

        var progress = ProfileProgress.Of(Form, true, true, saved, Today);

        Assert.Equal([("work", "workExperience[0].untilMonth", "wrong_order"), ("work", "workExperience[0].referencePhone", "bad_format")], progress.Gaps.Select(g => (g.Step, g.Field, g.Code)));
        Assert.DoesNotContain("19900", JsonSerializer.Serialize(progress.Gaps), StringComparison.Ordinal);
        Assert.Equal(StepState.Partial, progress.Steps.Single(s => s.Step == "work").State);
    }

    [Fact]
    public void Form_WhenAFieldOfAnotherStepIsSent_ThenItIsRefused()
    {
        var errors = Form.CheckDraft("photo", JsonDocument.Parse("""{"photo":"photo-1","gender":"male"}""").RootElement, Today);

        Assert.Equal(("gender", "unknown_field"), (Assert.Single(errors).Path, errors[0].Code));
        Assert.NotEmpty(Form.CheckDraft("photo", JsonDocument.Parse("[]").RootElement, Today));
        Assert.NotEmpty(Form.CheckDraft("photo", JsonDocument.Parse("""{"other":1}""").RootElement, Today));
    }

    [Fact]
    public void Form_WhenMaskedFieldsArentMarkedPersonal_ThenTheyAreAllTheSame()
    {
        Assert.All((string[])["workExperience", "degreeCertificate", "emergencyPhone", "ethnicity", "residence"], f => Assert.True(Form.IsPersonal(f)));
        Assert.All((string[])["gender", "highestEducation", "studyExperience", "photo"], f => Assert.False(Form.IsPersonal(f)));
        Assert.Throws<ContentException>(() => ProfileForm.Parse("""{"codeTables":{},"steps":[{"key":"a","zh":"甲","en":"A","phase":2,"fields":[{"key":"b","type":"boolean","zh":"乙","en":"B"}]}]}"""u8, ApprovalContent.Checks(TimeProvider.System)));
    }
}
