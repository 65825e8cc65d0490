using System.Text.RegularExpressions;

namespace Talent.Workflows.Server.Tests.Api;

public sealed partial class DescriptionTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Fact]
    public async Task OpenApi_WhenRead_ThenItIs31WithExamplesAndEveryEndpointHasALineInTheHttpFile()
    {
        var document = (await server.SendAsync("GET", "/openapi/v1.json", key: null)).Is(200).Json;
        var lines = RequestLine().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "src", "Talent.Workflows.Server", "Talent.Workflows.Server.http")))
            .Select(m => $"{m.Groups[1].Value} {Variable().Replace(m.Groups[2].Value, "{}")}").ToHashSet();

        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString()!, StringComparison.Ordinal);
        var endpoints = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {Variable().Replace(path.Name, "{}").TrimEnd('/')}")).ToHashSet();
        Assert.True(endpoints.Count > 40, $"Only {endpoints.Count} endpoints are described.");
        Assert.Subset(lines, endpoints);
        var start = document.GetProperty("paths").GetProperty("/api/v1/workflows/{definitionId}/start").GetProperty("post");
        Assert.True(start.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").TryGetProperty("example", out _));
        Assert.Contains(start.GetProperty("parameters").EnumerateArray(), p => p.GetProperty("name").GetString() == "Idempotency-Key" && p.GetProperty("required").GetBoolean());
        Assert.Equal("workflows", start.GetProperty("security")[0].GetProperty("serviceKey")[0].GetString());
    }

    [Fact]
    public async Task OpenApi_WhenRead_ThenEveryEndpointSaysWhatItDoesWhatItTakesAndHowItAnswers()
    {
        var document = (await server.SendAsync("GET", "/openapi/v1.json", key: null)).Is(200).Json;
        var incomplete = new List<string>();

        foreach (var path in document.GetProperty("paths").EnumerateObject())
            foreach (var operation in path.Value.EnumerateObject())
            {
                var name = $"{operation.Name.ToUpperInvariant()} {path.Name}";
                if (!operation.Value.TryGetProperty("summary", out var summary) || summary.GetString() is not { Length: > 0 })
                    incomplete.Add($"{name} has no summary");
                var responses = operation.Value.GetProperty("responses");
                if (!responses.EnumerateObject().Any(r => r.Name.StartsWith('2')))
                    incomplete.Add($"{name} has no answer when all is well");
                if (!responses.EnumerateObject().Any(r => r.Name is "default" or ['4', ..] && r.Value.TryGetProperty("content", out var problem)
                        && problem.TryGetProperty("application/problem+json", out var kind) && kind.TryGetProperty("schema", out var shape) && shape.EnumerateObject().Any()))
                    incomplete.Add($"{name} has no problem answer");
                if (operation.Value.TryGetProperty("requestBody", out var body)
                    && !body.GetProperty("content").EnumerateObject().All(content => content.Value.TryGetProperty("schema", out var schema) && schema.EnumerateObject().Any()))
                    incomplete.Add($"{name} has a body without a schema");
            }

        Assert.True(incomplete.Count == 0, string.Join("\n", incomplete));
        Assert.True(document.GetProperty("components").GetProperty("schemas").GetProperty("Problem").GetProperty("properties").TryGetProperty("titleEn", out _));
        Assert.True(document.GetProperty("paths").GetProperty("/api/v1/panels/{id}/ballot").GetProperty("post").TryGetProperty("requestBody", out _));
    }

    [Fact]
    public async Task Answers_WhenSent_ThenTheyCarryTheSecurityHeaders()
    {
        foreach (var path in (string[])["/health/live", "/api/v1/keys", "/nothing"])
        {
            var headers = (await server.SendAsync("GET", path)).Response.Headers;
            Assert.Equal("nosniff", headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("DENY", headers.GetValues("X-Frame-Options").Single());
            Assert.Contains("default-src 'none'", headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.True(headers.CacheControl!.NoStore);
            Assert.False(headers.Contains("Server"));
        }
    }

    [GeneratedRegex(@"^(GET|POST|PUT|PATCH|DELETE) \{\{url\}\}(/[^\s?]*)", RegexOptions.Multiline)]
    private static partial Regex RequestLine();

    [GeneratedRegex(@"\{\{?\w+\}?\}")]
    private static partial Regex Variable();
}
