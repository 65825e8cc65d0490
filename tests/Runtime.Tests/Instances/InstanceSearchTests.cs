using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Tests.Instances;

public sealed class InstanceSearchTests(RuntimeDatabase database) : RuntimeTest(database)
{
    private const int Rows = 2600;
    private InstanceSearch Search => node.Services.GetRequiredService<InstanceSearch>();

    protected override async Task ArrangeAsync()
    {
        if (await ScalarAsync<long>("select count(*) from engine.instances") > 0)
            return;
        // Ids rise with the number; two definitions by turns; every hundredth is finished.
        await ExecuteAsync($"""
            insert into engine.definitions (id, definition_id, version, name, is_latest, is_published, document, content_hash, created_at, created_by)
            values ('a-1', 'a', 1, 'A', true, true, '', '', now(), 'test'), ('b-1', 'b', 1, 'B', true, true, '', '', now(), 'test');
            insert into engine.instances (id, definition_id, definition_version_id, version, status, sub_status, incidents, name, created_at, updated_at, finished_at, state)
            select ('01000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, case n % 2 when 0 then 'a' else 'b' end, case n % 2 when 0 then 'a-1' else 'b-1' end, 1,
                case when n % 100 = 0 then 1 else 0 end, 2, 0, 'n' || lpad(n::text, 5, '0'), now(), now() - make_interval(secs => n), null, ''
            from generate_series(1, {Rows}) n
            """);
        await node.Services.GetRequiredService<InstanceMarks>().ExtendAsync(DateTimeOffset.UnixEpoch.AddYears(60), default);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(null, false)]
    [InlineData("a", true)]
    [InlineData("b", false)]
    public async Task Find_WhenAnyPageIsAskedFor_ThenItIsWhatSkippingRowByRowGives(string? definition, bool descending)
    {
        var all = new List<string>();
        for (var n = 1; n <= Rows; n++)
            if (definition is null || (n % 2 == 0) == (definition == "a"))
                all.Add($"n{n:00000}");
        if (descending)
            all.Reverse();
        foreach (var skip in (int[])[0, 1, 599, 600, 601, 999, 1000, 1001, 1290, 1299, 1599, 1600, 2000, 2595, 2599, 2600, 9999])
        {
            var found = await Search.FindAsync(new InstanceSearchQuery { DefinitionIds = definition is null ? null : [definition], Descending = descending, Skip = skip, Take = 7 }, default);

            Assert.Equal(all.Count, found.Total);
            Assert.Equal(all.Skip(skip).Take(7), found.Items.Select(i => i.Instance.Name!));
        }
    }

    [Fact]
    public async Task Find_WhenFilteredByStatus_ThenOnlyThoseAndTheirNumber()
    {
        var found = await Search.FindAsync(new InstanceSearchQuery { Statuses = [WorkflowStatus.Finished], Skip = 20, Take = 10 }, default);

        Assert.Equal(26, found.Total);
        Assert.Equal(["n00600", "n00500", "n00400", "n00300", "n00200", "n00100"], found.Items.Select(i => i.Instance.Name!));
    }

    [Fact]
    public async Task Find_WhenOrderedByLastExecution_ThenTheLatestComesFirst()
    {
        var found = await Search.FindAsync(new InstanceSearchQuery { Order = InstanceOrder.LastExecuted, Take = 2 }, default);

        Assert.Equal(["n00001", "n00002"], found.Items.Select(i => i.Instance.Name!));
    }

    [Fact]
    public async Task Extend_WhenDoneAgain_ThenMarksStayAsTheyAre()
    {
        var before = await ScalarAsync<long>("select sum(counted)::bigint from engine.instance_marks");

        await node.Services.GetRequiredService<InstanceMarks>().ExtendAsync(DateTimeOffset.UnixEpoch.AddYears(60), default);

        Assert.Equal(5000, before);
        Assert.Equal(before, await ScalarAsync<long>("select sum(counted)::bigint from engine.instance_marks"));
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = Db.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
