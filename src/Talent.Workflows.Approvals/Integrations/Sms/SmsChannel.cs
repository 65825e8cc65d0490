using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Talent.Workflows.Approvals.Messages.Channels;
using Talent.Workflows.Approvals.Messages.Templates;

namespace Talent.Workflows.Approvals.Integrations.Sms;

/// <summary>Sends SMS by registered template over the gateway's signed HTTP interface; the effect id goes along as OutId.</summary>
/// <param name="http">A client of its own; its base address isn't used.</param>
/// <param name="options">Where and as whom.</param>
/// <param name="time">The machine clock: the gateway refuses requests dated wrongly.</param>
public sealed class SmsChannel(HttpClient http, SmsOptions options, TimeProvider time) : IMessageChannel
{
    private const string Version = "2017-05-25";
    private const int MostAnswerBytes = 64 * 1024;

    // Chinese stays readable in the gateway's records.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    public string Name => MessageChannels.Sms;

    public async Task<DeliveryResult> SendAsync(Message message, CancellationToken cancellationToken)
    {
        if (message.TemplateCode is null || message.SignName is null)
        {
            return new DeliveryResult.Dead("an SMS needs a template code and a signature");
        }

        if (message.To.Length != 11 || message.To[0] != '1' || !message.To.All(char.IsAsciiDigit))
        {
            return new DeliveryResult.Dead("the recipient's mobile number isn't valid");
        }

        // By the machine clock: it is real telephones that would ring at night.
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset allowed = new QuietHours(options.QuietFrom, options.QuietUntil).NextAllowed(now);
        if (allowed > now && !message.Urgent)
        {
            return new DeliveryResult.Waiting("quiet hours", allowed - now);
        }

        using HttpRequestMessage request = Request(message);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(options.TimeoutSeconds));
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return await ReadAsync(response, message.To, limit.Token);
        }
        catch (OperationCanceledException)
        {
            // The request may have arrived, so nobody can say; the gateway knows the OutId when it comes again.
            return new DeliveryResult.Unknown($"the SMS gateway didn't answer within {options.TimeoutSeconds} s");
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError)
        {
            return new DeliveryResult.Retry($"the SMS gateway can't be reached: {e.HttpRequestError}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new DeliveryResult.Unknown($"the SMS gateway's answer was lost: {RecipientMask.In(e.Message, message.To)}");
        }
    }

    private HttpRequestMessage Request(Message message)
    {
        Uri endpoint = new(options.Endpoint);
        Dictionary<string, string> query = new()
        {
            ["PhoneNumbers"] = message.To,
            ["SignName"] = message.SignName!,
            ["TemplateCode"] = message.TemplateCode!,
            ["TemplateParam"] = JsonSerializer.Serialize(message.Params, Json),
            ["OutId"] = message.Id,
        };
        string bodyHash = GatewaySignature.Hash([]);
        Dictionary<string, string> headers = new()
        {
            ["host"] = endpoint.Authority,
            ["x-acs-action"] = "SendSms",
            ["x-acs-version"] = Version,
            ["x-acs-date"] = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["x-acs-signature-nonce"] = Guid.NewGuid().ToString("N"),
            ["x-acs-content-sha256"] = bodyHash,
        };
        string authorization = GatewaySignature.Authorization(options.AccessKeyId, options.AccessKeySecret, "POST", endpoint.AbsolutePath, query, headers, bodyHash);
        HttpRequestMessage request = new(HttpMethod.Post, new UriBuilder(endpoint) { Query = GatewaySignature.Query(query) }.Uri);
        foreach ((string name, string value) in headers.Where(h => h.Key != "host"))
        {
            request.Headers.Add(name, value);
        }

        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return request;
    }

    private static async Task<DeliveryResult> ReadAsync(HttpResponseMessage response, string recipient, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[MostAnswerBytes];
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        TimeSpan? after = response.Headers.RetryAfter?.Delta;
        GatewayAnswer? answer = Parse(buffer.AsSpan(0, length));
        if (answer?.Code is { Length: > 0 } code)
        {
            return GatewayCodes.Result(code, RecipientMask.In(answer.Message ?? "", recipient), answer.BizId, after);
        }

        string status = $"the SMS gateway answered {(int)response.StatusCode} without a code";
        return response.IsSuccessStatusCode
            ? new DeliveryResult.Unknown(status)
            : response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)response.StatusCode >= 500 || response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                ? new DeliveryResult.Retry(status, after)
                : new DeliveryResult.Dead(status);
    }

    private static GatewayAnswer? Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize<GatewayAnswer>(utf8);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The gateway's answer, property names as it writes them.</summary>
internal sealed record GatewayAnswer(string? Code, string? Message, string? BizId, string? RequestId);
