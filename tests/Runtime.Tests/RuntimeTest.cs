using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Runtime.Tests;

/// <summary>The database of a test class.</summary>
public sealed class RuntimeDatabase : IAsyncLifetime
{
    internal TestDatabase Db { get; private set; } = null!;

    public async Task InitializeAsync() => Db = await TestDatabase.CreateAsync(typeof(Migrator).Assembly);

    public async Task DisposeAsync() => await Db.DisposeAsync();
}

/// <summary>Tests that share a database, each with nodes of its own on it.</summary>
public abstract class RuntimeTest(RuntimeDatabase database) : IClassFixture<RuntimeDatabase>, IAsyncLifetime
{
    private readonly List<RuntimeNode> nodes = [];
    private protected TestDatabase Db => database.Db;
    private protected RuntimeNode node = null!;

    public async Task InitializeAsync()
    {
        node = NewNode();
        await ArrangeAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var one in nodes)
            await one.DisposeAsync();
    }

    protected virtual Task ArrangeAsync() => Task.CompletedTask;

    private protected virtual RuntimeNode NewNode(TimeProvider? time = null, Action<IServiceCollection>? more = null, Dictionary<string, string?>? settings = null)
    {
        var one = new RuntimeNode(Db, time, more, settings);
        nodes.Add(one);
        return one;
    }

    private protected async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Db.DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
