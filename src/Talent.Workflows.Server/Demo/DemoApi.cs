using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Server.Api;
using Talent.Workflows.Server.Security;

namespace Talent.Workflows.Server.Demo;

/// <summary>The server as any client sees it: HTTP and nothing else.</summary>
internal sealed class DemoApi(string url, string key) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = new Uri(url), Timeout = TimeSpan.FromMinutes(2) };

    public Task<JsonElement> GetAsync(string path, string? user = null) => SendAsync(HttpMethod.Get, path, user, null);

    public Task<JsonElement> PostAsync(string path, string? user, JsonNode? body = null) => SendAsync(HttpMethod.Post, path, user, body);

    /// <summary>A request that has to be refused with this code.</summary>
    public async Task<JsonElement> RefusedAsync(string path, string user, JsonNode? body, string code)
    {
        var (ok, answer) = await TryAsync(HttpMethod.Post, path, user, body);
        return !ok && answer.GetProperty("code").GetString() == code ? answer : throw new DemoException($"POST {path} 应被拒绝（{code}），实际：{answer}");
    }

    /// <summary>Where the business clock stands, in the office's zone.</summary>
    public async Task<DateTimeOffset> NowAsync() => (await GetAsync("/dev/clock")).GetProperty("local").GetDateTimeOffset();

    /// <summary>Advances the clock; everything that falls due meanwhile is handled when this returns.</summary>
    public Task AdvanceToAsync(DateTimeOffset instant) => PostAsync("/dev/clock", null, new JsonObject { ["to"] = instant });

    public void Dispose() => http.Dispose();

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, string? user, JsonNode? body)
    {
        var (ok, answer) = await TryAsync(method, path, user, body);
        return ok ? answer : throw new DemoException($"{method} {path}（{user}）：{answer}");
    }

    private async Task<(bool Ok, JsonElement Answer)> TryAsync(HttpMethod method, string path, string? user, JsonNode? body)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        if (path.StartsWith("/api/", StringComparison.Ordinal) && user != Anybody)
            request.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {key}");
        if (user is not null && user != Anybody)
            request.Headers.TryAddWithoutValidation(KeyAuthentication.UserHeader, user);
        if (method == HttpMethod.Post)
            request.Headers.TryAddWithoutValidation(IdempotencyKeys.Header, Guid.NewGuid().ToString());
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        using var json = JsonDocument.Parse(text.Length == 0 ? "{}" : text);
        return (response.IsSuccessStatusCode, json.RootElement.Clone());
    }

    /// <summary>Stands for somebody without a sign-in.</summary>
    public const string Anybody = "(anybody)";
}
