using Microsoft.Extensions.Logging.Abstractions;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Materials.Scanning;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Materials.Scanning;

public sealed class MaterialScanningTests
{
    [Fact]
    public async Task File_WhenItIsntScannedYet_ThenOnlyWhoUploadedItGetsItUntilItIsClean_R_CASE_4()
    {
        await using var clamd = new FakeClamd();
        await using var desk = await OpenAsync(clamd);
        var kept = await desk.Keep(desk.Li, "学位证书", SampleFiles.Pdf(size: 200_000));

        Assert.Equal(("unscanned", false), (kept.Scan, kept.Usable));
        Assert.Equal(SampleFiles.Pdf(size: 200_000), await desk.Fetch(desk.Li, kept.Id));
        Assert.Equal(ErrorCodes.WrongState, await desk.Refused(() => desk.Reader.DownloadAsync(desk.Handler, kept.Id, default)));
        byte[]? scanned = null;
        clamd.Received = content =>
        {
            scanned = content;
            return Task.CompletedTask;
        };
        Assert.Equal(1, await desk.Scanning.RunAsync(default));

        Assert.Equal(SampleFiles.Pdf(size: 200_000), scanned);
        var clean = await desk.Reader.ReadAsync(desk.Handler, kept.Id, default);
        Assert.Equal(("clean", true, null), (clean.Scan, clean.Usable, clean.ScanResult));
        Assert.Equal(SampleFiles.Pdf(size: 200_000), await desk.Fetch(desk.Handler, kept.Id));
        Assert.Equal(0, await desk.Scanning.RunAsync(default));
    }

    [Fact]
    public async Task File_WhenSomethingIsFoundInIt_ThenNobodyGetsItAndItIsntTakenAgain_R_CASE_4()
    {
        await using var clamd = new FakeClamd();
        await using var desk = await OpenAsync(clamd);
        var kept = await desk.Keep(desk.Li, "学位证书", SampleFiles.Eicar());

        Assert.Equal(1, await desk.Scanning.RunAsync(default));

        var found = await desk.Reader.ReadAsync(desk.Li, kept.Id, default);
        Assert.Equal(("found", false, "Eicar-Signature"), (found.Scan, found.Usable, found.ScanResult));
        foreach (var caller in (Talent.Workflows.Approvals.People.Caller[])[desk.Li, desk.Handler])
            Assert.Equal(ErrorCodes.WrongState, await desk.Refused(() => desk.Reader.DownloadAsync(caller, kept.Id, default)));
        Assert.Equal(ErrorCodes.WrongState, await desk.Refused(() => desk.Upload(desk.Handler, "证书", SampleFiles.Eicar(), MaterialDesk.Metro)));
        await desk.Library.DeleteAsync(desk.Li, kept.Id, default);
        Assert.Empty(await desk.Names(desk.Li));
    }

    [Theory]
    [InlineData("INSTREAM size limit exceeded. ERROR\0")]
    [InlineData("stream: Can't allocate memory ERROR\0")]
    [InlineData("")]
    public async Task Scan_WhenTheScannerCantTell_ThenItIsAskedAgainLater_R_CASE_4(string says)
    {
        await using var clamd = new FakeClamd { Says = says };
        await using var desk = await OpenAsync(clamd);
        var kept = await desk.Keep(desk.Li, "学位证书", SampleFiles.Pdf());

        Assert.Equal(0, await desk.Scanning.RunAsync(default));
        Assert.Equal(0, await desk.Scanning.RunAsync(default));
        Assert.Equal(1, clamd.Scans);
        Assert.Equal("unscanned", (await desk.Reader.ReadAsync(desk.Li, kept.Id, default)).Scan);
        clamd.Says = null;
        desk.Desk.Time.SetTo(desk.Desk.Time.GetUtcNow().AddSeconds(6));

        Assert.Equal(1, await desk.Scanning.RunAsync(default));
        Assert.Equal("clean", (await desk.Reader.ReadAsync(desk.Li, kept.Id, default)).Scan);
        Assert.Equal(2, await desk.Desk.Scalar<int>("select scan_attempts from approvals.material_contents"));
    }

    [Fact]
    public async Task Scan_WhenNobodyListensOrTheAnswerNeverComes_ThenTheFileWaits_R_CASE_4()
    {
        var clamd = new FakeClamd();
        await using var desk = await OpenAsync(clamd);
        var kept = await desk.Keep(desk.Li, "学位证书", SampleFiles.Pdf());
        var time = new FiringTime(desk.Desk.Time);
        var scanning = new MaterialScanning(desk.Desk.Database, desk.Store, desk.Options, time, NullLogger<MaterialScanning>.Instance);
        var silent = new TaskCompletionSource();
        clamd.Received = async _ =>
        {
            time.Fire();
            await silent.Task;
        };

        Assert.Equal(0, await scanning.RunAsync(default));
        silent.SetResult();
        await clamd.DisposeAsync();
        desk.Desk.Time.SetTo(desk.Desk.Time.GetUtcNow().AddMinutes(1));
        Assert.Equal(0, await scanning.RunAsync(default));

        Assert.Equal("unscanned", (await desk.Reader.ReadAsync(desk.Li, kept.Id, default)).Scan);
        Assert.Equal(2, await desk.Desk.Scalar<int>("select scan_attempts from approvals.material_contents"));
    }

    [Fact]
    public async Task Scan_WhenTwoNodesHaveTheSameToDo_ThenEachContentIsScannedOnce_R_CASE_4()
    {
        await using var clamd = new FakeClamd();
        await using var desk = await OpenAsync(clamd);
        for (var i = 0; i < 12; i++)
            await desk.Keep(desk.Li, $"材料{i}", SampleFiles.Pdf($"{i}"));
        var other = new MaterialScanning(desk.Desk.Database, desk.Store, desk.Options, desk.Desk.Time, NullLogger<MaterialScanning>.Instance);

        var settled = 0;
        for (var round = 0; round < 4; round++)
            settled += (await Task.WhenAll(desk.Scanning.RunAsync(default), other.RunAsync(default))).Sum();

        Assert.Equal((12, 12), (settled, clamd.Scans));
    }

    [Theory]
    [InlineData("cat > /dev/null; exit 0", "clean", null)]
    [InlineData("if grep -q EICAR; then echo 'stdin: Eicar FOUND'; exit 1; fi", "found", "stdin: Eicar FOUND")]
    [InlineData("cat > /dev/null; exit 2", "unscanned", null)]
    // It hasn't read what it calls clean.
    [InlineData("exit 0", "unscanned", null)]
    public async Task Command_WhenItScans_ThenItsExitCodeCounts_R_CASE_4(string script, string scan, string? result)
    {
        await using var desk = await MaterialDesk.OpenAsync(o => (o.Scanner, o.ScannerCommand, o.ScannerArguments) = ("command", "/bin/sh", ["-c", script]));
        // More than a pipe holds.
        var content = SampleFiles.Eicar() is var eicar && scan == "found" ? eicar : SampleFiles.Pdf(size: 2 << 20);
        var kept = await desk.Keep(desk.Li, "学位证书", content);

        await desk.Scanning.RunAsync(default);

        var view = await desk.Reader.ReadAsync(desk.Li, kept.Id, default);
        Assert.Equal((scan, result), (view.Scan, view.ScanResult));
    }

    [Fact]
    public async Task Files_WhenTheScannerIsOff_ThenTheyAreUsableAndScannedWhenItIsThere_R_CASE_4()
    {
        await using var clamd = new FakeClamd();
        await using var desk = await MaterialDesk.OpenAsync();
        var kept = await desk.Keep(desk.Li, "学位证书", SampleFiles.Pdf());

        Assert.Equal(0, await desk.Scanning.RunAsync(default));
        Assert.True(kept.Usable);
        Assert.Equal(SampleFiles.Pdf(), await desk.Fetch(desk.Handler, kept.Id));
        (desk.Options.Value.Scanner, desk.Options.Value.ScannerPort) = ("clamd", clamd.Port);

        Assert.Equal(ErrorCodes.WrongState, await desk.Refused(() => desk.Reader.DownloadAsync(desk.Handler, kept.Id, default)));
        Assert.Equal(1, await new MaterialScanning(desk.Desk.Database, desk.Store, desk.Options, desk.Desk.Time, NullLogger<MaterialScanning>.Instance).RunAsync(default));
        Assert.True((await desk.Reader.ReadAsync(desk.Handler, kept.Id, default)).Usable);
    }

    private static Task<MaterialDesk> OpenAsync(FakeClamd clamd) => MaterialDesk.OpenAsync(o => (o.Scanner, o.ScannerPort) = ("clamd", clamd.Port));
}
