namespace Talent.Workflows.Browser.Tests;

public sealed class SignInTests(Studio studio) : IClassFixture<Studio>
{
    [Fact]
    public async Task DefinitionList_WhenSignedIn_ShowsFlagship()
    {
        await using var visit = await studio.VisitAsync();
        await visit.Page.GotoAsync("/studio");
        await visit.PictureAsync("sign-in");
        await visit.SignInAsync("/studio", "admin", Studio.Password);
        await visit.Page.WaitForSelectorAsync("elsa-workflow-definition-list", new() { State = Microsoft.Playwright.WaitForSelectorState.Attached });
        await Task.Delay(12000);
        await visit.PictureAsync("definitions");
        visit.AssertNoFaults();
    }
}
