using Npgsql;
using Talent.Workflows.Approvals.Materials;

namespace Talent.Workflows.Approvals.Tests.Materials;

public sealed class MaterialCleanupTests
{
    [Fact]
    public async Task Cleanup_WhenAMaterialWasDeletedLongAgo_ThenItsFileGoesUnlessAnotherLibraryHasIt_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var gone = await desk.Keep(desk.Li, "一", SampleFiles.Pdf("1"));
        var shared = await desk.Keep(desk.Li, "二", SampleFiles.Pdf("2"));
        var others = await desk.Keep(desk.Handler, "二", SampleFiles.Pdf("2"), MaterialDesk.Metro);
        await desk.Library.DeleteAsync(desk.Li, gone.Id, default);
        await desk.Library.DeleteAsync(desk.Li, shared.Id, default);

        Pass(desk, TimeSpan.FromDays(29));
        await AllAsync(desk);
        Assert.Equal((3L, 2L, 2), (await desk.Count("materials"), await desk.Count("material_contents"), desk.Files.Count));
        Pass(desk, TimeSpan.FromDays(2));
        await AllAsync(desk);

        Assert.Equal((1L, 1L, 1), (await desk.Count("materials"), await desk.Count("material_contents"), desk.Files.Count));
        Assert.Equal(SampleFiles.Pdf("2"), await desk.Fetch(desk.Handler, others.Id));
    }

    [Fact]
    public async Task Cleanup_WhenANodeDiedBetweenFileAndRow_ThenTheFileGoesWhenItIsOld_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        await using (var incoming = desk.Store.Begin())
        {
            await incoming.Content.WriteAsync(SampleFiles.Pdf());
            await incoming.KeepAsync(new string('a', 64));
        }
        var kept = await desk.Keep(desk.Li, "证书", SampleFiles.Png());

        await AllAsync(desk);
        Assert.Equal(2, desk.Files.Count);
        Pass(desk, TimeSpan.FromHours(25));
        await AllAsync(desk);

        Assert.Single(desk.Files);
        Assert.Equal(SampleFiles.Png(), await desk.Fetch(desk.Li, kept.Id));
    }

    [Fact]
    public async Task Cleanup_WhenTheSameContentIsUploadedMeanwhile_ThenItIsThereAfterwards_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync(o => o.KeepDeletedDays = 0);
        for (var round = 0; round < 10; round++)
        {
            var content = SampleFiles.Pdf("同一文件");
            var old = await desk.Keep(desk.Li, "证书", content);
            await desk.Library.DeleteAsync(desk.Li, old.Id, default);
            Pass(desk, TimeSpan.FromHours(25));

            var uploads = Enumerable.Range(0, 4).Select(i => Task.Run(() => i % 2 == 0 ? desk.Keep(desk.Li, "证书", content) : desk.Keep(desk.Handler, "证书", content, MaterialDesk.Metro))).ToList();
            var cleanups = Enumerable.Range(0, 3).Select(_ => Task.Run(() => AllAsync(desk))).ToList();
            var kept = await Task.WhenAll(uploads);
            await Task.WhenAll(cleanups);

            foreach (var material in kept)
                Assert.Equal(content, await desk.Fetch(material.Owner == MaterialDesk.Metro ? desk.Handler : desk.Li, material.Id));
            await desk.Library.DeleteAsync(desk.Li, kept[0].Id, default);
            await desk.Library.DeleteAsync(desk.Handler, kept[1].Id, default);
        }

        Pass(desk, TimeSpan.FromHours(25));
        await AllAsync(desk);
        Assert.Empty(desk.Files);
        Assert.Equal(0, await desk.Count("material_contents"));
    }

    [Fact]
    public async Task Cleanup_WhenAnUploadOfTheSameIsBeingRecorded_ThenItWaitsForItAndLeavesTheContent_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var content = SampleFiles.Pdf();
        await desk.Keep(desk.Li, "证书", content);
        await desk.Desk.Execute("delete from approvals.materials");
        Pass(desk, TimeSpan.FromHours(25));
        await using var connection = await desk.Desk.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        // What the statement of an upload does, up to its commit.
        await using (var record = new NpgsqlCommand("""
            with content as (update approvals.material_contents set used_at = $1 returning hash)
            insert into approvals.materials (id, owner_kind, owner_id, name, hash, uploaded_at, uploaded_by, credential)
            select gen_random_uuid(), 'person', 'applicant-li', '证书', hash, $1, 'applicant-li', 'key:test' from content
            """, connection))
        {
            record.Parameters.Add(new NpgsqlParameter { Value = desk.Desk.Time.GetUtcNow() });
            Assert.Equal(1, await record.ExecuteNonQueryAsync());
        }

        var cleaning = AllAsync(desk);
        for (var started = TimeProvider.System.GetTimestamp(); !await desk.Desk.Scalar<bool>("select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')"); await Task.Delay(10))
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromMinutes(2) && !cleaning.IsFaulted, "The clean-up waits for nobody.");
        await transaction.CommitAsync();
        await cleaning;

        var kept = Assert.Single((await desk.Reader.ListAsync(desk.Li, new MaterialQuery(), default)).Items);
        Assert.Equal(content, await desk.Fetch(desk.Li, kept.Id));
    }

    private static void Pass(MaterialDesk desk, TimeSpan time) => desk.Desk.Time.SetTo(desk.Desk.Time.GetUtcNow() + time);

    private static async Task AllAsync(MaterialDesk desk)
    {
        for (var round = 0; round < 16; round++)
            await desk.Cleanup.RunAsync(round, default);
    }
}
