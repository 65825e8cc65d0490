using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Talent.Workflows.Approvals.Integrations.Outside;

/// <summary>
/// Asks a service of another office: one signed POST within its time, an answer of bounded size. Everything that comes of it is a
/// result; neither what was asked nor what was answered is in it unless it is the answer itself, and nothing is logged.
/// </summary>
/// <param name="http">A client of its own; its base address and time-out aren't used.</param>
/// <param name="service">What it is called in reasons, such as <c>identity verification</c>.</param>
/// <param name="time">The machine clock: the service refuses requests dated wrongly.</param>
public sealed class OutsideClient(HttpClient http, OutsideOptions options, string service, TimeProvider time)
{
    private const int MostAnswerBytes = 256 << 10;

    /// <param name="path">Below the endpoint, with its slash.</param>
    /// <param name="requestId">The same when the question is asked again.</param>
    public async Task<OutsideAnswer<JsonElement>> AskAsync(string path, string requestId, object question, CancellationToken cancellationToken) =>
        await SendAsync(path, requestId, JsonSerializer.SerializeToUtf8Bytes(question, JsonSerializerOptions.Web), "application/json", cancellationToken);

    /// <inheritdoc cref="AskAsync"/>
    public async Task<OutsideAnswer<JsonElement>> SendAsync(string path, string requestId, byte[] content, string mediaType, CancellationToken cancellationToken)
    {
        using var request = Request(path, requestId, content, mediaType);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(options.TimeoutSeconds));
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return await ReadAsync(response, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new OutsideAnswer<JsonElement>.Unavailable($"{service} didn't answer within {options.TimeoutSeconds} s");
        }
        catch (HttpRequestException e)
        {
            return new OutsideAnswer<JsonElement>.Unavailable($"{service} can't be reached: {e.HttpRequestError}");
        }
        catch (IOException)
        {
            return new OutsideAnswer<JsonElement>.Unavailable($"the answer of {service} was lost");
        }
    }

    private HttpRequestMessage Request(string path, string requestId, byte[] content, string mediaType)
    {
        var url = new Uri(options.Endpoint.TrimEnd('/') + path);
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(content) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } } };
        OutsideSignature.Sign(request, content, requestId, options.AccessKeyId, options.AccessKeySecret, time.GetUtcNow());
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return request;
    }

    private async Task<OutsideAnswer<JsonElement>> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var (status, after) = ((int)response.StatusCode, response.Headers.RetryAfter?.Delta);
        if (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnsupportedMediaType)
            return new OutsideAnswer<JsonElement>.Refused($"{service} refuses the request ({status})");
        // What an operator of either side can mend, too: a wrong key, a wrong address.
        if (!response.IsSuccessStatusCode)
            return new OutsideAnswer<JsonElement>.Unavailable($"{service} answered {status}", after);
        var buffer = new byte[MostAnswerBytes + 1];
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > MostAnswerBytes)
            return new OutsideAnswer<JsonElement>.Unavailable($"{service} answered more than {MostAnswerBytes} bytes");
        try
        {
            return new OutsideAnswer<JsonElement>.Answered(JsonElement.Parse(buffer.AsSpan(0, length)));
        }
        catch (JsonException)
        {
            return new OutsideAnswer<JsonElement>.Unavailable($"{service} answered something else than JSON");
        }
    }
}
