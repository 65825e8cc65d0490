using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Talent.Workflows.Server.Tests.ElsaApi;

public sealed class DefinitionFileTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Path = $"{Editor.Api}/workflow-definitions";
    private readonly RunningServer server = fixture.Server;

    public static TheoryData<string> Shipped => [.. Directory.EnumerateFiles(System.IO.Path.Combine(Repository.Root, "workflows"), "definition.json", SearchOption.AllDirectories).Select(f => System.IO.Path.GetRelativePath(Repository.Root, f))];

    [Theory]
    [MemberData(nameof(Shipped))]
    public async Task ImportAndExport_WhenAShippedDefinition_ThenNothingIsLostOnTheWayThroughStudio(string file)
    {
        var shipped = JsonNode.Parse(await File.ReadAllTextAsync(System.IO.Path.Combine(Repository.Root, file)))!.AsObject();
        var id = shipped.Text("definitionId");

        var imported = (await server.SendAsync("POST", $"{Path}/import", shipped.ToJsonString())).Is(200);

        Shape.Allows("definition", imported.Json);
        Assert.False(imported.Json.GetProperty("isPublished").GetBoolean());
        var opened = await server.OpenAsync(id);
        opened["description"] = $"{opened["description"]} ";
        (await server.SaveAsync(opened)).Is(200);
        var exported = JsonNode.Parse((await server.SendAsync("GET", $"{Path}/{id}/export")).Is(200).Text)!.AsObject();
        foreach (var json in (JsonObject[])[shipped, exported])
            foreach (var name in (string[])["id", "version", "createdAt", "isLatest", "isPublished", "description"])
                json.Remove(name);
        Assert.Equal(Canonical(shipped), Canonical(exported));
    }

    [Fact]
    public async Task ImportAndExport_WhenRandomDefinitions_ThenNothingIsLostOnTheWayThroughStudio()
    {
        var count = Environment.GetEnvironmentVariable("TALENT_TEST_FULL") == "1" ? 500 : 25;
        for (var seed = 1; seed <= count; seed++)
        {
            var made = new RandomDefinition(seed).Make();
            var id = made.Text("definitionId");
            (await server.SendAsync("POST", $"{Path}/import", made.ToJsonString())).Is(200);
            var opened = await server.OpenAsync(id);
            opened["description"] = "edited";
            (await server.SaveAsync(opened)).Is(200);

            var exported = JsonNode.Parse((await server.SendAsync("GET", $"{Path}/{id}/export")).Is(200).Text)!.AsObject();
            foreach (var name in (string[])["$schema", "id", "version", "createdAt", "isLatest", "isPublished", "description", "isReadonly", "isSystem"])
                exported.Remove(name);
            Assert.True(Canonical(made) == Canonical(exported), $"seed {seed}:\n{Canonical(made)}\n{Canonical(exported)}");
        }
    }

    [Fact]
    public async Task Export_WhenOne_ThenAFileThatImportsElsewhereAndMany_ThenAZip()
    {
        var saved = (await server.SaveAsync(Editor.Model("exported/".TrimEnd('/'), "Exported", Editor.Write("w")), publish: true)).Definition();

        var file = (await server.SendAsync("GET", $"{Path}/exported/export?versionOptions=Latest&includeConsumingWorkflows=False")).Is(200);
        var zip = await BytesAsync("POST", $"{Editor.Api}/bulk-actions/export/workflow-definitions", JsonSerializer.Serialize(new { ids = new[] { saved.Text("id") }, includeConsumingWorkflows = false }));

        Assert.StartsWith("https://elsaworkflows.io/schemas/workflow-definition", file.Json.GetProperty("$schema").GetString(), StringComparison.Ordinal);
        Assert.Equal((saved.Text("id"), 1, true), (file.Json.GetProperty("id").GetString(), file.Json.GetProperty("version").GetInt32(), file.Json.GetProperty("isPublished").GetBoolean()));
        Assert.True(file.Json.TryGetProperty("createdAt", out _));
        Assert.Equal("workflow-definition-exported.json", file.Response.Content.Headers.ContentDisposition?.FileName);
        using var archive = new ZipArchive(new MemoryStream(zip));
        Assert.Equal("workflow-definition-exported.json", Assert.Single(archive.Entries).FullName);
        (await server.SendAsync("POST", $"{Editor.Api}/bulk-actions/export/workflow-definitions", """{"ids":["none"]}""")).Is(404);
    }

    [Fact]
    public async Task Import_WhenTheFileSaysPublished_ThenItIsADraftOfTheDefinitionNamed()
    {
        (await server.SaveAsync(Editor.Model("target", "Target", Editor.Write("w")), publish: true)).Is(200);

        var draft = (await server.SendAsync("PUT", $"{Path}/target/import", Editor.Model("other", "Imported", Editor.Write("w", "changed")).ToJsonString())).Is(200).Json;

        Assert.Equal(("target", 2, false, true), (draft.GetProperty("definitionId").GetString(), draft.GetProperty("version").GetInt32(), draft.GetProperty("isPublished").GetBoolean(), draft.GetProperty("isLatest").GetBoolean()));
    }

    [Fact]
    public async Task ImportFiles_WhenJsonAndZip_ThenAllAreDrafts()
    {
        var answer = await UploadAsync(("one.json", Text("files-one")), ("more.zip", Zip(("a/two.json", Text("files-two")), ("three.json", Text("files-three")), ("readme.txt", "x"u8.ToArray()))));

        Assert.Equal(3, answer.Is(200).Json.GetProperty("count").GetInt32());
        Assert.Equal(3L, await server.SqlAsync("select count(*) from engine.definitions where definition_id like 'files-%' and not is_published"));
    }

    [Fact]
    public async Task ImportFiles_WhenOneIsWrong_Then400NamesItAndNothingIsTakenIn()
    {
        foreach (var (wrong, named) in new (byte[], string)[]
        {
            (Zip(("ok.json", Text("bad-1")), ("../../escape.json", Text("bad-2"))), "escape.json"),
            (Zip(("ok.json", Text("bad-3")), ("broken.json", "{"u8.ToArray())), "broken.json"),
            (Zip([.. Enumerable.Range(0, 600).Select(i => ($"{i}.json", Text($"bad-many-{i}")))]), "600"),
            (Zip(("ok.json", Text("bad-4")), ("bomb.json", new byte[64 << 20])), "bomb.json"),
            (Zip(("readme.txt", Text("bad-5"))), "upload"),
            (Zip(("other.json", """{"$schema":"https://example.org/other","root":{}}"""u8.ToArray())), "other.json"),
            ([(byte)'P', (byte)'K', 3, 4, 0, 0], "upload"),
            ("""{"definitionId":"bad-6","root":{"id":"a","type":""}}"""u8.ToArray(), ""),
        })
        {
            var answer = (await UploadAsync(("upload", wrong))).Is(400);
            Assert.Contains(named, answer.Json.GetProperty("errors").EnumerateObject().First().Value[0].GetString(), StringComparison.Ordinal);
        }
        Assert.Equal(0L, await server.SqlAsync("select count(*) from engine.definitions where definition_id like 'bad-%'"));
    }

    [Fact]
    public async Task ImportFiles_WhenManyArchivesUnpackToMuch_ThenAreRefusedTogether()
    {
        // Each alone is small enough.
        var padding = new string(' ', 900_000);
        (string, byte[]) Archive(string name) => (name, Zip([.. Enumerable.Range(0, 20).Select(i => ($"{i}.json", Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Text($"much-{name}-{i}")) + padding)))]));

        var answer = (await UploadAsync(Archive("a"), Archive("b"))).Is(400);

        Assert.Contains("b: ", answer.Text, StringComparison.Ordinal);
        Assert.Equal(0L, await server.SqlAsync("select count(*) from engine.definitions where definition_id like 'much-%'"));
    }

    [Theory]
    [InlineData("3.8.2.0", "3.8.2.0")]
    [InlineData("3.8.2-preview", null)]
    public async Task Definition_WhenItsToolVersionIsNoVersion_ThenStudioIsNotToldOfIt(string toolVersion, string? told)
    {
        var id = $"tool-{toolVersion.Length}";
        var model = Editor.Model(id, id, Editor.Write("w"));
        model["toolVersion"] = toolVersion;
        (await UploadAsync(($"{id}.json", Encoding.UTF8.GetBytes(model.ToJsonString())))).Is(200);

        var json = (await server.SendAsync("GET", $"{Path}/by-definition-id/{id}")).Is(200).Json;
        Assert.Equal(told, json.TryGetProperty("toolVersion", out var version) ? version.GetString() : null);
    }

    private static byte[] Text(string id) => Encoding.UTF8.GetBytes(Editor.Model(id, id, Editor.Write("w")).ToJsonString());

    private static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var buffer = new MemoryStream();
        using (var archive = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in files)
            {
                using var entry = archive.CreateEntry(name, CompressionLevel.SmallestSize).Open();
                entry.Write(content);
            }
        return buffer.ToArray();
    }

    private async Task<Answer> UploadAsync(params (string Name, byte[] Content)[] files)
    {
        using var form = new MultipartFormDataContent();
        foreach (var (name, content) in files)
            form.Add(new ByteArrayContent(content), "files", name);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Path}/import-files") { Content = form };
        request.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {RunningServer.AdminKey}");
        using var response = await server.Http.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    private async Task<byte[]> BytesAsync(string method, string path, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {RunningServer.AdminKey}");
        using var response = await server.Http.SendAsync(request);
        Assert.Equal(200, (int)response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync();
    }

    /// <summary>Texts that don't depend on the order of properties.</summary>
    private static string Canonical(JsonNode? node) => node switch
    {
        JsonObject o => $"{{{string.Join(",", o.Where(p => p.Key != "nodeId").OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}:{Canonical(p.Value)}"))}}}",
        JsonArray a => $"[{string.Join(",", a.Select(Canonical))}]",
        null => "null",
        _ => node.ToJsonString(),
    };
}
