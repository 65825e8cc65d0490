using System.Text;
using Microsoft.Extensions.Options;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Materials;

/// <summary>缩略图, by the GraphicsMagick of the machine.</summary>
public sealed class ThumbnailTests
{
    [Fact]
    public async Task Thumbnail_WhenThePictureIsTurned_ThenItIsASmallOneTurned_R_CASE_4_R_CASE_5()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var small = await desk.Keep(desk.Li, "证件照片", SampleFiles.Png(60, 30));
        await desk.Library.RotateAsync(desk.Li, small.Id, 90, default);

        var (picture, tag) = await desk.Reader.ThumbnailAsync(desk.Li, small.Id, default);

        // A JPEG of its own, of the same few pixels, on its side.
        var kept = await desk.Keep(desk.Li, "缩略图", picture);
        Assert.Equal(("jpg", 30, 60, $"{small.Sha256}-90"), (kept.Kind, kept.Width, kept.Height, tag));
        Assert.Equal(SampleFiles.Png(60, 30), await desk.Fetch(desk.Li, small.Id));
    }

    [Fact]
    public async Task Thumbnail_WhenThePictureIsLarge_ThenItsLongestSideIsTheLimit_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var large = await desk.Keep(desk.Li, "证件照片", SampleFiles.Picture(1600, 800));

        var kept = await desk.Keep(desk.Li, "缩略图", (await desk.Reader.ThumbnailAsync(desk.Li, large.Id, default)).Picture);

        Assert.Equal((Thumbnails.Side, Thumbnails.Side / 2), (kept.Width, kept.Height));
    }

    [Fact]
    public async Task Thumbnail_WhenItIsAnothers_ThenTheSameRightsHoldAndItIsRecorded_R_CASE_4_R_AUD_2()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var photo = await desk.Keep(desk.Li, "证件照片", SampleFiles.Png());

        await desk.Reader.ThumbnailAsync(desk.Handler, photo.Id, default);

        Assert.Equal("emp-metro-handler applicant-li", await desk.Desk.Scalar<string>("select string_agg(user_id || ' ' || owner_id, ',') from approvals.material_reads"));
        Assert.Equal(ErrorCodes.NotFound, await desk.Refused(() => desk.Reader.ThumbnailAsync(desk.As("applicant-wang"), photo.Id, default)));
    }

    [Fact]
    public async Task Thumbnail_WhenThereCanBeNone_ThenTheRefusalSaysWhy_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var text = await desk.Keep(desk.Li, "证书", SampleFiles.Pdf());
        // Whole by its parts, and the picture isn't in them.
        var hollow = await desk.Keep(desk.Li, "照片", SampleFiles.Png(2000, 1000));

        Assert.Equal(ErrorCodes.InvalidRequest, await desk.Refused(() => desk.Reader.ThumbnailAsync(desk.Li, text.Id, default)));
        Assert.Equal(ErrorCodes.WrongState, await desk.Refused(() => desk.Reader.ThumbnailAsync(desk.Li, hollow.Id, default)));
    }

    [Theory]
    [InlineData("", ErrorCodes.Unavailable)]
    [InlineData("/nowhere/gm", ErrorCodes.Unavailable)]
    [InlineData("/bin/false", ErrorCodes.WrongState)]
    [InlineData("sleeper", ErrorCodes.WrongState)]
    public async Task Thumbnail_WhenTheProgramIsMissingFailsOrHangs_ThenItIsRefusedAndTheFileIsThere_R_CASE_4(string program, string code)
    {
        using var folder = new TemporaryFolder();
        if (program == "sleeper")
        {
            program = await ScriptAsync(folder, "exec sleep 600");
        }
        await using var desk = await MaterialDesk.OpenAsync(o => (o.ThumbnailCommand, o.ThumbnailSeconds) = (program, 1));
        var photo = await desk.Keep(desk.Li, "证件照片", SampleFiles.Png());

        Assert.Equal(code, await desk.Refused(() => desk.Reader.ThumbnailAsync(desk.Li, photo.Id, default)));
        Assert.Equal(SampleFiles.Png(), await desk.Fetch(desk.Li, photo.Id));
    }

    [Fact]
    public async Task Program_WhenTheServerIsRoot_ThenItRunsAsNobodyWithoutTheServersEnvironmentAndWithinItsMemory_R_CASE_4()
    {
        using var folder = new TemporaryFolder();
        // It answers with what it is, in the place of a picture.
        using var thumbnails = Made(await ScriptAsync(folder, "id -u; id -g; id -G; grep NoNewPrivs /proc/self/status | tr -d '\\t'; ulimit -v; pwd; env | grep -c -e ConnectionStrings -e Talent__ -e ^HOME=; true"), TimeProvider.System);
        Environment.SetEnvironmentVariable("ConnectionStrings__TalentThumbnailTest", "secret");
        try
        {
            var said = Encoding.UTF8.GetString(await thumbnails.MakeAsync(new MemoryStream(SampleFiles.Png()), FileKinds.Png, 0, default)).Split('\n');

            if (Environment.IsPrivilegedProcess)
                Assert.Equal(["65534", "65534", "65534", "NoNewPrivs:1"], said[..4]);
            Assert.Equal("1048576", said[4]);
            Assert.Equal(Environment.IsPrivilegedProcess ? ("/", "0") : (Environment.CurrentDirectory, "1"), (said[5], said[6]));
        }
        finally
        {
            Environment.SetEnvironmentVariable("ConnectionStrings__TalentThumbnailTest", null);
        }
    }

    [Fact]
    public async Task Time_WhenAPictureHasQueued_ThenItsOwnCountsFromWhenItsProgramRuns_R_CASE_4()
    {
        using var folder = new TemporaryFolder();
        var time = new HeldTime();
        // Each run leaves a mark when it begins, and ends when that is taken away.
        using var thumbnails = Made(await ScriptAsync(folder, $"run=$(mktemp {folder.Path}/begun.XXXXXX); while [ -e $run ]; do sleep 0.02; done; echo made"), time);
        var first = Enumerable.Range(0, Thumbnails.AtOnce).Select(_ => Make()).ToArray();
        var marks = await BegunAsync(Thumbnails.AtOnce);
        var queued = Make();

        // Nine of ten seconds pass for those that run, and as many for the one that has waited for them.
        time.Advance(TimeSpan.FromSeconds(9));
        marks.ForEach(File.Delete);
        await Task.WhenAll(first);
        marks = await BegunAsync(1);
        time.Advance(TimeSpan.FromSeconds(9));
        marks.ForEach(File.Delete);
        Assert.Equal("made\n", Encoding.UTF8.GetString(await queued));

        var late = Make();
        await BegunAsync(1);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(late.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ErrorCodes.WrongState, (await Assert.ThrowsAsync<WorkflowException>(() => late)).Code);

        Task<byte[]> Make() => thumbnails.MakeAsync(new MemoryStream(SampleFiles.Png()), FileKinds.Png, 0, default);

        async Task<List<string>> BegunAsync(int runs)
        {
            while (true)
            {
                var begun = Directory.GetFiles(folder.Path, "begun.*").ToList();
                if (begun.Count == runs)
                    return begun;
                await Task.Yield();
            }
        }
    }

    private static Thumbnails Made(string program, TimeProvider time) => new(Options.Create(new MaterialOptions { ThumbnailCommand = program, ThumbnailSeconds = 10 }), time);

    /// <summary>A script that any account may run, in a folder that any may write to.</summary>
    private static async Task<string> ScriptAsync(TemporaryFolder folder, string script)
    {
        var program = Path.Combine(folder.Path, "program.sh");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
            File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_111_111);
        }
        return program;
    }

    /// <summary>A machine clock whose timers ring when the test lets the time pass.</summary>
    private sealed class HeldTime : TimeProvider
    {
        private readonly Lock gate = new();
        private readonly List<(TimeSpan At, TimerCallback Ring, object? State, HeldTimer Timer)> timers = [];
        private TimeSpan now;

        public void Advance(TimeSpan by)
        {
            List<(TimerCallback Ring, object? State)> due;
            lock (gate)
            {
                now += by;
                due = [.. timers.Where(t => t.At <= now).Select(t => (t.Ring, t.State))];
                timers.RemoveAll(t => t.At <= now);
            }
            foreach (var (ring, state) in due)
                ring(state);
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new HeldTimer(this);
            lock (gate)
                if (dueTime != Timeout.InfiniteTimeSpan)
                    timers.Add((now + dueTime, callback, state, timer));
            return timer;
        }

        private void Remove(HeldTimer timer)
        {
            lock (gate)
                timers.RemoveAll(t => t.Timer == timer);
        }

        private sealed class HeldTimer(HeldTime time) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException("No timer of this test is changed.");

            public void Dispose() => time.Remove(this);

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
