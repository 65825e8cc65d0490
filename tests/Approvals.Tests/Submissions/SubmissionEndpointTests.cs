using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Approvals.Submissions;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Submissions;

/// <summary>Lists as HTTP clients see them.</summary>
public sealed class SubmissionEndpointTests
{
    [Fact]
    public async Task List_WhenFormedSealedAndSettledOverHttp_ThenVersionsAreEntityTagsAndFilesAreDownloads_R_REV_10_R_INT_6()
    {
        await using var desk = await SubmissionDesk.OpenAsync();
        await using var app = await ServeAsync(desk);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single() + "/api/v1/submissions/") };
        var page = await http.GetFromJsonAsync<JsonElement>("candidates?limit=2");
        Assert.Equal(2, page.GetProperty("items").GetArrayLength());
        var rest = await http.GetFromJsonAsync<JsonElement>($"candidates?limit=2&cursor={page.GetProperty("next").GetString()}");
        Assert.Equal((1, JsonValueKind.Null), (rest.GetProperty("items").GetArrayLength(), rest.GetProperty("next").ValueKind));

        using var created = await http.PostAsJsonAsync("", new { cases = desk.Ids });
        Assert.Equal((HttpStatusCode.Created, "\"1\""), (created.StatusCode, created.Headers.ETag!.Tag));
        var id = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        using var removed = await SendAsync(HttpMethod.Delete, $"{id}/cases/{desk.Huang.Id}", "\"1\"");
        Assert.Equal("\"2\"", removed.Headers.ETag!.Tag);
        using var stale = await SendAsync(HttpMethod.Post, $"{id}/seal", "\"1\"");
        Assert.Equal((HttpStatusCode.Conflict, ErrorCodes.PreconditionFailed), (stale.StatusCode, await stale.Content.ReadAsStringAsync()));
        using var added = await http.PostAsJsonAsync($"{id}/cases", new { cases = new[] { desk.Huang.Id } });
        Assert.Equal("\"3\"", added.Headers.ETag!.Tag);
        using var sealing = await SendAsync(HttpMethod.Post, $"{id}/seal", "\"3\"");
        var view = await sealing.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("sealed", 3), (view.GetProperty("state").GetString(), view.GetProperty("cases").GetProperty("open").GetInt32()));

        using var file = await http.GetAsync($"{id}/export?format=xlsx");
        Assert.Equal(("attachment", true), (file.Content.Headers.ContentDisposition!.DispositionType, file.Headers.CacheControl!.NoStore));
        Assert.True((await http.GetFromJsonAsync<JsonElement>($"{id}/export")).GetProperty("masked").GetBoolean());
        using var returned = await http.PostAsJsonAsync("returns", new { caseId = desk.Huang.Id, reason = "材料有误" });
        Assert.Equal(HttpStatusCode.OK, returned.StatusCode);
        using var settled = await http.PostAsJsonAsync($"{id}/settlements", new { documentNumber = "函1", documentDate = "2026-09-21", @default = "approve", cases = new[] { new { caseId = desk.Huang.Id, outcome = "approve" } } });

        var answer = await settled.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((2, "left"), (answer.GetProperty("settled").GetArrayLength(), answer.GetProperty("refused")[0].GetProperty("code").GetString()));
        Assert.Equal("settled", (await http.GetFromJsonAsync<JsonElement>("?state=settled")).GetProperty("items")[0].GetProperty("state").GetString());
        Assert.Empty((await http.GetFromJsonAsync<JsonElement>("?state=draft")).GetProperty("items").EnumerateArray());
        var first = await http.GetFromJsonAsync<JsonElement>($"{id}/cases?limit=2");
        var last = await http.GetFromJsonAsync<JsonElement>($"{id}/cases?limit=2&cursor={first.GetProperty("next").GetString()}");
        Assert.Equal([1, 2, 3], first.GetProperty("items").EnumerateArray().Concat(last.GetProperty("items").EnumerateArray()).Select(c => c.GetProperty("place").GetInt32()));

        async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string ifMatch)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
            return await http.SendAsync(request);
        }
    }

    /// <summary>The endpoints on a free port of the loopback, every request by the officer; refusals as 409 with their codes.</summary>
    private static async Task<WebApplication> ServeAsync(SubmissionDesk desk)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(desk.Desk.Get<SubmissionReader>()).AddSingleton(desk.Desk.Get<SubmissionDrafts>()).AddSingleton(desk.Desk.Get<SubmissionSealing>());
        builder.Services.AddSingleton(desk.Desk.Get<SubmissionSettlement>()).AddSingleton(desk.Desk.Get<SubmissionReturns>()).AddSingleton(desk.Desk.Get<SubmissionExport>());
        var app = builder.Build();
        app.Use(async (http, next) =>
        {
            http.Features.Set(desk.Caller);
            try
            {
                await next(http);
            }
            catch (WorkflowException e)
            {
                http.Response.StatusCode = StatusCodes.Status409Conflict;
                await http.Response.WriteAsync(e.Code);
            }
        });
        app.MapSubmissions();
        await app.StartAsync();
        return app;
    }
}
