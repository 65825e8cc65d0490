using Microsoft.Extensions.Logging.Abstractions;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Runtime.Tests.Storage;

public sealed class MigratorTests : IAsyncLifetime
{
    private TestDatabase db = null!;

    public async Task InitializeAsync() => db = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await db.DisposeAsync();

    [Fact]
    public async Task Migrate_WhenTheDatabaseIsEmpty_ThenAllAreAppliedInOrderAndRecorded()
    {
        var migrator = With(Step(2, "alter table t add b integer"), Step(1, "create table t (a integer)"));

        var applied = await migrator.MigrateAsync(CancellationToken.None);

        Assert.Equal([1, 2], applied.Select(one => one.Number));
        Assert.Equal("1,2", await AskAsync("select string_agg(number::text, ',' order by number) from schema_migrations"));
        Assert.Equal("a,b", await AskAsync("select string_agg(column_name, ',' order by ordinal_position) from information_schema.columns where table_name = 't'"));
    }

    [Fact]
    public async Task Migrate_WhenCalledAgain_ThenNothingIsApplied()
    {
        var migrator = With(Step(1, "create table t (a integer)"));
        await migrator.MigrateAsync(CancellationToken.None);

        Assert.Empty(await migrator.MigrateAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Migrate_WhenManyNodesStartAtOnce_ThenEachMigrationIsAppliedOnce()
    {
        var migrators = Enumerable.Range(0, 8)
            .Select(_ => With([.. Enumerable.Range(1, 5).Select(number => Step(number, $"create table t{number} (a integer)"))]));

        var applied = await Task.WhenAll(migrators.Select(migrator => Task.Run(() => migrator.MigrateAsync(CancellationToken.None))));

        Assert.Equal([1, 2, 3, 4, 5], applied.SelectMany(one => one).Select(one => one.Number).Order());
    }

    [Fact]
    public async Task Migrate_WhenAnAppliedOneWasChanged_ThenItIsRefused()
    {
        await With(Step(1, "create table t (a integer)")).MigrateAsync(CancellationToken.None);
        var changed = With(Step(1, "create table t (a bigint)"), Step(2, "create table u (a integer)"));

        var refusal = await Assert.ThrowsAsync<MigrationException>(() => changed.MigrateAsync(CancellationToken.None));

        Assert.Contains("0001 step1 was applied with other content", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("", await AskAsync("select coalesce(to_regclass('u')::text, '')"));
    }

    [Fact]
    public async Task Migrate_WhenANewerVersionUsedTheDatabase_ThenItIsRefused()
    {
        await With(Step(1, "create table t (a integer)"), Step(7, "create table u (a integer)")).MigrateAsync(CancellationToken.None);

        var refusal = await Assert.ThrowsAsync<MigrationException>(() => With(Step(1, "create table t (a integer)")).MigrateAsync(CancellationToken.None));

        Assert.Contains("0007 step7, which this version doesn't know", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrate_WhenOneComesTooLate_ThenItIsRefusedWithTheNumberToTake()
    {
        await With(Step(1, "create table t (a integer)"), Step(9003, "create table u (a integer)")).MigrateAsync(CancellationToken.None);
        var late = With(Step(1, "create table t (a integer)"), Step(9002, "create table v (a integer)"), Step(9003, "create table u (a integer)"));

        var refusal = await Assert.ThrowsAsync<MigrationException>(() => late.MigrateAsync(CancellationToken.None));

        Assert.Contains("above 9003", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrate_WhenOneFails_ThenItLeavesNothingAndTheEarlierOnesStay()
    {
        var broken = With(Step(1, "create table t (a integer)"), Step(2, "create table u (a integer); select 1/0"));

        var failure = await Assert.ThrowsAsync<MigrationException>(() => broken.MigrateAsync(CancellationToken.None));

        Assert.Contains("0002 step2 failed and was rolled back: division by zero", failure.Message, StringComparison.Ordinal);
        Assert.Equal("1", await AskAsync("select string_agg(number::text, ',') from schema_migrations"));
        Assert.Equal("", await AskAsync("select coalesce(to_regclass('u')::text, '')"));

        var mended = With(Step(1, "create table t (a integer)"), Step(2, "create table u (a integer)"));
        Assert.Equal([2], (await mended.MigrateAsync(CancellationToken.None)).Select(one => one.Number));
    }

    [Fact]
    public void Migration_WhenTwoHaveOneNumber_ThenBothAreNamed()
    {
        var refusal = Assert.Throws<MigrationException>(() => With(Step(4, "select 1", "left"), Step(4, "select 2", "right")));

        Assert.Contains("left and right", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migration_WhenEmbeddedInAnAssembly_ThenItIsFoundWithNumberAndName()
    {
        var found = Assert.Single(Migration.From(typeof(MigratorTests).Assembly));

        Assert.Equal((9001, "varied_types"), (found.Number, found.Name));
        Assert.Matches("^[0-9a-f]{64}$", found.Checksum);
        await using var migrated = await TestDatabase.CreateAsync(typeof(MigratorTests).Assembly);
        await using var count = migrated.DataSource.CreateCommand("select count(*) from sample.person");
        Assert.Equal(0L, await count.ExecuteScalarAsync());
    }

    private static Migration Step(int number, string sql, string? name = null) => Migration.Create(number, name ?? $"step{number}", sql);

    private Migrator With(params Migration[] steps) => new(db.DataSource, NullLogger.Instance, steps);

    private async Task<string> AskAsync(string sql)
    {
        await using var command = db.DataSource.CreateCommand(sql);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
