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

    private static void Pass(MaterialDesk desk, TimeSpan time) => desk.Desk.Time.SetTo(desk.Desk.Time.GetUtcNow() + time);

    private static async Task AllAsync(MaterialDesk desk)
    {
        for (var round = 0; round < 16; round++)
            await desk.Cleanup.RunAsync(round, default);
    }
}
