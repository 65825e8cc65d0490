using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Talent.Workflows.Approvals.Integrations.Sms;

/// <summary>
/// An SMS gateway that behaves like the real one and delivers to itself, for demonstrations and contract tests. It checks
/// the signature, recognises a repeated OutId, and misbehaves for the numbers below in the same way every time.
/// </summary>
/// <param name="accessKeyId">The one key that it knows.</param>
/// <param name="accessKeySecret">Its secret.</param>
/// <param name="time">The machine clock, for the age of requests.</param>
public sealed class SmsGatewaySimulator(string accessKeyId, string accessKeySecret, TimeProvider time)
{
    /// <summary>Refused for good: isv.MOBILE_NUMBER_ILLEGAL.</summary>
    public const string RefusedNumber = "19900009001";

    /// <summary>isp.SYSTEM_ERROR for the first two attempts of a message, then taken.</summary>
    public const string FailingTwiceNumber = "19900009002";

    /// <summary>Taken, but the first answer is lost on the way.</summary>
    public const string LosingReplyNumber = "19900009003";

    /// <summary>HTTP 503 with Retry-After 7, always.</summary>
    public const string UnavailableNumber = "19900009004";

    /// <summary>Too many messages to this number: isv.BUSINESS_LIMIT_CONTROL.</summary>
    public const string LimitedNumber = "19900009005";

    private const int Kept = 10_000;
    private static readonly TimeSpan LongestAge = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, SimulatedSms> _delivered = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _attempts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _nonces = new(StringComparer.Ordinal);

    /// <summary>What was delivered, each OutId once; at most the first 10,000.</summary>
    public IReadOnlyCollection<SimulatedSms> Delivered => [.. _delivered.Values];

    internal IResult Handle(HttpContext context)
    {
        Dictionary<string, string> query = context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString(), StringComparer.Ordinal);
        string phone = query.GetValueOrDefault("PhoneNumbers", "");
        string outId = query.GetValueOrDefault("OutId", "");
        if (SignatureFlaw(context.Request, query) is string flaw)
        {
            return Answer(flaw, "The request isn't signed as it must be.", null, StatusCodes.Status400BadRequest);
        }

        string signName = query.GetValueOrDefault("SignName", "");
        string templateCode = query.GetValueOrDefault("TemplateCode", "");
        string parameters = query.GetValueOrDefault("TemplateParam", "");
        if (signName.Length == 0 || templateCode.Length == 0 || !IsJsonObject(parameters))
        {
            return Answer("isv.INVALID_PARAMETERS", "SignName, TemplateCode and TemplateParam are needed.", null);
        }

        int attempt = _attempts.Count < Kept || _attempts.ContainsKey(outId) ? _attempts.AddOrUpdate(outId, 1, (_, n) => n + 1) : 1;
        switch (phone)
        {
            case RefusedNumber:
                return Answer("isv.MOBILE_NUMBER_ILLEGAL", $"{phone} is not a mobile number.", null);
            case FailingTwiceNumber when attempt <= 2:
                return Answer("isp.SYSTEM_ERROR", "System error.", null, StatusCodes.Status500InternalServerError);
            case UnavailableNumber:
                context.Response.Headers.RetryAfter = "7";
                return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
            case LimitedNumber:
                return Answer("isv.BUSINESS_LIMIT_CONTROL", "Limit of the minute reached.", null);
        }

        SimulatedSms sms = new(outId, phone, signName, templateCode, parameters, $"SIM{GatewaySignature.Hash(Encoding.UTF8.GetBytes(outId))[..16]}", time.GetUtcNow());
        if (_delivered.Count < Kept)
        {
            sms = _delivered.GetOrAdd(outId, sms);
        }

        if (phone == LosingReplyNumber && attempt == 1)
        {
            context.Abort();
            return Results.Empty;
        }

        return Answer("OK", "OK", sms.BizId);
    }

    private string? SignatureFlaw(HttpRequest request, Dictionary<string, string> query)
    {
        string given = request.Headers.Authorization.ToString();
        string bodyHash = request.Headers["x-acs-content-sha256"].ToString();
        Dictionary<string, string> headers = [];
        foreach (string name in (string[])["host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"])
        {
            headers[name] = request.Headers[name].ToString();
        }

        string expected = GatewaySignature.Authorization(accessKeyId, accessKeySecret, request.Method, request.PathBase + request.Path, query, headers, bodyHash);
        if (given != expected || bodyHash != GatewaySignature.Hash([]))
        {
            return given.Contains($"Credential={accessKeyId},", StringComparison.Ordinal) ? "SignatureDoesNotMatch" : "InvalidAccessKeyId.NotFound";
        }

        bool dated = DateTimeOffset.TryParse(headers["x-acs-date"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date);
        if (!dated || (time.GetUtcNow() - date).Duration() > LongestAge)
        {
            return "InvalidTimeStamp.Expired";
        }

        return _nonces.Count >= Kept || _nonces.TryAdd(headers["x-acs-signature-nonce"], true) ? null : "SignatureNonceUsed";
    }

    private static bool IsJsonObject(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static IResult Answer(string code, string message, string? bizId, int status = StatusCodes.Status200OK) =>
        Results.Json(new GatewayAnswer(code, message, bizId, Guid.NewGuid().ToString("D")), JsonSerializerOptions.Default, statusCode: status);
}

/// <summary>A message that the simulator delivered.</summary>
public sealed record SimulatedSms(string OutId, string Phone, string SignName, string TemplateCode, string TemplateParam, string BizId, DateTimeOffset At);

public static class SmsGatewaySimulatorEndpoints
{
    /// <summary>Answers the gateway's SendSms at the given path.</summary>
    public static IEndpointConventionBuilder MapSmsGatewaySimulator(this IEndpointRouteBuilder routes, SmsGatewaySimulator simulator, string path = "/") =>
        routes.MapPost(path, (Delegate)simulator.Handle);
}
