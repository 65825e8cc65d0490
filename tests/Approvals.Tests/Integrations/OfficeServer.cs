using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Tests.Integrations;

/// <summary>Another office on the loopback, and a client that speaks with it.</summary>
internal sealed class OfficeServer : IAsyncDisposable
{
    private static readonly HttpClient Http = new();
    private readonly WebApplication app;

    private OfficeServer(WebApplication app, ManualTime time) => (this.app, Time) = (app, time);

    public ManualTime Time { get; }

    public OutsideClient Client => new(Http, new OutsideOptions { Endpoint = app.Urls.Single(), AccessKeyId = "key-1", AccessKeySecret = "secret-1", TimeoutSeconds = 30 }, "the office", Time);

    /// <summary>An office that answers every question with one text.</summary>
    public static Task<OfficeServer> SayingAsync(string answer) => OpenAsync((routes, _, _) => routes.MapPost("/{**any}", () => Results.Text(answer, "application/json")));

    public static async Task<OfficeServer> OpenAsync(Action<IEndpointRouteBuilder, OutsideSimulator, ManualTime> map)
    {
        var time = new ManualTime(new DateTimeOffset(2026, 9, 21, 1, 0, 0, TimeSpan.Zero));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        map(app, new OutsideSimulator("key-1", "secret-1", time), time);
        await app.StartAsync();
        return new OfficeServer(app, time);
    }

    /// <summary>Somebody's number with a sequence, 15th to 17th digit.</summary>
    public static ResidentId Number(int sequence) => ResidentId.Fictitious(new DateOnly(1986, 2, 14), sequence);

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
