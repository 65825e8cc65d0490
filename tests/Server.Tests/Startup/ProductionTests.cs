using System.Net;
using Talent.Workflows.Approvals;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Server.Startup;
using Xunit.Abstractions;

namespace Talent.Workflows.Server.Tests.Startup;

/// <summary>The real program in Production, as nobody has configured it further.</summary>
public sealed class ProductionTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Production_WhenAsked_ThenThereIsNoDevelopmentAidAndNoDefaultCredential()
    {
        using var folder = new TemporaryFolder();
        await using var database = await TestDatabase.CreateAsync(typeof(Migrator).Assembly, typeof(ApprovalRegistration).Assembly, typeof(ServerHost).Assembly);
        var (server, _) = await ServerProcess.StartAsync([.. RunningServer.Settings(folder.Path, "Production"), $"--ConnectionStrings:Talent={database.ConnectionString}"]);
        await using var running = server;

        foreach (var (method, path) in ((string, string)[])[("GET", "/dev/messages"), ("GET", "/dev/clock"), ("POST", "/dev/clock"), ("GET", "/dev"), ("GET", "/DEV/messages"), ("GET", "//dev/messages")])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) + path));
            using var response = await server.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
        using (var description = await server.Http.GetAsync("/openapi/v1.json"))
            Assert.DoesNotContain("/dev/", await description.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (var guess in (string[])["admin", "password", "bootstrap", "00000000-0000-0000-0000-000000000000", "test", RunningServer.AdminKey])
            foreach (var scheme in (string[])["ApiKey", "Bearer", "Basic"])
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/keys");
                request.Headers.TryAddWithoutValidation("Authorization", $"{scheme} {guess}");
                using var response = await server.Http.SendAsync(request);
                Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            }
        var file = Path.Combine(folder.Path, "data", "bootstrap-key");
        Assert.Contains(file, server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain((await File.ReadAllTextAsync(file)).Trim(), server.Output, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            // The first account's password and every other secret beside it.
            Assert.True(File.Exists(Path.Combine(folder.Path, "data", "admin-password")));
            foreach (var secret in Directory.EnumerateFiles(Path.Combine(folder.Path, "data")).Where(f => Path.GetFileName(f) is var name && (name.Contains("password", StringComparison.Ordinal) || name.EndsWith("key", StringComparison.Ordinal))))
                Assert.Equal((secret, UnixFileMode.UserRead | UnixFileMode.UserWrite), (secret, File.GetUnixFileMode(secret)));
        }
        using var admin = new HttpRequestMessage(HttpMethod.Get, "/api/v1/keys");
        admin.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {(await File.ReadAllTextAsync(file)).Trim()}");
        using var answered = await server.Http.SendAsync(admin);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
    }

    [Fact]
    public async Task Server_WhenNothingIsConfigured_ThenItRunsItsOwnPostgresAndStopsItWithItself()
    {
        using var folder = new TemporaryFolder();
        var postmaster = Path.Combine(folder.Path, "data", "postgres", "data", "postmaster.pid");
        var settings = RunningServer.Settings(folder.Path, "Production");
        for (var start = 0; start < 2; start++)
        {
            var (server, readyAfter) = await ServerProcess.StartAsync(settings);
            await using (server)
            {
                output.WriteLine($"ready after {readyAfter.TotalSeconds:0.0} s");
                Assert.True(File.Exists(postmaster), "PostgreSQL doesn't run.");
                Assert.Equal(0, await server.TerminateAsync());
            }
            Assert.False(File.Exists(postmaster), "PostgreSQL still runs.");
        }
    }

    [Fact]
    public async Task Server_WhenTheVerbIsUnknown_ThenItExplainsAndFails()
    {
        var (code, output) = await ServerProcess.RunAsync("fly");

        Assert.Equal(2, code);
        Assert.Contains("backup FILE", output, StringComparison.Ordinal);
    }
}
