using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Runtime.Http;

/// <summary>
/// Sends the HTTP requests of workflows to the hosts that the operator allows, and resumes what waits for the answer. What
/// couldn't be connected is tried three times; a request that was sent is repeated only after a crash of this server, under
/// the same <c>Idempotency-Key</c>. Redirects aren't followed: they could lead elsewhere.
/// </summary>
internal sealed class HttpCalls : IOutboxHandler, IDisposable
{
    public const string MessageKind = "http-call";
    private const int Attempts = 3;

    private readonly WorkflowRuntime runtime;
    private readonly RuntimeOptions options;
    private readonly HttpClient http;

    public HttpCalls(WorkflowRuntime runtime, IOptions<RuntimeOptions> options)
    {
        this.runtime = runtime;
        this.options = options.Value;
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), AutomaticDecompression = DecompressionMethods.All })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    public string Kind => MessageKind;

    public static byte[] Write(HttpCallEffect call) =>
        JsonSerializer.SerializeToUtf8Bytes(new Order(call.ReportTo, call.Method, call.Url, call.ContentType, call.Content, call.Headers), JsonSerializerOptions.Web);

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<Order>(message.Payload, JsonSerializerOptions.Web)!;
        var url = new Uri(order.Url);
        if (!IsAllowed(url))
            return new OutboxResult.Dead($"Workflows may not send requests to {url.Authority}. Add it to Runtime:HttpHosts if they should, then send this again.");
        if (await runtime.ReadAsync(message.InstanceId, cancellationToken) is { State.Halted: true })
            return OutboxResult.Halted;
        var result = await CallAsync(order, url, message.Id, cancellationToken);
        if (result.End == HttpCallEnd.NotConnected && message.Attempts + 1 < Attempts)
            return new OutboxResult.Retry(null, $"{url.Authority} can't be reached.");
        try
        {
            await runtime.ApplyAsync(new StepRequest { InstanceId = message.InstanceId, Stimulus = new Stimulus.Resume(order.ReportTo, result.Write()), Actor = Actor.System }, cancellationToken);
            return OutboxResult.Ok;
        }
        catch (WorkflowException e) when (e.Code is not (ErrorCodes.Busy or ErrorCodes.Unavailable))
        {
            return new OutboxResult.Dead(e.Message);
        }
    }

    public void Dispose() => http.Dispose();

    private bool IsAllowed(Uri url)
    {
        foreach (var host in options.HttpHosts)
            if (host.StartsWith("*.", StringComparison.Ordinal)
                ? url.IsDefaultPort && url.HostNameType == UriHostNameType.Dns && url.Host.EndsWith(host[1..], StringComparison.OrdinalIgnoreCase)
                : host.Contains(':', StringComparison.Ordinal) ? url.Authority.Equals(host, StringComparison.OrdinalIgnoreCase)
                : url.IsDefaultPort && url.Host.Equals(host, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }

    private async Task<HttpCallResult> CallAsync(Order order, Uri url, Guid id, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(order.Method), url);
        if (order.Content is not null)
            request.Content = new StringContent(order.Content, Encoding.UTF8);
        if (request.Content is { } content && order.ContentType is { } type)
        {
            content.Headers.Remove("Content-Type");
            content.Headers.TryAddWithoutValidation("Content-Type", type.Contains("charset", StringComparison.OrdinalIgnoreCase) ? type : $"{type}; charset=utf-8");
        }
        foreach (var (name, value) in order.Headers)
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content?.Headers.TryAddWithoutValidation(name, value);
        request.Headers.Remove("Idempotency-Key");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", id.ToString());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(options.HttpTimeoutSeconds));
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return new HttpCallResult(HttpCallEnd.Answered, (int)response.StatusCode, await ReadAsync(response, limit.Token), Headers(response));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new HttpCallResult(HttpCallEnd.TimedOut);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError)
        {
            return new HttpCallResult(HttpCallEnd.NotConnected);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The request went out and no whole answer came back: what the server did isn't known.
            return new HttpCallResult(HttpCallEnd.TimedOut);
        }
    }

    private async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var bytes = new byte[options.HttpAnswerBytes];
        var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        var whole = length < bytes.Length || await stream.ReadAsync(new byte[1], cancellationToken) == 0;
        var media = response.Content.Headers.ContentType?.MediaType ?? "";
        if (whole && length > 0 && (media.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase)))
            try
            {
                return JsonElement.Parse(bytes.AsSpan(0, length));
            }
            catch (JsonException)
            {
                // Not what it says it is: given as text.
            }
        // PostgreSQL keeps no U+0000, and JSON of the state ends up there.
        return JsonSerializer.SerializeToElement(Encoding.UTF8.GetString(bytes, 0, length).Replace("\0", "", StringComparison.Ordinal));
    }

    private static Dictionary<string, string> Headers(HttpResponseMessage response) => response.Headers.Concat(response.Content.Headers)
        .Take(50).ToDictionary(h => h.Key, h => string.Join(", ", h.Value) is { Length: > 1000 } value ? value[..1000] : string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);

    private sealed record Order(Guid ReportTo, string Method, string Url, string? ContentType, string? Content, IReadOnlyDictionary<string, string> Headers);
}
