using Microsoft.Playwright;

namespace Talent.Workflows.Browser.Tests;

[Collection(StudioSession.Name)]
public sealed class SignInTests(Studio studio)
{
    [Fact]
    public async Task Visitor_WhenSigningIn_ThenSeesProgressAndTheDefinitionsUntilSigningOut()
    {
        await using var visit = await studio.VisitAsync();
        await visit.Page.GotoAsync("/studio");
        await visit.Page.GetByRole(AriaRole.Heading, new() { Name = "人才服务流程设计器" }).WaitForAsync();
        await visit.PictureAsync("sign-in");
        visit.AssertNoFaults();

        await visit.SignInAsync("/studio", "admin", Studio.Password);
        await visit.Page.GetByText("正在加载流程设计器").WaitForAsync();
        await visit.Page.GetByText("political-work-title").WaitForAsync();
        await visit.Page.GetByText("正在加载流程设计器").WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await visit.PictureAsync("definitions");
        visit.AssertNoFaults();

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "退出" }).ClickAsync();
        await visit.Page.WaitForURLAsync("**/studio/sign-in");
        await visit.Page.GotoAsync("/studio/workflows/definitions");
        await visit.Page.WaitForURLAsync("**/studio/sign-in?to=*");
    }
}
