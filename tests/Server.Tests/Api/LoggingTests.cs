namespace Talent.Workflows.Server.Tests.Api;

public sealed class LoggingTests
{
    [Fact]
    public async Task Logs_WhenRequestsCarryPersonalData_ThenNoneOfItIsWritten()
    {
        const string canary = "11019919860214025X";
        await using var server = await RunningServer.StartAsync();
        foreach (var (method, path, body) in ((string, string, string?)[])
        [
            ("GET", $"/api/v1/cases?applicant={canary}&status=x", null),
            ("GET", $"/api/v1/{canary}", null),
            ("GET", $"/api/v1/workflows/instances?limit={canary}", null),
            ("POST", "/api/v1/cases", $$$"""{"service":"{{{canary}}}","data":{"residentId":"{{{canary}}}"}}"""),
            ("POST", "/api/v1/cases", $$"""{"{{canary}}":1}"""),
            ("POST", "/api/v1/workflows/x/start", $$"""{"correlationId":"{{canary}}",,"""),
        ])
            await server.SendAsync(method, path, body, user: "applicant-li", headers: ("Idempotency-Key", Guid.NewGuid().ToString()));

        await server.StopAsync();

        var logs = string.Concat(Directory.EnumerateFiles(Path.Combine(server.DataFolder, "logs")).Select(File.ReadAllText));
        Assert.Contains("/api/v1/cases", logs, StringComparison.Ordinal);
        Assert.DoesNotContain(canary, logs, StringComparison.Ordinal);
        Assert.DoesNotContain(RunningServer.AdminKey, logs, StringComparison.Ordinal);
    }
}
