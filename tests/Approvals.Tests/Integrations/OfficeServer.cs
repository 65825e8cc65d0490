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
    private readonly OutsideOptions options;

    private OfficeServer(WebApplication app, OutsideOptions options, OutsideSimulator office, ManualTime time) => (this.app, this.options, Office, Time) = (app, options, office, time);

    public ManualTime Time { get; }

    /// <summary>What answers, once its paths were mapped.</summary>
    public OutsideSimulator Office { get; }

    public string Url => app.Urls.Single();

    public OutsideClient Client => ClientOf(options, "the office", Time);

    /// <summary>The key of an office. Where it is stands in it once the office is open, so that who asks can be made before.</summary>
    public static OutsideOptions Key() => new() { AccessKeyId = "key-1", AccessKeySecret = "secret-1", TimeoutSeconds = 30 };

    public static OutsideClient ClientOf(OutsideOptions options, string name, TimeProvider time) => new(Http, options, name, time);

    /// <summary>An office that answers every question with one text.</summary>
    public static Task<OfficeServer> SayingAsync(string answer) => OpenAsync((routes, _, _) => routes.MapPost("/{**any}", () => Results.Text(answer, "application/json")));

    public static Task<OfficeServer> OpenAsync(Action<IEndpointRouteBuilder, OutsideSimulator, ManualTime> map)
    {
        var time = new ManualTime(new DateTimeOffset(2026, 9, 21, 1, 0, 0, TimeSpan.Zero));
        return OpenAsync((routes, office) => map(routes, office, time), Key(), time);
    }

    public static async Task<OfficeServer> OpenAsync(Action<IEndpointRouteBuilder, OutsideSimulator> map, OutsideOptions options, ManualTime time)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var office = new OutsideSimulator(options.AccessKeyId, options.AccessKeySecret, time);
        map(app, office);
        await app.StartAsync();
        options.Endpoint = app.Urls.Single();
        return new OfficeServer(app, options, office, time);
    }

    /// <summary>Somebody's number with a sequence, 15th to 17th digit.</summary>
    public static ResidentId Number(int sequence) => ResidentId.Fictitious(new DateOnly(1986, 2, 14), sequence);

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
