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
            program = Path.Combine(folder.Path, program);
            await File.WriteAllTextAsync(program, "#!/bin/sh\nexec sleep 600\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        await using var desk = await MaterialDesk.OpenAsync(o => (o.ThumbnailCommand, o.ThumbnailSeconds) = (program, 1));
        var photo = await desk.Keep(desk.Li, "证件照片", SampleFiles.Png());

        Assert.Equal(code, await desk.Refused(() => desk.Reader.ThumbnailAsync(desk.Li, photo.Id, default)));
        Assert.Equal(SampleFiles.Png(), await desk.Fetch(desk.Li, photo.Id));
    }
}
