using Talent.Workflows.Approvals.Integrations.Identity;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Tests.Development;

public sealed class DevelopmentTests
{
    [Fact]
    public async Task Clock_WhenAdvancedByWorkingDays_ThenItSkipsTheHolidayAndNeverGoesBack()
    {
        await using var server = await RunningServer.StartAsync();
        var target = new DateTimeOffset(2027, 1, 29, 10, 0, 0, TimeSpan.FromHours(8));
        (await server.SendAsync("POST", "/dev/clock", new { to = target }, key: null)).Is(200);

        var moved = (await server.SendAsync("POST", "/dev/clock", """{"by":"1wd"}""", key: null)).Is(200);

        // The 29th is a Friday.
        Assert.StartsWith("2027-02-01T10:00", moved.Json.GetProperty("local").GetString()!, StringComparison.Ordinal);
        (await server.SendAsync("POST", "/dev/clock", new { to = target }, key: null)).IsProblem(400, ErrorCodes.InvalidRequest);
        foreach (var wrong in (string[])["{}", """{"by":"soon"}""", """{"by":"5wd","to":"2030-01-01T00:00:00Z"}""", """{"by":"99999999d"}"""])
            (await server.SendAsync("POST", "/dev/clock", wrong, key: null)).IsProblem(400, ErrorCodes.InvalidRequest);
    }

    [Fact]
    public async Task Messages_WhenAskedByBrowserOrProgram_ThenPageOrJson()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SqlAsync("insert into development.messages (id, at, channel, recipient, subject, text) values ('m1', now(), 'email', 'a@example.org', '<b>主题</b>', '内容 <script>')");

        var page = (await server.SendAsync("GET", "/dev/messages", key: null)).Is(200);
        var json = (await server.SendAsync("GET", "/dev/messages?format=json", key: null)).Is(200);

        Assert.Equal("text/html", page.MediaType);
        Assert.Contains("&lt;b&gt;", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page.Text, StringComparison.Ordinal);
        Assert.Equal("内容 <script>", json.Json.GetProperty("items")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Simulators_WhenAskedByTheRealClients_ThenTheyAnswer_R_INT_1()
    {
        await using var server = await RunningServer.StartAsync();
        var options = new OutsideOptions { Endpoint = new Uri(server.Http.BaseAddress!, "/dev/simulators").ToString(), AccessKeyId = "simulator", AccessKeySecret = "simulator", TimeoutSeconds = 30 };
        var client = new OutsideClient(server.Http, options, "the simulator", TimeProvider.System);

        var identity = await new IdentityClient(client).VerifyAsync("q", "李示例", ResidentId.Fictitious(new DateOnly(1986, 2, 14), 901), default);
        // An image of more than other bodies may have.
        var licence = await new RecognitionClient(client).RecogniseAsync("q", DocumentKinds.BusinessLicence, new byte[2 << 20], "image/png", 0, default);

        Assert.Equal(new OutsideAnswer<IdentityResult>.Answered(new IdentityResult(false)), identity);
        Assert.Equal(2, Assert.IsType<OutsideAnswer<RecognisedDocument>.Answered>(licence).Value.Fields.Count);
    }
}
