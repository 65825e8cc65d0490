using Talent.Workflows.Approvals;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Server.Startup;
using Talent.Workflows.Server.Tests.Api;

namespace Talent.Workflows.Server.Tests.Startup;

/// <summary>What operators changed stays as they left it, however often servers start.</summary>
public sealed class ContentLoadingTests
{
    private const string Service = "political-work-title";
    private const string ShippedName = "\"name\": \"政工职评\"";
    private static readonly string Shipped = File.ReadAllText(Path.Combine(Repository.Root, "workflows", Service, "definition.json"));

    [Fact]
    public async Task Definition_WhenPublishedByApi_ThenARestartLeavesIt()
    {
        await using var server = await WithServiceAsync();
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Named("Published by hand"))).Is(200);

        await server.RestartAsync();

        Assert.Equal(("Published by hand", "Published by hand"), await NamesAsync(server));
    }

    [Fact]
    public async Task Definition_WhenItsFileChanged_ThenItIsANewPublishedVersionAndAnOlderFileNeverComesBack()
    {
        await using var server = await WithServiceAsync();
        await ChangeAndRestartAsync(server, Named("Second release"));

        Assert.Equal(("Second release", "Second release"), await NamesAsync(server));

        await ChangeAndRestartAsync(server, Shipped);

        Assert.Equal(("Second release", "Second release"), await NamesAsync(server));
    }

    [Fact]
    public async Task Definition_WhenItsFileChangedButADraftIsBeingEdited_ThenTheDraftStays()
    {
        await using var server = await WithServiceAsync();
        (await server.SendAsync("POST", "/api/v1/workflows/definitions", Named("Draft by hand"))).Is(200);

        await ChangeAndRestartAsync(server, Named("Second release"));

        Assert.Equal(("Draft by hand", "政工职评"), await NamesAsync(server));
        await server.StopAsync();
        Assert.Contains("draft", string.Concat(Directory.EnumerateFiles(Path.Combine(server.DataFolder, "logs")).Select(File.ReadAllText)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Definition_WhenItsFileChangedButAnEditedVersionIsInUse_ThenTheFileIsADraftUntilSomebodyPublishesIt()
    {
        await using var server = await WithServiceAsync();
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Named("Edited in Studio"))).Is(200);

        await ChangeAndRestartAsync(server, Named("Second release"));
        Assert.Equal(("Second release", "Edited in Studio"), await NamesAsync(server));
        await ChangeAndRestartAsync(server, Named("Third release"));
        Assert.Equal(("Third release", "Edited in Studio"), await NamesAsync(server));
        (await server.SendAsync("POST", $"/api/v1/workflows/definitions/{Service}/publish")).Is(200);
        await ChangeAndRestartAsync(server, Named("Fourth release"));

        Assert.Equal(("Fourth release", "Fourth release"), await NamesAsync(server));
    }

    [Fact]
    public async Task ExportWorkflows_WhenWrittenBackToTheFiles_ThenTheNextStartSeesNoChange()
    {
        using var folder = new TemporaryFolder();
        using var another = new TemporaryFolder();
        await using var server = await WithServiceAsync();
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Named("Edited in Studio"))).Is(200);
        (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Definitions.WaitsFor("own-..-flow", "go"))).Is(200);

        var (code, output) = await ServerProcess.RunAsync(["export-workflows", folder.Path, .. RunningServer.Settings(another.Path, "Production"),
            $"--ConnectionStrings:Talent={server.Database.ConnectionString}", $"--Talent:WorkflowsDir={server.ContentFolder}"]);

        Assert.True(code == 0, output);
        Assert.Equal(["definition.json", "workflow-definition-own-..-flow.json"], Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Select(Path.GetFileName).Order());
        var exported = await File.ReadAllTextAsync(Path.Combine(folder.Path, Service, "definition.json"));
        Assert.Contains("Edited in Studio", exported, StringComparison.Ordinal);
        var versions = await server.SqlAsync("select count(*) from engine.definitions");
        await ChangeAndRestartAsync(server, exported);
        Assert.Equal(versions, await server.SqlAsync("select count(*) from engine.definitions"));
        Assert.Equal(("Edited in Studio", "Edited in Studio"), await NamesAsync(server));
    }

    [Fact]
    public async Task Service_WhenItsWorkflowIsStartedWithoutACase_ThenItIsRefusedAndSaysHowToFileOne()
    {
        await using var server = await WithServiceAsync();

        var refused = (await server.SendAsync("POST", $"/api/v1/workflows/{Service}/start", "{}", headers: ("Idempotency-Key", "service-1"))).IsProblem(409, ErrorCodes.WrongState);

        Assert.Contains("POST /api/v1/cases", refused.Text, StringComparison.Ordinal);
        Assert.Empty((await server.SendAsync("GET", $"/api/v1/workflows/instances?definitionId={Service}")).Is(200).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Directory_WhenAUserWasDeactivatedAndLostARole_ThenARestartLeavesThem_R_ADM_3()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SqlAsync("update approvals.users set active = false where id = 'bureau-reviewer-1'; delete from approvals.user_roles where user_id = 'bureau-reviewer-2'");

        await server.RestartAsync();

        Assert.Equal("1 false 0", await server.SqlAsync("""
            select concat_ws(' ', count(*), bool_or(active)::text, (select count(*) from approvals.user_roles where user_id = 'bureau-reviewer-2')) from approvals.users where id = 'bureau-reviewer-1'
            """));
    }

    [Theory]
    [InlineData("Production", "false", 0L)]
    [InlineData("Production", "true", 43L)]
    [InlineData("Development", "false", 43L)]
    public async Task SampleCity_WhenStarted_ThenOnlyDevelopmentOrAWishLoadsIt(string environment, string wished, long organisations)
    {
        await using var server = await RunningServer.StartAsync(environment, $"--Talent:ImportSamples={wished}");

        Assert.Equal(organisations, await server.SqlAsync("select count(*) from approvals.organisations"));
    }

    [Fact]
    public async Task ImportDirectory_WhenGivenAFile_ThenItIsInTheDatabaseAndAMissingFileIsRefused()
    {
        using var folder = new TemporaryFolder();
        await using var database = await TestDatabase.CreateAsync(typeof(Migrator).Assembly, typeof(ApprovalRegistration).Assembly, typeof(ServerHost).Assembly);
        string[] settings = [.. RunningServer.Settings(folder.Path, "Production"), $"--ConnectionStrings:Talent={database.ConnectionString}"];

        var (code, output) = await ServerProcess.RunAsync(["import-directory", Path.Combine(folder.Path, "workflows", "shared", "organisations", "sample-city.json"), .. settings]);
        var (missing, why) = await ServerProcess.RunAsync(["import-directory", Path.Combine(folder.Path, "nowhere.json"), .. settings]);

        Assert.True(code == 0, output);
        await using var count = database.DataSource.CreateCommand("select count(*) from approvals.organisations");
        Assert.Equal(11L, await count.ExecuteScalarAsync());
        Assert.Equal(1, missing);
        Assert.Contains("nowhere.json", why, StringComparison.Ordinal);
    }

    private static string Named(string name) => Shipped.Replace(ShippedName, $"\"name\": \"{name}\"", StringComparison.Ordinal);

    [Fact]
    public async Task Definition_WhenItHasTheNumberCodeOfAServiceInFiles_ThenItIsntPublished()
    {
        await using var server = await WithServiceAsync();
        var designed = $$"""
            {"definitionId":"another-title","name":"职称","root":{"id":"flow","type":"Elsa.Flowchart","version":1,"activities":[
              {{HandledService.Activity("filed", "Talent.Filing", ("serviceName", "职称"), ("numberCode", "ZGZP"), ("phone", "0199-0000-8300"))}}],"connections":[]} }
            """;

        var refused = (await server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", designed)).IsProblem(422, "invalid_definition");

        Assert.Contains("编号代码“ZGZP”已用于“", refused.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("'political-work-title'", refused.Json.GetProperty("detailEn").GetString(), StringComparison.Ordinal);
        Assert.Equal("number_code_taken", refused.Json.GetProperty("errors")[0].GetProperty("code").GetString());
    }

    private static async Task<RunningServer> WithServiceAsync()
    {
        var server = await RunningServer.StartAsync();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "workflows", Service), "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(server.ContentFolder, Path.GetRelativePath(Path.Combine(Repository.Root, "workflows"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        await server.RestartAsync();
        return server;
    }

    private static async Task ChangeAndRestartAsync(RunningServer server, string definition)
    {
        await File.WriteAllTextAsync(Path.Combine(server.ContentFolder, Service, "definition.json"), definition);
        await server.RestartAsync();
    }

    private static async Task<(string? Latest, string? Published)> NamesAsync(RunningServer server) =>
        ((string?)await server.SqlAsync($"select name from engine.definitions where definition_id = '{Service}' and is_latest"),
        (string?)await server.SqlAsync($"select name from engine.definitions where definition_id = '{Service}' and is_published"));
}
