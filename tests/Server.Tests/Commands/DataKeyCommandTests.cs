using Talent.Workflows.Server.Tests.Startup;

namespace Talent.Workflows.Server.Tests.Commands;

public sealed class DataKeyCommandTests
{
    [Fact]
    public async Task RotateDataKey_WhenAServerWorks_ThenItReadsAndFindsWhatIsUnderBothKeys_R_AUD_2()
    {
        await using var server = await RunningServer.StartAsync();
        using var folder = new TemporaryFolder();
        string[] settings = [.. RunningServer.Settings(folder.Path, "Development"), $"--ConnectionStrings:Talent={server.Database.ConnectionString}"];
        async Task RegisterAsync(string user, string phone) =>
            (await server.SendAsync("POST", "/api/v1/people", new { name = "李示例", phone }, user: user, headers: ("Idempotency-Key", user))).Is(201);
        await RegisterAsync("applicant-li", "19900008811");
        var users = (long)(await server.SqlAsync("select count(*) from approvals.users where key_id = 1"))!;
        Assert.True(users > 50, $"{users} users have a phone: the directory isn't there.");

        var rotated = await ServerProcess.RunAsync(["rotate-data-key", .. settings]);
        await RegisterAsync("applicant-wang", "19900008812");
        var wrong = await ServerProcess.RunAsync(["rotate-data-key", .. settings, $"--Talent:MasterKey={RunningServer.MasterKey}"]);

        Assert.True(rotated.Code == 0, rotated.Output);
        Assert.Contains("Data key in use: 2", rotated.Output, StringComparison.Ordinal);
        Assert.Contains($"seal again: {users + 1}", rotated.Output, StringComparison.Ordinal);
        Assert.True(wrong.Code == 2, wrong.Output);
        Assert.Contains("The setting Talent:MasterKey can't be used", wrong.Output, StringComparison.Ordinal);
        foreach (var phone in (string[])["19900008811", "19900008812"])
        {
            var found = Assert.Single((await server.SendAsync("POST", "/api/v1/people/search", new { phone }, user: "bureau-reviewer-1")).Is(200).Json.GetProperty("items").EnumerateArray());
            Assert.Equal($"199****{phone[^4..]}", found.GetProperty("phone").GetString());
        }
        Assert.Equal(3L, await server.SqlAsync("select count(*) from approvals.data_keys"));
    }
}
