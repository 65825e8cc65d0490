using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Talent.Workflows.Approvals.Materials;

namespace Talent.Workflows.Approvals.Tests.Materials;

public sealed class MaterialStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ManualTime time = new(DateTimeOffset.Parse("2026-09-21T01:00:00Z", CultureInfo.InvariantCulture));
    private readonly MaterialStore store;

    public MaterialStoreTests() => store = new MaterialStore(Options.Create(new ApprovalOptions { DataDir = folder.Path }), Options.Create(new MaterialOptions()), time);

    public void Dispose() => folder.Dispose();

    private string[] Files => Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories);

    [Fact]
    public async Task Content_WhenKept_ThenItIsWholeInAPlaceThatIsNeverUsedAgain_R_CASE_4()
    {
        var content = RandomNumberGenerator.GetBytes(200_000);

        var (first, second) = (await KeepAsync(content), await KeepAsync(content));

        Assert.NotEqual(first, second);
        Assert.All([first, second], place => Assert.Matches("^[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}-[0-9a-f]+-[0-9a-f]{8}$", place));
        store.Remove(first);
        store.Remove(first);
        Assert.Null(store.Open(first));
        Assert.Null(store.Open("ab/cd/nothing"));
        await using var opened = store.Open(second)!;
        using var read = new MemoryStream();
        await opened.CopyToAsync(read);
        Assert.Equal(content, read.ToArray());
        Assert.Single(Files);
    }

    [Fact]
    public async Task Content_WhenItIsntKept_ThenNothingIsLeft_R_CASE_4()
    {
        await using (var incoming = store.Begin())
        {
            await incoming.Content.WriteAsync(new byte[100_000]);
            Assert.Single(Files);
        }

        Assert.Empty(Files);
    }

    [Fact]
    public async Task Abandoned_WhenANodeDiedWhileItReceived_ThenOnlyWhatIsOldIsRemoved_R_CASE_4()
    {
        // Never disposed: as if the node had died.
        var dead = store.Begin();
        await dead.Content.WriteAsync(new byte[10]);
        time.SetTo(time.GetUtcNow().AddHours(30));
        await using var alive = store.Begin();

        Assert.Equal(1, store.RemoveAbandoned(time.GetUtcNow().AddHours(-24)));

        Assert.Single(Files);
        await dead.DisposeAsync();
    }

    [Fact]
    public async Task Places_WhenAskedForBeforeAnInstant_ThenNewerOnesArentAmongThem_R_CASE_4()
    {
        var old = await KeepAsync([1]);
        time.SetTo(time.GetUtcNow().AddHours(2));
        var later = await KeepAsync([2]);

        var all = Enumerable.Range(0, MaterialStore.Fans).SelectMany(fan => store.PlacesBefore(fan, time.GetUtcNow().AddHours(1))).ToArray();
        var before = Enumerable.Range(0, MaterialStore.Fans).SelectMany(fan => store.PlacesBefore(fan, time.GetUtcNow().AddHours(-1))).ToArray();

        Assert.Equal(new[] { old, later }.Order(StringComparer.Ordinal), all.Order(StringComparer.Ordinal));
        Assert.Equal([old], before);
    }

    private async Task<string> KeepAsync(byte[] content)
    {
        await using var incoming = store.Begin();
        await incoming.Content.WriteAsync(content);
        return await incoming.KeepAsync(Convert.ToHexStringLower(SHA256.HashData(content)));
    }
}
