using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Talent.Workflows.Approvals.Messages.Channels;
using Talent.Workflows.Server.Startup;

namespace Talent.Workflows.Server.Tests.Canaries;

/// <summary>That the watch over the test run finds what it is there for.</summary>
public sealed class CanaryTests
{
    [Theory]
    [InlineData("10:11:12 INF Sent to 19900000054", 1)]
    [InlineData("""{"phone":"+8619900008801"}""", 1)]
    [InlineData("""{"residentId":"110199198602140254","other":"44999919880301031X"}""", 2)]
    [InlineData("to=li%40private.example.cn&x=1", 1)]
    [InlineData("RCPT TO:<applicant-li@talent.example.org>", 1)]
    [InlineData("199****0054, 110199********0254, l***@private.example.cn, a***@talent.example.org", 0)]
    [InlineData("a1990000005400b, ZG-110199-2026-000001-42, no-one@example.org", 0)]
    public void Search_WhenATextHoldsNumbersInFull_ThenEachIsFoundAndNoMaskedOne_R_AUD_2_R_NTF_4(string text, int found) =>
        Assert.Equal(found, Canary.In(text).Count);

    [Fact]
    public async Task Search_WhenALogATableOrAnAnswerHoldsANumber_ThenTheEndOfTheServerFails_R_AUD_2_R_NTF_4()
    {
        var server = await RunningServer.StartAsync();
        // In two parts: what a test says to the database itself is watched too.
        await server.SqlAsync("create table public.leaks (note text, bytes bytea); insert into public.leaks values ('call 1990000' || '9901 back', convert_to('{\"to\":\"1990000' || '9902\"}', 'UTF8'))");
        // A name is shown as it is: whoever takes a number for one shows it.
        (await server.SendAsync("POST", "/api/v1/keys", new { name = "19900009904", scopes = new[] { "cases" } })).Is(201);
        await server.StopAsync();
        await File.AppendAllTextAsync(Directory.EnumerateFiles(Path.Combine(server.DataFolder, "logs")).First(), "somebody logged 19900009903\n");

        var failure = await Assert.ThrowsAnyAsync<Exception>(async () => await server.DisposeAsync());

        foreach (var place in (string[])["table public.leaks.note", "table public.leaks.bytes", "table security.keys.name", "log server-", "POST /api/v1/keys 201"])
            Assert.Contains(place, failure.Message, StringComparison.Ordinal);
        foreach (var ending in (string[])["9901", "9902", "9903", "9904"])
        {
            Assert.Contains($"ending in {ending}", failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain($"1990000{ending}", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Search_WhenAListASpanOrARefusalHoldsANumber_ThenItIsTold_R_AUD_2()
    {
        var watch = new CanaryWatch();
        using var activity = new Activity("looked up").SetTag("who", "19900009904").SetTag("how", "by number");
        using var http = new HttpClient(new CanaryHandler(watch, new Answering("""{"items":[{"phone":"19900009905"}]}""")));
        foreach (var path in (string[])["/api/v1/people", "/dev/messages"])
            await http.GetStringAsync(new Uri($"http://server{path}"));

        var failure = Assert.ThrowsAny<Exception>(watch.RequireNone);

        Assert.Contains("GET /api/v1/people 200", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("/dev/messages", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("looked up who: a number of 11 digits ending in 9904", Assert.Single(CanaryWatch.In(activity)), StringComparison.Ordinal);
    }

    [Fact]
    public void Logs_WhenAValueOrAnExceptionHoldsANumber_ThenTheLineHasItMasked_R_AUD_2_R_NTF_4()
    {
        using var folder = new TemporaryFolder();
        const string trace = "4bf92f3577b34da6a3ce929d19900000";
        using (var log = (Serilog.Core.Logger)ServerLogging.Create(new ConfigurationBuilder().Build(), folder.Path))
        {
            log.Information("Told {Who} in {Trace}", "19900009906", trace);
            log.Error(new InvalidOperationException("550 <applicant-li@talent.example.org> unknown", new FormatException("110199198602140254")), "It failed for {@Person}", new { Phone = "19900009907" });
        }

        var text = string.Concat(Directory.EnumerateFiles(Path.Combine(folder.Path, "logs")).Select(File.ReadAllText));

        Assert.Empty(Canary.In(text));
        foreach (var shown in (string[])["199****9906", trace, "a***@talent.example.org", "110199********0254", "199****9907", nameof(FormatException)])
            Assert.Contains(shown, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Reasons_WhenAProviderQuotesTheRecipient_ThenTheyHaveItMasked_R_NTF_4()
    {
        const string said = "550 <applicant-li@talent.example.org> unknown, call 19900000054", kept = "550 <a***@talent.example.org> unknown, call 199****0054";

        Assert.Equal([kept, kept, kept, kept], [new DeliveryResult.Dead(said).Reason, new DeliveryResult.Retry(said).Reason, new DeliveryResult.Unknown(said).Reason, new DeliveryResult.Waiting(said, TimeSpan.Zero).Reason]);
    }

    private sealed class Answering(string json) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage { Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json") });
    }
}
