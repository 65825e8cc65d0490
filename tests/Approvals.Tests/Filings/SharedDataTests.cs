using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.Tests.Filings;

/// <summary>共享数据: what other offices know replaces what was typed and waives what it proves, as long as the form says the same.</summary>
public sealed class SharedDataTests : FilledInCases
{
    [Fact]
    public async Task SharedData_WhenItProvesTheDegree_ThenItsMaterialsAreWaivedAsLongAsTheFormSaysTheSame_R_CASE_3_R_CASE_5()
    {
        string[] degree = ["diploma", Degree, "diploma-registration"];
        string[] missing = [.. degree.Select(s => $"materials.{s}: material_missing")];
        var person = await desk.Get<PersonCommands>().RegisterAsync(Applicant, new NewPerson("李示例", ResidentId.Fictitious(new DateOnly(1986, 2, 14), 25).Value, "19900000054", null), null, default);
        var filed = await desk.DraftAsync(Sample);
        foreach (var slot in (await desk.Get<FilingReader>().MaterialsAsync(Applicant, filed.Id, null, default)).View.Slots.Where(s => degree.Contains(s.Slot)))
            await desk.Get<FilingCommands>().RemoveAsync(Applicant, filed.Id, slot.Slot, Assert.Single(slot.Materials).Id, null, default);
        Assert.Equal(missing, await FilingDesk.Refused(filed.Submit));
        Assert.Equal([ErrorCodes.WrongState], await FilingDesk.Refused(() => LookUpAsync(filed, Guid.NewGuid())));
        var face = await PassedAsync(person);

        await LookUpAsync(filed, face);
        await desk.Deliver();

        Assert.Equal([("degreeLevel", null), ("degreeNumber", "1199042008001234"), ("graduatedOn", "2008-06"), ("school", "示例城市学院"), ("studyMode", null)], await OnlyAsync(filed, r => r.Suggestions.Select(s => (s.Path, s.Replaced)).ToArray()));
        var form = await FormAsync(filed);
        Assert.Equal(("119900200805000123", "示例大学", "2008-07"), (form["degreeNumber"]!.GetValue<string>(), form["school"]!.GetValue<string>(), form["graduatedOn"]!.GetValue<string>()));
        Assert.Equal("shared", (await SourcesAsync(filed))["degreeLevel"].Source.Code);
        // A result of the face check is good for one look-up, and of the person as they were.
        Assert.Equal([ErrorCodes.WrongState], await FilingDesk.Refused(() => LookUpAsync(filed, face)));

        await LookUpAsync(filed, await PassedAsync(person));
        await desk.Execute($"update approvals.people set identity_version = identity_version + 1 where id = '{person}'");
        await desk.Deliver();
        Assert.Equal(["read", "lapsed"], (await RecognitionsAsync(filed)).Select(r => r.State.Code));

        // What is overtyped isn't proven any more; asked again, it is.
        form["school"] = "示例城市学院";
        await SaveAsync(filed, form);
        Assert.Equal(missing, await FilingDesk.Refused(filed.Submit));
        await LookUpAsync(filed, await PassedAsync(person));
        await desk.Deliver();
        await filed.Submit();

        var seen = (await desk.Get<FilingReader>().MaterialsAsync(desk.As("bureau-reviewer-1").Caller, filed.Id, null, default)).View.Slots;
        Assert.Equal(degree, seen.Where(s => s.Waived is not null).Select(s => s.Slot));
        Assert.All(seen.Where(s => degree.Contains(s.Slot)), s => Assert.True(s is { Required: false, Waived: { Fact: "shared.fullTimeDegree", Zh.Length: > 0 }, Materials: [] }));
    }

    [Fact]
    public async Task SharedData_WhenTheCaseHasMovedOn_ThenTheFaceCheckIsntUsedUp_R_CASE_5_R_ACC_4()
    {
        var person = await desk.Get<PersonCommands>().RegisterAsync(Applicant, new NewPerson("李示例", ResidentId.Fictitious(new DateOnly(1986, 2, 14), 25).Value, "19900000054", null), null, default);
        var filed = await desk.DraftAsync(Sample);
        var before = (await filed.Read()).Version;
        await SaveAsync(filed, await FormAsync(filed));
        var face = await PassedAsync(person);

        Assert.Equal([ErrorCodes.PreconditionFailed], await FilingDesk.Refused(() => desk.Get<FilingCommands>().LookUpAsync(Applicant, filed.Id, new AskSharedData(face), null, before, default)));

        Assert.Equal("passed", await desk.Scalar<string>($"select state from approvals.face_checks where id = '{face}' and used_for is null"));
        Assert.Empty(await RecognitionsAsync(filed));
        await desk.Get<FilingCommands>().LookUpAsync(Applicant, filed.Id, new AskSharedData(face), null, (await filed.Read()).Version, default);
        await desk.Deliver();
        Assert.Equal("read", await OnlyAsync(filed, r => r.State.Code));
    }

    [Fact]
    public async Task SharedData_WhenNothingSaysWhichNumberIsGiven_ThenThatIsChosenWithTheNumber_R_CASE_5()
    {
        var person = await desk.Get<PersonCommands>().RegisterAsync(Applicant, new NewPerson("李示例", ResidentId.Fictitious(new DateOnly(1986, 2, 14), 25).Value, "19900000054", null), null, default);
        var filed = await desk.DraftAsync(Sample);
        var form = await FormAsync(filed);
        foreach (var key in (string[])["numbersGiven", "degreeNumber"])
            form.Remove(key);
        await SaveAsync(filed, form);

        await LookUpAsync(filed, await PassedAsync(person));
        await desk.Deliver();

        form = await FormAsync(filed);
        Assert.Equal(("degree", "119900200805000123"), (form["numbersGiven"]!.GetValue<string>(), form["degreeNumber"]!.GetValue<string>()));
        // 取消识别 takes out both.
        await CancelAsync(filed, await OnlyAsync(filed, r => r.Id));
        form = await FormAsync(filed);
        Assert.Equal((null, null), (form["numbersGiven"], form["degreeNumber"]));
    }
}
