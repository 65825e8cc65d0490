namespace Talent.Workflows.Server.Tests.Studio;

public sealed class StudioFilesTests(StudioFixture fixture) : IClassFixture<StudioFixture>
{
    private readonly RunningServer server = fixture.Server;

    [Theory]
    [InlineData("gzip, deflate, br", "br", "brotli")]
    [InlineData("gzip", "gzip", "gzip")]
    [InlineData("br;q=0, gzip;q=0.5", "gzip", "gzip")]
    [InlineData("identity", null, "original")]
    public async Task File_WhenBrowserTakesEncoding_SendsThatSibling(string accepted, string? encoding, string text)
    {
        var answer = (await server.SendAsync("GET", "/studio/_framework/blazor.webassembly.js", key: null, headers: ("Accept-Encoding", accepted))).Is(200);
        Assert.Equal(text, answer.Text);
        Assert.Equal("text/javascript", answer.MediaType);
        Assert.Equal(encoding, answer.Response.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal("Accept-Encoding", answer.Response.Headers.Vary.Single());
    }

    [Theory]
    [InlineData("_framework/dotnet.native.a1b2c3d4e5.wasm", "application/wasm", true)]
    [InlineData("_framework/icudt.a1b2c3d4e5.dat", "application/octet-stream", true)]
    [InlineData("_framework/blazor.webassembly.js", "text/javascript", false)]
    [InlineData("appsettings.json", "application/json", false)]
    public async Task File_WhenNameHasFingerprint_IsKeptForAYear(string path, string type, bool kept)
    {
        var answer = (await server.SendAsync("GET", $"/studio/{path}", key: null)).Is(200);
        Assert.Equal(type, answer.MediaType);
        Assert.Equal(kept ? "public, max-age=31536000, immutable" : "no-cache", answer.Response.Headers.CacheControl!.ToString());
        Assert.Contains("script-src 'self' 'wasm-unsafe-eval'", answer.Response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_WhenUnchanged_Answers304()
    {
        var first = await server.SendAsync("GET", "/studio/appsettings.json", key: null);
        var second = await server.SendAsync("GET", "/studio/appsettings.json", key: null, headers: ("If-None-Match", first.ETag!));
        Assert.Equal(304, second.Status);
    }

    [Theory]
    [InlineData("/studio/_framework/nothing.wasm")]
    [InlineData("/studio/..%2fsecret.txt")]
    [InlineData("/studio/_framework/%2e%2e/%2e%2e/secret.txt")]
    [InlineData("/studio/_framework/..%5c..%5csecret.txt")]
    public async Task File_WhenNotOfThePackage_Answers404(string path) =>
        (await server.SendAsync("GET", path, key: null)).IsProblem(404, "not_found");
}
