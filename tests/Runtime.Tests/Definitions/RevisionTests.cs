using System.Text;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Tests.Definitions;

public sealed class RevisionTests(RuntimeDatabase database) : RuntimeTest(database)
{
    private static readonly Actor Ann = new("staff:ann", null);
    private static readonly Actor Bob = new("staff:bob", null);

    [Fact]
    public async Task Save_WhenBasedOnAnOlderRevisionThanSomebodyElses_ThenConflictAndNothingChanges()
    {
        var opened = (await SaveAsync("overtaken", 0, Ann)).Revision;
        await SaveAsync("overtaken", 1, Ann, opened);
        await SaveAsync("overtaken", 2, Ann, opened);
        var bobs = await SaveAsync("overtaken", 3, Bob, opened + 2);

        var error = await Assert.ThrowsAsync<WorkflowException>(() => SaveAsync("overtaken", 4, Ann, opened + 2));

        Assert.Equal((ErrorCodes.Conflict, "staff:bob"), (error.Code, error.Facts["savedBy"]));
        Assert.Equal(4, await node.Definitions.CurrentRevisionAsync("overtaken", default));
        Assert.Equal(bobs.Definition.ContentHash, (await node.Definitions.FindLatestAsync("overtaken", default))!.ContentHash);
        Assert.Equal(4, (await SaveAsync("overtaken", 3, Ann, 1)).Revision);
        Assert.Equal(5, (await SaveAsync("overtaken", 5, Ann, 4)).Revision);
    }

    [Fact]
    public async Task Save_WhenTwoPeopleSaveAtOnceOnTheSameRevision_ThenOneIsRefused()
    {
        var other = NewNode();
        var opened = (await SaveAsync("at-once", 0, Ann)).Revision;

        var saves = await Task.WhenAll(Enumerable.Range(0, 2).Select(async i =>
        {
            try
            {
                await (i == 0 ? node : other).Definitions.SaveAsync(Save("at-once", 100 + i, i == 0 ? new Actor("staff:x", null) : Bob, opened), default);
                return "saved";
            }
            catch (WorkflowException refused)
            {
                return refused.Code;
            }
        }));

        Assert.Equal([ErrorCodes.Conflict, "saved"], saves.Order());
    }

    [Fact]
    public async Task Revisions_WhenThereAreMoreThanKept_ThenTheNewestStay()
    {
        for (var i = 0; i < Revisions.Kept + 5; i++)
            await SaveAsync("many", i, Ann);

        var all = await node.Definitions.ListRevisionsAsync("many", null, Revisions.Kept, default);

        Assert.Equal((Revisions.Kept, Revisions.Kept + 5, 6), (all.Count, all[0].Revision, all[^1].Revision));
        Assert.Null(await node.Definitions.ReadRevisionAsync("many", 5, default));
        Assert.Contains("\"a9\"", Encoding.UTF8.GetString((await node.Definitions.ReadRevisionAsync("many", 10, default))!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_WhenPublishedWithATrigger_ThenNothingStartsItAndRunningInstancesGoOn()
    {
        await node.Definitions.ImportAsync(Encoding.UTF8.GetBytes(Flows.Sequence("gone", Flows.Event("a", "go"))), true, Ann, default);
        var instance = await node.StartInstanceAsync("gone");

        Assert.True(await node.Definitions.DeleteAsync("gone", default));

        Assert.Equal(ErrorCodes.NotFound, (await Assert.ThrowsAsync<WorkflowException>(() => node.StartInstanceAsync("gone"))).Code);
        await node.SignalAsync(instance, "go");
        Assert.False(await node.Definitions.DeleteAsync("gone", default));
        Assert.Empty(await node.Definitions.ListVersionsAsync("gone", default));
        Assert.Equal(2, (await SaveAsync("gone", 1, Ann)).Definition.Version);
    }

    private Task<SavedDraft> SaveAsync(string id, int content, Actor actor, int? basedOn = null) => node.Definitions.SaveAsync(Save(id, content, actor, basedOn), default);

    private static DraftSave Save(string id, int content, Actor actor, int? basedOn) =>
        new() { Document = Encoding.UTF8.GetBytes(Flows.Sequence(id, Flows.Event($"a{content}", "go"))), Actor = actor, BasedOn = basedOn };
}
