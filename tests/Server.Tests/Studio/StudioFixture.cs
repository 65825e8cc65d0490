namespace Talent.Workflows.Server.Tests.Studio;

/// <summary>A server with a small folder in Studio's place, and an account for each role.</summary>
public sealed class StudioFixture : IAsyncLifetime, IDisposable
{
    public const string Password = "correct horse battery 1949";

    private readonly TemporaryFolder folder = new();

    public RunningServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Write("_framework/blazor.webassembly.js", "original");
        Write("_framework/blazor.webassembly.js.br", "brotli");
        Write("_framework/blazor.webassembly.js.gz", "gzip");
        Write("_framework/dotnet.native.a1b2c3d4e5.wasm", "wasm");
        Write("_framework/icudt.a1b2c3d4e5.dat", "data");
        Write("appsettings.json", "{}");
        File.WriteAllText(Path.Combine(folder.Path, "secret.txt"), "secret");
        Server = await RunningServer.StartAsync("Development", $"--Talent:StudioDir={Path.Combine(folder.Path, "package")}", $"--Talent:AdminPassword={Password}");
        Server.Shared = true;
        foreach (var role in (string[])["viewer", "designer", "operator"])
            (await Server.SendAsync("POST", "/api/v1/staff", new { id = $"a-{role}", name = "王芳", role, password = Password })).Is(201);
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();

    public void Dispose() => folder.Dispose();

    private void Write(string path, string text)
    {
        var file = Path.Combine(folder.Path, "package", path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
