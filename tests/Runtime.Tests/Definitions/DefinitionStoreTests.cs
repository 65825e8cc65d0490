using System.Text;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Runtime.Tests.Definitions;

public sealed class DefinitionStoreTests(RuntimeDatabase database) : RuntimeTest(database)
{
    [Fact]
    public async Task Import_WhenTheContentIsTheSame_ThenThereIsNoNewVersion()
    {
        var first = await ImportAsync(Flows.Sequence("same", Flows.Event("a", "go")), publish: true);
        var again = await ImportAsync(Flows.Sequence("same", Flows.Event("a", "go")), publish: true);

        Assert.Equal(first.Id, again.Id);
        Assert.Single(await node.Definitions.ListVersionsAsync("same", default));
    }

    [Fact]
    public async Task Import_WhenPublishedContentChanges_ThenANewVersionRunsAndTheOldOneStays()
    {
        await ImportAsync(Flows.Sequence("changed", Flows.Event("a", "go")), publish: true);
        var old = await node.StartInstanceAsync("changed");
        var second = await ImportAsync(Flows.Sequence("changed", Flows.Event("b", "other")), publish: true);
        var @new = await node.StartInstanceAsync("changed");

        Assert.Equal((2, true, true), (second.Version, second.IsLatest, second.IsPublished));
        Assert.Equal("a", (await node.ReadAsync(old)).State.Bookmarks[0].ActivityId);
        Assert.Equal("b", (await node.ReadAsync(@new)).State.Bookmarks[0].ActivityId);
        await node.SignalAsync(old, "go");
        Assert.Equal([false, true], (await node.Definitions.ListVersionsAsync("changed", default)).Select(d => d.IsPublished).Reverse());
    }

    [Fact]
    public async Task Import_WhenTheLatestIsADraft_ThenItIsReplaced()
    {
        var draft = await ImportAsync(Flows.Sequence("draft", Flows.Event("a", "go")), publish: false);
        var changed = await ImportAsync(Flows.Sequence("draft", Flows.Event("b", "go")), publish: false);

        Assert.Equal((draft.Id, 1), (changed.Id, changed.Version));
        var error = await Assert.ThrowsAsync<WorkflowException>(() => node.StartInstanceAsync("draft"));
        Assert.Equal(ErrorCodes.NotPublished, error.Code);
        await node.Definitions.PublishAsync("draft", default);
        Assert.Equal("b", (await node.ReadAsync(await node.StartInstanceAsync("draft"))).State.Bookmarks[0].ActivityId);
    }

    [Fact]
    public async Task Import_WhenAnActivityIsUnknown_ThenKeptAsADraftAndNotPublished()
    {
        var definition = Flows.Sequence("unknown", Flows.Activity("a", "No.Such"));
        var refused = await Assert.ThrowsAsync<WorkflowException>(() => ImportAsync(definition, publish: true));
        Assert.Null(await node.Definitions.FindLatestAsync("unknown", default));
        await ImportAsync(definition, publish: false);

        var publish = await Assert.ThrowsAsync<WorkflowException>(() => node.Definitions.PublishAsync("unknown", default));

        Assert.Equal((ErrorCodes.InvalidDefinition, ErrorCodes.InvalidDefinition), (refused.Code, publish.Code));
        Assert.Contains("No.Such", publish.Message, StringComparison.Ordinal);
        Assert.False((await node.Definitions.FindLatestAsync("unknown", default))!.IsPublished);
    }

    [Fact]
    public async Task Import_WhenManyNodesImportAtOnce_ThenOneVersion()
    {
        var other = NewNode();
        var definition = Encoding.UTF8.GetBytes(Flows.Sequence("raced", Flows.Event("a", "go")));

        var records = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? node : other).Definitions.ImportAsync(definition, true, RuntimeNode.Tester, default)));

        Assert.Single(records.Select(r => r.Id).Distinct());
        Assert.Single(await node.Definitions.ListVersionsAsync("raced", default));
    }

    [Fact]
    public async Task List_WhenPaged_ThenLatestVersionsById()
    {
        await ImportAsync(Flows.Sequence("zz1", Flows.Event("a", "go")), publish: true);
        await ImportAsync(Flows.Sequence("zz2", Flows.Event("a", "go")), publish: false);

        Assert.Equal(["zz1", "zz2"], (await node.Definitions.ListAsync("zz", 10, default)).Select(d => d.DefinitionId));
        Assert.Equal("zz1", (await node.Definitions.FindPublishedAsync("zz1", default))!.DefinitionId);
        Assert.Contains("Elsa.Event", Encoding.UTF8.GetString((await node.Definitions.ReadDocumentAsync((await node.Definitions.FindAsync((await node.Definitions.FindLatestAsync("zz1", default))!.Id, default))!.Id, default))!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_WhenItsVersionIdIsAnotherDefinitions_ThenConflictAndTheOtherStays()
    {
        var named = System.Text.Json.Nodes.JsonNode.Parse(Flows.Sequence("taker", Flows.Event("a", "go")))!.AsObject();
        named["id"] = "robbed-v1";
        var taker = await ImportAsync(named.ToJsonString(), publish: true);

        var error = await Assert.ThrowsAsync<WorkflowException>(() => ImportAsync(Flows.Sequence("robbed", Flows.Event("b", "go")), publish: true));

        Assert.Equal((ErrorCodes.Conflict, "robbed-v1"), (error.Code, taker.Id));
        Assert.Equal("taker", (await node.Definitions.FindAsync(taker.Id, default))!.DefinitionId);
        Assert.Contains("\"a\"", Encoding.UTF8.GetString((await node.Definitions.ReadDocumentAsync(taker.Id, default))!), StringComparison.Ordinal);
    }

    private Task<Talent.Workflows.Runtime.Definitions.DefinitionRecord> ImportAsync(string definition, bool publish) =>
        node.Definitions.ImportAsync(Encoding.UTF8.GetBytes(definition), publish, RuntimeNode.Tester, default);
}
