using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Services;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Filings;

/// <summary>The applicant's name and number in a form, where their identity is verified (实名).</summary>
public sealed class OwnIdentityTests : IAsyncLifetime
{
    private const string Window = "bureau-reviewer-1";

    // Born on the same day, and a man too: the form agrees with itself.
    private static readonly string Other = ResidentId.Fictitious(new DateOnly(1986, 2, 14), 27).Value;

    private CaseDesk desk = null!;

    private ServiceSample Sample => desk.Content.Services.Single().Samples.Single(s => s.Name == "01-li-completed");

    public async Task InitializeAsync()
    {
        desk = await CaseDesk.OpenServiceAsync(ServiceFolders.All["in-service-settlement"]);
        await desk.Get<PersonCommands>().RegisterAsync(desk.As("applicant-li").Caller, new NewPerson("李示例", Number, "19900000054", null), null, default);
    }

    public Task DisposeAsync() => desk.DisposeAsync().AsTask();

    [Fact]
    public async Task Filing_WhenTheFormSaysAnotherThanWhoIsVerified_ThenItIsRefusedAtTheFields_R_ACC_2()
    {
        await VerifyAsync();
        var filed = await desk.DraftAsync(Saying(("name", "李范例"), ("residentId", Other)));

        var refusal = await Assert.ThrowsAsync<WorkflowException>(filed.Submit);

        Assert.Equal(ErrorCodes.InvalidForm, refusal.Code);
        var errors = Assert.IsAssignableFrom<IReadOnlyList<FormError>>(refusal.Facts["errors"]);
        Assert.Equal(["name: not_verified_identity: “姓名”与申报人本人实名信息不一致，请核对", "residentId: not_verified_identity: “公民身份号码”与申报人本人实名信息不一致，请核对"], errors.Select(e => $"{e.Path}: {e.Code}: {e.Zh}"));
        var told = refusal.Message + refusal.MessageZh + JsonSerializer.Serialize(errors);
        Assert.All((string[])[Number, Other], number => Assert.DoesNotContain(number, told, StringComparison.Ordinal));
        Assert.Equal("草稿", await filed.Status());
    }

    [Fact]
    public async Task Filing_WhenTheSameIsOnlyWrittenOtherwise_ThenItIsHandedIn_R_ACC_2()
    {
        await VerifyAsync();

        var filed = await desk.SubmittedAsync(Saying(("name", "李　示例")));

        Assert.NotEqual("草稿", await filed.Status());
    }

    [Fact]
    public async Task Filing_WhenNobodyIsVerified_ThenTheFormIsTakenAtItsWord_R_ACC_2()
    {
        var filed = await desk.SubmittedAsync(Saying(("name", "李范例"), ("residentId", Other)));

        Assert.NotEqual("草稿", await filed.Status());
    }

    [Fact]
    public async Task Correction_WhenThePersonWasVerifiedSince_ThenOnlyWhatItChangesIsHeldAgainstThat_R_ACC_2()
    {
        var filed = await desk.SubmittedAsync(Saying(("name", "李范例")));
        await desk.As(Window).Return(filed, "请核对个人信息。");
        await VerifyAsync();

        Assert.Equal(["name: not_verified_identity"], await FilingDesk.Refused(() => SupplementAsync(filed, new { name = "李样例" })));
        await SupplementAsync(filed, new { position = "高级设备工程师" });
        await desk.As(Window).Return(filed, "姓名与身份证不一致。");
        await SupplementAsync(filed, new { name = "李示例" });

        Assert.Equal("李示例", (await filed.Read()).Data["1"].GetProperty("name").GetString());
    }

    private string Number => Sample.Phase1.GetProperty("residentId").GetString()!;

    private ServiceSample Saying(params (string Key, string Value)[] fields)
    {
        var data = JsonObject.Create(Sample.Phase1)!;
        foreach (var (key, value) in fields)
            data[key] = value;
        return Sample with { Phase1 = JsonSerializer.SerializeToElement(data) };
    }

    private Task VerifyAsync() => desk.Execute("update approvals.people set verified_at = now() where user_id = 'applicant-li'");

    private static Task SupplementAsync(FiledCase filed, object data) => filed.Supplement(JsonSerializer.SerializeToElement(data));
}
