using System.Text.Json;
using Microsoft.Playwright;

namespace Talent.Workflows.Browser.Tests;

/// <summary>An administrator makes a service from nothing; an applicant files a case of it over the API.</summary>
[Collection(StudioSession.Name)]
public sealed class ServiceTests(Studio studio)
{
    private const int PublishedVersionColumn = 4;

    [Fact]
    public async Task Service_WhenMadeInStudioFromNothing_ThenACaseOfItIsFiledAndDecided()
    {
        await using var visit = await studio.SignedInAsync();
        var id = await visit.CreateWorkflowAsync();
        var canvas = new Canvas(visit);
        await canvas.OpenCategoryAsync("人才服务");
        await canvas.AddAsync("受理申报", "Filing1", 60, 60);
        await canvas.AddAsync("审核环节", "ReviewStage1", 330, 60);
        await canvas.AddAsync("审核环节", "ReviewStage2", 330, 260);
        await canvas.AddAsync("更新状态", "SetStatus1", 60, 420);
        await canvas.ConnectAsync("Filing1", "Done", "ReviewStage1");
        await canvas.ConnectAsync("ReviewStage1", "Approve", "ReviewStage2");
        await canvas.ConnectAsync("ReviewStage2", "Approve", "SetStatus1");
        await canvas.SelectAsync("Filing1", "事项名称 *");
        await canvas.FillAsync("事项名称 *", "住房补贴");
        await canvas.FillAsync("编号代码 *", "ZFBT");
        await canvas.FillAsync("咨询电话 *", "0199-0000-8300");
        await ReviewAsync(canvas, "ReviewStage1", "单位审核", "employer.reviewer", "申报人的用人单位", "3wd");
        await ReviewAsync(canvas, "ReviewStage2", "市局审核", "bureau.reviewer", "市局", "5wd");
        await canvas.SelectAsync("SetStatus1", "状态 *");
        await canvas.ChooseAsync("状态 *", "已办结");
        await visit.UntilAsync($"/api/v1/workflows/definitions/{id}/document", json => json.GetRawText().Contains("\"completed\"", StringComparison.Ordinal));
        await visit.PictureAsync("service");
        await canvas.PublishAsync();
        // The editor saves by itself meanwhile, so that the latest version may be a draft again.
        await visit.UntilAsync($"/elsa/api/workflow-definitions/by-definition-id/{id}?versionOptions=Published", json => json.GetRawText().Contains("\"completed\"", StringComparison.Ordinal));
        await visit.Page.GotoAsync("/studio/workflows/definitions");
        var row = visit.Page.Locator("tbody tr").Filter(new() { HasText = id });
        await visit.SearchAsync(id);
        await Assertions.Expect(row.Locator("td").Nth(PublishedVersionColumn)).ToHaveTextAsync("1");
        await visit.PictureAsync("published");
        visit.AssertNoFaults();

        var created = (await SendAsync("/api/v1/cases", $$"""{"service":"{{id}}"}""", "applicant-li", 201)).GetProperty("id").GetString()!;
        var number = (await SendAsync($"/api/v1/cases/{created}/submit", "{}", "applicant-li", 200)).GetProperty("number").GetString()!;
        Assert.StartsWith("ZFBT-", number, StringComparison.Ordinal);
        await ApproveAsync(created, "emp-metro-reviewer-1");
        await ApproveAsync(created, "bureau-reviewer-1");
        var ended = await ReadAsync(created, "applicant-li");
        Assert.Equal(("completed", "住房补贴"), (ended.GetProperty("status").GetProperty("code").GetString(), ended.GetProperty("service").GetProperty("zh").GetString()));
    }

    private static async Task ReviewAsync(Canvas canvas, string activity, string name, string role, string organisation, string due)
    {
        await canvas.SelectAsync(activity, "环节名称 *");
        await canvas.FillAsync("环节名称 *", name);
        await canvas.ChooseAsync("角色", role);
        await canvas.ChooseAsync("单位", organisation);
        await canvas.FillAsync("办理期限", due);
    }

    private async Task ApproveAsync(string id, string user)
    {
        var read = await ReadAsync(id, user);
        var action = read.GetProperty("nextActions").EnumerateArray().FirstOrDefault(a => a.GetProperty("action").GetString() == "decide");
        Assert.True(action.ValueKind == JsonValueKind.Object, $"{user} can't decide: {read.GetRawText()}");
        await SendAsync(action.GetProperty("href").GetString()!, """{"outcome":"approve","opinion":"同意。"}""", user, 200);
    }

    private async Task<JsonElement> ReadAsync(string id, string user) => (await studio.Server.SendAsync("GET", $"/api/v1/cases/{id}", user: user)).Is(200).Json;

    private async Task<JsonElement> SendAsync(string path, string body, string user, int status) =>
        (await studio.Server.SendAsync("POST", path, body, user: user, headers: ("Idempotency-Key", Guid.NewGuid().ToString()))).Is(status).Json;
}
