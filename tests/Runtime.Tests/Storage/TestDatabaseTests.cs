using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Runtime.Tests.Storage;

public sealed class TestDatabaseTests
{
    [Fact]
    public async Task TestDatabase_WhenTwoAreMade_ThenTheyShareNothing()
    {
        await using var one = await TestDatabase.CreateAsync(typeof(Migrator).Assembly);
        await using var two = await TestDatabase.CreateAsync(typeof(Migrator).Assembly);

        await using var create = one.DataSource.CreateCommand("create table only_here (id integer)");
        await create.ExecuteNonQueryAsync();

        await using var look = two.DataSource.CreateCommand("select to_regclass('only_here') is null");
        Assert.True((bool)(await look.ExecuteScalarAsync())!);
    }
}
