using Microsoft.Extensions.Options;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Tests.Instances;

public sealed class InstanceCacheTests
{
    [Fact]
    public void Cache_WhenFull_ThenTheLongestUnusedGoesFirst()
    {
        var cache = Cache(count: 2, bytes: 1000);
        var (a, b, c) = (Record(1, 10), Record(1, 10), Record(1, 10));
        cache.Put(a);
        cache.Put(b);
        cache.Find(a.Id);

        cache.Put(c);

        Assert.Null(cache.Find(b.Id));
        Assert.Same(a, cache.Find(a.Id));
        Assert.Same(c, cache.Find(c.Id));
    }

    [Fact]
    public void Cache_WhenItsBytesAreUsedUp_ThenItForgets()
    {
        var cache = Cache(count: 100, bytes: 100);
        for (var i = 0; i < 20; i++)
            cache.Put(Record(1, 30));
        cache.Put(Record(1, 1000));

        Assert.Equal(3, cache.Count);
    }

    [Fact]
    public void Cache_WhenAnOlderVersionComesLate_ThenTheNewerStays()
    {
        var cache = Cache(count: 10, bytes: 1000);
        var newer = Record(5, 10);
        cache.Put(newer);

        cache.Put(newer with { Version = 4 });

        Assert.Equal(5, cache.Find(newer.Id)!.Version);
    }

    [Fact]
    public void Cache_WhenABookmarkIsReplaced_ThenOnlyTheNewOneLeadsToTheInstance()
    {
        var cache = Cache(count: 10, bytes: 1000);
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        var record = Record(1, 10, first);
        cache.Put(record);
        cache.Put(record with { Version = 2, State = State(record.Id, second) });

        Assert.Null(cache.FindByBookmark(first));
        Assert.Equal(record.Id, cache.FindByBookmark(second));
    }

    private static InstanceCache Cache(int count, long bytes) => new(Options.Create(new RuntimeOptions { CachedInstances = count, CachedBytes = bytes }));

    private static InstanceRecord Record(long version, int size, Guid? bookmark = null)
    {
        var id = Guid.NewGuid();
        return new InstanceRecord
        {
            Id = id, DefinitionId = "d", DefinitionVersionId = "d1", Version = version, State = State(id, bookmark), ChainHash = null,
            CreatedAt = default, UpdatedAt = default, FinishedAt = null, Size = size,
        };
    }

    private static WorkflowState State(Guid id, Guid? bookmark)
    {
        var state = Interpreter.Create(id, "d1");
        if (bookmark is { } b)
            state.Bookmarks.Add(new Bookmark(b, 1, "a", "Event", "go"));
        return state;
    }
}
