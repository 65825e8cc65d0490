using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.People;

public sealed class RevealTests
{
    [Fact]
    public async Task Reveal_WhenTheCallerHasTheRight_ThenItIsShownAndRecordedWithoutTheValue_R_AUD_2()
    {
        await using var desk = await PersonDesk.OpenAsync();
        var id = await desk.RegisterLi();
        await desk.FillAsync("applicant-li", id);
        await desk.GrantReveal("emp-metro-handler", "emp-metro");

        Assert.Equal(PersonDesk.NumberOf(25), await desk.Revealed("emp-metro-handler", id, "residentId", $"核对身份证 {PersonDesk.NumberOf(25)}"));
        Assert.Equal(PersonDesk.PhoneOfLi, await desk.Revealed("applicant-li", id, "phone", "本人查看"));

        var reads = await desk.Desk.Get<Reveals>().ListAsync(desk.Administrator, id, null, null, null, null, default);
        Assert.Equal([("applicant-li", "phone", "本人查看"), ("emp-metro-handler", "residentId", "核对身份证 ***")], reads.Items.Select(r => (r.User!, Assert.Single(r.Fields), r.Reason!)));
        Assert.All(reads.Items, r => Assert.Equal(("key:test", "reveal", desk.Desk.Now, (Guid?)id, (Guid?)null), (r.Credential, r.Purpose, r.At, r.PersonId, r.CaseId)));
        var byUser = await desk.Desk.Get<Reveals>().ListAsync(desk.Administrator, null, null, "applicant-li", null, 1, default);
        Assert.Equal("phone", Assert.Single(Assert.Single(byUser.Items).Fields));
        Assert.Empty((await desk.Desk.Get<Reveals>().ListAsync(desk.Administrator, null, null, "applicant-li", byUser.Next, 1, default)).Items);
    }

    [Theory]
    [InlineData("emp-metro-reviewer-1", ErrorCodes.Forbidden)] // sees the person, has not the right
    [InlineData("bureau-superior", ErrorCodes.Forbidden)]
    [InlineData("applicant-wang", ErrorCodes.NotFound)]
    [InlineData("emp-water-handler", ErrorCodes.NotFound)] // has the right, at another employer
    public async Task Reveal_WhenTheCallerHasntTheRight_ThenNothingIsShownNorRecorded_R_AUD_2(string user, string code)
    {
        await using var desk = await PersonDesk.OpenAsync();
        var id = await desk.RegisterLi();
        await desk.GrantReveal("emp-water-handler", "emp-water");

        Assert.Equal(code, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Revealed(user, id, "phone"))).Code);
        Assert.Equal(0L, await desk.Desk.Scalar<long>("select count(*) from approvals.data_reads"));
    }

    [Fact]
    public async Task Reveal_WhenTheKeyIsLimited_ThenItsLimitsHold_R_AUD_2()
    {
        await using var desk = await PersonDesk.OpenAsync();
        var id = await desk.RegisterLi();
        await desk.GrantReveal("bureau-reviewer-1", "bureau");
        var (reveals, caller) = (desk.Desk.Get<Reveals>(), desk.As("bureau-reviewer-1"));

        foreach (var (limited, shown) in ((Caller, bool)[])[(caller, true), (caller with { Roles = new HashSet<string> { "bureau.reviewer" } }, false), (caller with { Roles = new HashSet<string> { "people.reveal" } }, true),
            (caller with { Organisations = new HashSet<string> { "emp-metro" } }, false)])
        {
            var request = new RevealRequest(["phone"], "核对电话");
            if (shown)
                Assert.Equal(PersonDesk.PhoneOfLi, (await reveals.RevealAsync(limited, id, request, default)).Fields["phone"].GetString());
            else
                await Assert.ThrowsAsync<WorkflowException>(() => reveals.RevealAsync(limited, id, request, default));
        }
        Assert.Equal(ErrorCodes.InvalidRequest, (await Assert.ThrowsAsync<WorkflowException>(() => reveals.RevealAsync(caller with { User = null }, id, new RevealRequest(["phone"], "核对"), default))).Code);
    }

    [Theory]
    [InlineData("phone", "")]
    [InlineData("phone", " ")]
    [InlineData("phone", "查")]
    [InlineData("phone", "19900007701")]
    [InlineData("gender", "核对信息")]
    [InlineData("nothing", "核对信息")]
    public async Task Reveal_WhenThereIsNoReasonOrNoSuchField_ThenItIsRefused_R_AUD_2(string field, string reason)
    {
        await using var desk = await PersonDesk.OpenAsync();
        var id = await desk.RegisterLi();

        Assert.Equal(ErrorCodes.InvalidRequest, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Revealed("applicant-li", id, field, reason))).Code);
        Assert.Equal(0L, await desk.Desk.Scalar<long>("select count(*) from approvals.data_reads"));
    }

    [Fact]
    public async Task Reveal_WhenItCantBeRecorded_ThenItIsntShown_R_AUD_2()
    {
        await using var desk = await PersonDesk.OpenAsync();
        var id = await desk.RegisterLi();
        await desk.Desk.Execute("alter table approvals.data_reads add constraint full_disk check (purpose <> 'reveal')");

        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => desk.Revealed("applicant-li", id, "phone"));
    }

    [Fact]
    public async Task Reads_WhenAskedForByNoAdministrator_ThenTheyArentListed_R_AUD_2()
    {
        await using var desk = await PersonDesk.OpenAsync();

        foreach (var caller in (Caller[])[desk.As("bureau-superior"), desk.Administrator with { Organisations = new HashSet<string> { "bureau" } }])
            Assert.Equal(ErrorCodes.Forbidden, (await Assert.ThrowsAsync<WorkflowException>(() => desk.Desk.Get<Reveals>().ListAsync(caller, null, null, null, null, null, default))).Code);
    }

    [Fact]
    public async Task Reveal_WhenAFieldHasNoValue_ThenItIsLeftOutAndTheReadIsRecorded_R_AUD_2()
    {
        await using var desk = await PersonDesk.OpenAsync();
        var id = await desk.Register("applicant-li", "李示例", phone: PersonDesk.PhoneOfLi);

        var shown = await desk.Desk.Get<Reveals>().RevealAsync(desk.As("applicant-li"), id, new RevealRequest(["phone", "residentId", "emergencyPhone"], "本人查看"), default);

        Assert.Equal("phone", Assert.Single(shown.Fields).Key);
        Assert.Equal(["phone", "residentId", "emergencyPhone"], await desk.Desk.Scalar<string[]>("select fields from approvals.data_reads"));
        Assert.DoesNotContain(PersonDesk.PhoneOfLi, shown.ToString(), StringComparison.Ordinal);
    }
}
