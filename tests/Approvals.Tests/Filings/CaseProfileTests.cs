using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.People.Codes;
using Talent.Workflows.Approvals.Tests.People.Profiles;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Filings;

/// <summary>The applicant's profile in their cases: confirmed, frozen, masked, compared.</summary>
public sealed class CaseProfileTests
{
    private const string Phone = "19900007701";
    private const string Later = "19900008802";
    private const string Reviewer = "emp-metro-reviewer-1";

    [Fact]
    public async Task Filing_WhenTheProfileChangesAfterwards_ThenTheCaseKeepsWhatWasFiled_R_PER_2()
    {
        await using var desk = await FilingDesk.OpenAsync(profiles: false);
        var person = await desk.RegisterAsync("applicant-li", "李示例", Phone);
        var filed = await desk.Desk.DraftAsync();
        Assert.Equal("open", (await Read(desk, filed, "applicant-li")).State.Code);
        await filed.Submit();
        var asFiled = JsonSerializer.Serialize(await Read(desk, filed, Reviewer));

        await ChangeAsync(desk, person, Later);

        var now = await Read(desk, filed, Reviewer);
        Assert.Equal(asFiled, JsonSerializer.Serialize(now));
        Assert.Equal(("filed", "199****7701", "李示例"), (now.State.Code, now.Identity!.Value.GetProperty("phone").GetString(), now.Identity.Value.GetProperty("name").GetString()));
        Assert.Equal(["general", "education", "study", "work", "photo"], now.Steps.Select(s => s.Key));
        var changes = await Changes(desk, filed);
        Assert.True(changes.Differs);
        Assert.Equal([("identity", "phone", "手机号码", "199****7701", "199****8802"), ("general", "residence", "现居住地", Profile.Address, "示范区新址三号")],
            changes.Changes.Select(c => (c.Step, c.Field, c.Zh, c.Before!.Value.GetString(), c.Now!.Value.GetString()))!);
        Assert.Empty(changes.NextActions);
        Assert.Equal([ErrorCodes.WrongState], await FilingDesk.Refused(() => Confirm(desk, filed)));
        Assert.Equal([ErrorCodes.Forbidden], await FilingDesk.Refused(() => desk.Reader.ChangesAsync(desk.As(Reviewer), filed.Id, default)));

        // Returned, it is in the applicant's hands again.
        await desk.Desk.As(Reviewer).Return(filed, "请更新基础信息。");
        await Confirm(desk, filed, changes.Sha256);
        await filed.Supplement();
        Assert.Equal("199****8802", (await Read(desk, filed, Reviewer)).Identity!.Value.GetProperty("phone").GetString());
        Assert.False((await Changes(desk, filed)).Differs);
    }

    [Fact]
    public async Task Draft_WhenTheProfileChangesAfterItWasConfirmed_ThenItIsConfirmedAgainBeforeItIsFiled_R_PER_2()
    {
        await using var desk = await FilingDesk.OpenAsync(profiles: false);
        var person = await desk.RegisterAsync("applicant-li", "李示例", Phone);
        var filed = await desk.Desk.DraftAsync();
        var open = await Changes(desk, filed);
        Assert.Equal(("open", true), (open.Since.Code, open.Differs));
        Assert.All(open.Changes, c => Assert.Null(c.Before));
        Assert.Equal("confirm-profile", Assert.Single(open.NextActions).Action);

        await Confirm(desk, filed, open.Sha256);
        await Confirm(desk, filed);
        Assert.Equal(("confirmed", false), ((await Read(desk, filed, "applicant-li")).State.Code, (await Changes(desk, filed)).Differs));
        await ChangeAsync(desk, person, Later);
        Assert.Equal([ErrorCodes.Conflict], await FilingDesk.Refused(() => Confirm(desk, filed, open.Sha256)));
        Assert.Equal(["profile: must_confirm"], await FilingDesk.Refused(filed.Submit));
        await Confirm(desk, filed);
        await filed.Submit();

        Assert.Equal("199****8802", (await Read(desk, filed, Reviewer)).Identity!.Value.GetProperty("phone").GetString());
        Assert.Equal(2L, await desk.Desk.Scalar<long>("select count(*) from approvals.case_profiles"));
        Assert.Equal(2, (await filed.History()).Count(h => h.Action == "case.profile_confirmed"));
    }

    [Fact]
    public async Task Profile_WhenItIsReadInFull_ThenWithAReasonAByWhoHasToDoWithItAndRecorded_R_PER_2_R_AUD_2()
    {
        await using var desk = await FilingDesk.OpenAsync(profiles: false);
        await desk.RegisterAsync("applicant-li", "李示例", Phone);
        var filed = await desk.Desk.SubmittedAsync();

        Assert.Equal([ErrorCodes.InvalidRequest], await FilingDesk.Refused(() => Read(desk, filed, Reviewer, full: true)));
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => Read(desk, filed, "emp-water-reviewer-1")));
        Assert.Equal([ErrorCodes.Forbidden], await FilingDesk.Refused(() => Read(desk, filed, "bureau-reviewer-1", full: true, "核对")));
        Assert.Equal(0L, await desk.Desk.Scalar<long>("select count(*) from approvals.data_reads"));
        var full = await Read(desk, filed, Reviewer, full: true, "核对证件号码");

        Assert.Equal(Phone, full.Identity!.Value.GetProperty("phone").GetString());
        Assert.Equal(Profile.EmergencyPhone, full.Steps.Single(s => s.Key == "general").Data.GetProperty("emergencyPhone").GetString());
        var masked = JsonSerializer.Serialize(await Read(desk, filed, Reviewer));
        Assert.All((string[])[Phone, Profile.EmergencyPhone, Profile.ReferencePhone], number => Assert.DoesNotContain(number, masked, StringComparison.Ordinal));
        var read = Assert.Single(await desk.Desk.Rows("select user_id, fields, purpose, reason from approvals.data_reads", r => (User: r.GetString(0), Fields: r.GetFieldValue<string[]>(1), Purpose: r.GetString(2), Reason: r.GetString(3))));
        Assert.Equal((Reviewer, "profile", "核对证件号码"), (read.User, read.Purpose, read.Reason));
        Assert.Contains("profile.phone", read.Fields);
    }

    [Fact]
    public async Task Snapshot_WhenKeysRotate_ThenItIsSealedAgainAndNothingOfItStandsInClear_R_PER_2_R_AUD_2()
    {
        await using var desk = await FilingDesk.OpenAsync(profiles: false);
        await desk.RegisterAsync("applicant-li", "李示例", Phone);
        var filed = await desk.Desk.SubmittedAsync();
        var before = JsonSerializer.Serialize(await Read(desk, filed, Reviewer));

        await desk.Desk.Get<DataKeys>().RotateAsync(default);
        await desk.Desk.Get<Reencryption>().RunAsync(default);

        Assert.Equal(0, await desk.Desk.Get<Reencryption>().LeftAsync(default));
        Assert.Equal(2L, await desk.Desk.Scalar<long>("select key_id::bigint from approvals.case_profiles"));
        Assert.Equal(before, JsonSerializer.Serialize(await Read(desk, filed, Reviewer)));
        var sha = (await Read(desk, filed, Reviewer)).Sha256!;
        Assert.Contains(sha, await desk.Desk.Scalar<string>($"select details from approvals.audit where case_id = '{filed.Id}' and action = 'case.submitted'"), StringComparison.Ordinal);
        foreach (var table in (string[])["approvals.case_profiles", "approvals.case_handins", "approvals.case_confirmations", "approvals.audit", "engine.instances", "engine.outbox"])
        {
            var text = await desk.Desk.Scalar<string>($"select coalesce(string_agg(r::text, ' '), '') from {table} r");
            Assert.All((string[])[Phone, .. Profile.Personal], word => Assert.DoesNotContain(word, text, StringComparison.Ordinal));
            Assert.DoesNotContain(Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(Profile.Address)), text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Applicant_WhenTheyHaveNoProfile_ThenTheCaseHasNoneAndGoesOn_R_PER_2()
    {
        await using var desk = await FilingDesk.OpenAsync(profiles: false);
        var filed = await desk.Desk.DraftAsync();

        var view = await Read(desk, filed, "applicant-li");
        Assert.Equal(("none", null), (view.State.Code, view.Identity?.ToString()));
        Assert.Contains("尚未登记", view.State.Zh, StringComparison.Ordinal);
        Assert.True(await Changes(desk, filed) is { Differs: false, Changes: [], Sha256: null, NextActions: [] });
        Assert.Equal([ErrorCodes.WrongState], await FilingDesk.Refused(() => Confirm(desk, filed)));
        await filed.Submit();
        Assert.Equal("none", (await Read(desk, filed, Reviewer)).State.Code);
    }

    [Fact]
    public async Task Submit_WhenTheWarningIsntConfirmed_ThenItIsRefusedAndOnceConfirmedItIsForThisFiling_R_CASE_4_S1()
    {
        await using var desk = await FilingDesk.OpenAsync();
        var filed = await desk.Desk.DraftAsync();
        var asked = Assert.Single(await Confirmations(desk, filed));
        Assert.Equal(("classified", null), (asked.Key, asked.ConfirmedAt));
        Assert.Contains("涉密", asked.Zh, StringComparison.Ordinal);

        var refusal = await Assert.ThrowsAsync<WorkflowException>(filed.HandIn);
        Assert.Contains($"/api/v1/cases/{filed.Id}/confirmations/classified", refusal.Message + refusal.MessageZh, StringComparison.Ordinal);
        Assert.Equal(["confirmations.classified: must_confirm"], await FilingDesk.Refused(filed.HandIn));
        Assert.Equal([ErrorCodes.Conflict], await FilingDesk.Refused(() => Give(desk, filed, "classified", new string('0', 64))));
        Assert.Equal([ErrorCodes.NotFound], await FilingDesk.Refused(() => Give(desk, filed, "secret")));
        Assert.Equal([ErrorCodes.Forbidden], await FilingDesk.Refused(() => Give(desk, filed, "classified", user: "applicant-wang")));

        await Give(desk, filed, "classified", asked.TextSha256);
        await Give(desk, filed, "classified");
        // A save doesn't take it back.
        await desk.Desk.Get<CaseCommands>().SaveAsync(desk.As("applicant-li"), filed.Id, 1, filed.Sample.Phase1, null, default);
        await filed.HandIn();

        Assert.Equal("applicant-li", Assert.Single(await Confirmations(desk, filed)).ConfirmedBy);
        var entry = Assert.Single((await filed.History()), h => h.Action == "case.confirmed");
        Assert.Equal("applicant-li", entry.User!.Id);
        Assert.Contains(asked.TextSha256, entry.Details!.Value.GetRawText(), StringComparison.Ordinal);
        var reviewed = await ReviewedAsync(desk);
        Assert.Equal([ErrorCodes.WrongState], await FilingDesk.Refused(() => Give(desk, reviewed, "classified")));
        // Another filing is another matter.
        Assert.Equal(["confirmations.classified: must_confirm"], await FilingDesk.Refused((await desk.Desk.DraftAsync()).HandIn));
    }

    [Fact]
    public async Task Submit_WhenTheTextChangedSinceItWasConfirmed_ThenTheNewOneIsConfirmed_R_CASE_4()
    {
        await using var desk = await FilingDesk.OpenAsync();
        var filed = await desk.Desk.DraftAsync();
        await Give(desk, filed, "classified");
        await desk.Desk.Execute("update approvals.case_confirmations set text_sha256 = repeat('a', 64)");

        Assert.Null(Assert.Single(await Confirmations(desk, filed)).ConfirmedAt);
        Assert.Equal(["confirmations.classified: must_confirm"], await FilingDesk.Refused(filed.HandIn));
        await filed.Submit();
    }

    [Fact]
    public async Task Service_WhenItAsksForNoConfirmation_ThenNoneIsNeeded_R_CASE_4()
    {
        await using var desk = await FilingDesk.OpenAsync(folder =>
        {
            var path = Path.Combine(folder, "materials.json");
            var list = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            list.Remove("confirmWarning");
            File.WriteAllText(path, list.ToJsonString());
        });
        var filed = await desk.Desk.DraftAsync();

        Assert.Empty(await Confirmations(desk, filed));
        await filed.HandIn();
    }

    /// <summary>A case under review, whose confirmation was of another text.</summary>
    private static async Task<FiledCase> ReviewedAsync(FilingDesk desk)
    {
        var filed = await desk.Desk.SubmittedAsync();
        await desk.Desk.Execute($"update approvals.case_confirmations set text_sha256 = repeat('a', 64) where case_id = '{filed.Id}'");
        return filed;
    }

    private static async Task ChangeAsync(FilingDesk desk, Guid person, string phone)
    {
        var people = desk.Desk.Get<PersonCommands>();
        var (id, code) = await desk.Desk.SentCode(phone, CodePurpose.PhoneChange, after: TimeSpan.FromMinutes(2));
        await people.ChangeAsync(desk.As("applicant-li"), person, new PersonChange(Phone: phone, CodeId: id, Code: code), null, default);
        var general = JsonNode.Parse(Profile.Of("general").GetRawText())!;
        general["residence"] = "示范区新址三号";
        await people.SaveStepAsync(desk.As("applicant-li"), person, "general", JsonSerializer.SerializeToElement(general), null, default);
    }

    private static async Task<CaseProfileView> Read(FilingDesk desk, FiledCase filed, string user, bool full = false, string? reason = null) =>
        (await desk.Reader.ProfileAsync(desk.As(user), filed.Id, full, reason, default)).View;

    private static async Task<ProfileChangesView> Changes(FilingDesk desk, FiledCase filed) => (await desk.Reader.ChangesAsync(desk.As("applicant-li"), filed.Id, default)).View;

    private static Task Confirm(FilingDesk desk, FiledCase filed, string? sha256 = null) => desk.Commands.ConfirmProfileAsync(desk.As("applicant-li"), filed.Id, sha256, null, null, default);

    private static async Task<IReadOnlyList<ConfirmationView>> Confirmations(FilingDesk desk, FiledCase filed) => (await desk.Reader.ConfirmationsAsync(desk.As("applicant-li"), filed.Id, default)).View;

    private static Task Give(FilingDesk desk, FiledCase filed, string key, string? text = null, string user = "applicant-li") => desk.Commands.ConfirmAsync(desk.As(user), filed.Id, key, text, null, null, default);
}
