using System.Net;

namespace Talent.Workflows.Server.Tests.Studio;

/// <summary>A browser as the server sees it: it keeps cookies, follows nothing, and says where its requests come from.</summary>
internal sealed class StudioSession : IDisposable
{
    private readonly HttpClient http;

    public StudioSession(RunningServer server) =>
        http = new HttpClient(server.Watched(new HttpClientHandler { CookieContainer = Cookies, AllowAutoRedirect = false })) { BaseAddress = server.Http.BaseAddress };

    public CookieContainer Cookies { get; } = new();

    public async Task<Answer> SendAsync(string method, string path, HttpContent? content = null, string? site = "same-origin", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        if (site is not null)
            request.Headers.Add("Sec-Fetch-Site", site);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    public Task<Answer> SignInAsync(string name, string password, string to = "", string? site = "same-origin") =>
        SendAsync("POST", "/studio/sign-in", new FormUrlEncodedContent(new Dictionary<string, string> { ["name"] = name, ["password"] = password, ["to"] = to }), site);

    public void Dispose() => http.Dispose();
}
