using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Tests.Materials;

public sealed class MaterialLibraryTests
{
    [Fact]
    public async Task Material_WhenUploaded_ThenItIsInItsLibraryWithWhatItsContentIs_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var content = SampleFiles.Jpeg(640, 480);

        var kept = await desk.Keep(desk.Li, "证件照片.pdf", content);

        Assert.Equal(("证件照片", "jpg", content.LongLength, 640, 480, 0), (kept.Name, kept.Kind, kept.Size, kept.Width, kept.Height, kept.Rotation));
        Assert.Equal((new MaterialOwner("person", "applicant-li"), "applicant-li", desk.Clock.Now, true), (kept.Owner, kept.UploadedBy, kept.UploadedAt, kept.Usable));
        Assert.Equal(content, await desk.Fetch(desk.Li, kept.Id));
        var file = Assert.Single(desk.Files);
        Assert.StartsWith($"{kept.Sha256[..2]}/{kept.Sha256[2..4]}/{kept.Sha256}-", Path.GetRelativePath(desk.Folder, file).Replace('\\', '/'), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task Material_WhenTheLibraryHasItsContent_ThenThatIsToldAndItIsntKeptTwice_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var first = await desk.Keep(desk.Li, "学位证书", SampleFiles.Pdf());

        var again = await desk.Upload(desk.Li, "学位证书（新）", SampleFiles.Pdf());
        var others = await desk.Upload(desk.Handler, "学位证书", SampleFiles.Pdf(), MaterialDesk.Metro);

        Assert.Equal((false, true, first.Id, "学位证书"), (again.Created, again.Material.Duplicate, again.Material.Id, again.Material.Name));
        Assert.True(others.Created);
        Assert.NotEqual(first.Id, others.Material.Id);
        Assert.Equal((2L, 1L, 1), (await desk.Count("materials"), await desk.Count("material_contents"), desk.Files.Count));
    }

    [Fact]
    public async Task Uploads_WhenTheSameComesManyTimesAtOnce_ThenOneIsKeptAndTheOthersAreTold_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var content = SampleFiles.Pdf("同一文件");

        var receipts = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => i % 3 == 2
            ? desk.Upload(desk.Handler, "合同", content, MaterialDesk.Metro) : desk.Upload(desk.Li, "合同", content))));

        Assert.Equal(2, receipts.Count(r => r.Created));
        Assert.Equal(2, receipts.Select(r => r.Material.Id).Distinct().Count());
        Assert.Equal((2L, 1L, 1), (await desk.Count("materials"), await desk.Count("material_contents"), desk.Files.Count));
        Assert.Equal(content, await desk.Fetch(desk.Li, receipts[0].Material.Id));
    }

    [Fact]
    public async Task Upload_WhenItCantBeTaken_ThenTheReasonIsClearAndNothingIsThere_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync(o => (o.MaxPdfMegabytes, o.MaxPngMegabytes) = (2, 1));
        await desk.Keep(desk.Li, "已有", SampleFiles.Png());

        Assert.Equal("file_empty", await desk.Refused(() => desk.Upload(desk.Li, "空", [])));
        Assert.Equal("file_type", await desk.Refused(() => desk.Upload(desk.Li, "照片.jpg", [.. "MZ"u8, .. new byte[500]])));
        Assert.Equal("file_hidden", await desk.Refused(() => desk.Upload(desk.Li, "照片", SampleFiles.Jpeg(after: SampleFiles.Zip()))));
        Assert.Equal("file_damaged", await desk.Refused(() => desk.Upload(desk.Li, "照片", SampleFiles.Jpeg()[..^1])));
        Assert.Equal("image_dimensions", await desk.Refused(() => desk.Upload(desk.Li, "照片", SampleFiles.Png(50_000, 50_000))));
        Assert.Equal("material_name_path", await desk.Refused(() => desk.Upload(desk.Li, "../../etc/passwd", SampleFiles.Pdf())));
        Assert.Equal("too_large", await desk.Refused(() => desk.Upload(desk.Li, "大", SampleFiles.Pdf(size: (2 << 20) + 1))));
        // The limit is the kind's, not the largest of all.
        Assert.Equal("too_large", await desk.Refused(() => desk.Upload(desk.Li, "大", [.. SampleFiles.Png(), .. new byte[1 << 20]])));
        Assert.True((await desk.Upload(desk.Li, "恰好", SampleFiles.Pdf(size: 2 << 20))).Created);
    }

    [Fact]
    public async Task Upload_WhenTheConnectionBreaks_ThenNothingIsThere_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync();

        await Assert.ThrowsAsync<IOException>(() => desk.Upload(desk.Li, "学位证书", new InterruptedStream(SampleFiles.Pdf(size: 300_000), () => throw new IOException("gone"))));

        Assert.Empty(desk.Files);
        Assert.Equal(0, await desk.Count("materials"));
    }

    [Fact]
    public async Task Upload_WhenItTakesTooLong_ThenItIsGivenUpAndNothingIsThere_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var time = new FiringTime(desk.Desk.Time);
        using var library = new MaterialLibrary(desk.Desk.Database, desk.Store, desk.Reader, desk.Options, new BusinessClock(time));
        var slow = new InterruptedStream(SampleFiles.Pdf(size: 300_000), () =>
        {
            time.Fire();
            return Task.CompletedTask;
        });

        Assert.Equal(ErrorCodes.InvalidRequest, await desk.Refused(() => library.UploadAsync(desk.Li, new("person", "applicant-li"), "证书", slow, null, null, _ => Task.CompletedTask, default)));
    }

    [Fact]
    public async Task Upload_WhenTheHandlerIsReplacedMeanwhile_ThenItIsRefusedAndNothingIsThere_R_CASE_4_R_EMP_3()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var kept = await desk.Keep(desk.Handler, "营业执照", SampleFiles.Png(), MaterialDesk.Metro);

        var code = await desk.Refused(() => desk.Upload(desk.Handler, "单位证明", new InterruptedStream(SampleFiles.Pdf(size: 300_000),
            () => desk.Desk.Execute("delete from approvals.user_roles where user_id = 'emp-metro-handler'")), MaterialDesk.Metro));

        Assert.Equal(ErrorCodes.Forbidden, code);
        // All else is over for them too, at once.
        Assert.Equal(ErrorCodes.Forbidden, await desk.Refused(() => desk.Reader.ListAsync(desk.Handler, new MaterialQuery(Employer: "emp-metro"), default)));
        foreach (var act in (Func<Task>[])[() => desk.Reader.ReadAsync(desk.Handler, kept.Id, default), () => desk.Reader.DownloadAsync(desk.Handler, kept.Id, default),
            () => desk.Library.DeleteAsync(desk.Handler, kept.Id, default), () => desk.Library.RenameAsync(desk.Handler, kept.Id, "执照", default)])
            Assert.Equal(ErrorCodes.NotFound, await desk.Refused(act));
    }

    [Fact]
    public async Task Upload_WhenTheUserOrTheKeyEndsMeanwhile_ThenItIsRefusedAndNothingIsThere_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync();

        Assert.Equal(ErrorCodes.Forbidden, await desk.Refused(() => desk.Upload(desk.Li, "学位证书", new InterruptedStream(SampleFiles.Pdf(size: 300_000),
            () => desk.Desk.Execute("update approvals.users set active = false where id = 'applicant-li'")))));
        Assert.Equal("key_revoked", await desk.Refused(() => desk.Upload(desk.Handler, "证明", new MemoryStream(SampleFiles.Pdf()), MaterialDesk.Metro,
            recheck: () => throw new WorkflowException("key_revoked", "revoked", "已撤销"))));
    }

    [Fact]
    public async Task Libraries_WhenOthersAskForThem_ThenAPersonsIsTheirsAndAnEmployersItsHandlers_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var mine = await desk.Keep(desk.Li, "身份证件", SampleFiles.Png());
        var employers = await desk.Keep(desk.Handler, "营业执照", SampleFiles.Pdf(), MaterialDesk.Metro);

        // The handler of the employer files for its people and reads what is theirs; that is recorded.
        Assert.Equal(["身份证件"], await desk.Names(desk.Handler, new MaterialQuery(Person: "applicant-li")));
        Assert.Equal(SampleFiles.Png(), await desk.Fetch(desk.Handler, mine.Id));
        Assert.Equal("emp-metro-handler applicant-li", await desk.Desk.Scalar<string>("select string_agg(user_id || ' ' || owner_id, ',') from approvals.material_reads"));
        await desk.Fetch(desk.Li, mine.Id);
        await desk.Fetch(desk.Handler, employers.Id);
        Assert.Equal(1, await desk.Count("material_reads"));
        Assert.Equal(ErrorCodes.Forbidden, await desk.Refused(() => desk.Library.DeleteAsync(desk.Handler, mine.Id, default)));
        Assert.Equal(ErrorCodes.Forbidden, await desk.Refused(() => desk.Upload(desk.Handler, "证明", SampleFiles.Pdf("x"), mine.Owner)));
        foreach (var other in (string[])["applicant-wang", "emp-water-handler", "emp-metro-reviewer-1", "bureau-reviewer-1"])
        {
            Assert.Equal(ErrorCodes.Forbidden, await desk.Refused(() => desk.Reader.ListAsync(desk.As(other), new MaterialQuery(Person: "applicant-li"), default)));
            Assert.Equal(ErrorCodes.Forbidden, await desk.Refused(() => desk.Reader.ListAsync(desk.As(other), new MaterialQuery(Employer: "emp-metro"), default)));
            Assert.Equal(ErrorCodes.NotFound, await desk.Refused(() => desk.Reader.DownloadAsync(desk.As(other), mine.Id, default)));
            Assert.Equal(ErrorCodes.NotFound, await desk.Refused(() => desk.Library.RotateAsync(desk.As(other), mine.Id, 90, default)));
            Assert.Equal(ErrorCodes.Forbidden, await desk.Refused(() => desk.Upload(desk.As(other), "证明", SampleFiles.Pdf("x"), MaterialDesk.Metro)));
        }
        // A key is limited in the capacity that it acts in.
        Assert.Equal(ErrorCodes.Forbidden, await desk.Refused(() => desk.Upload(desk.Li with { Roles = new HashSet<string> { "employer.handler" } }, "证明", SampleFiles.Pdf("x"))));
        Assert.Equal(ErrorCodes.Forbidden, await desk.Refused(() => desk.Upload(desk.Handler with { Organisations = new HashSet<string> { "emp-water" } }, "证明", SampleFiles.Pdf("x"), MaterialDesk.Metro)));
        Assert.Equal(["营业执照"], await desk.Names(desk.Handler with { Roles = new HashSet<string> { "employer.handler" }, Organisations = new HashSet<string> { "emp-metro" } }, new MaterialQuery(Employer: "emp-metro")));
    }

    [Fact]
    public async Task Material_WhenRenamedTurnedAndDeleted_ThenItsContentStaysAsItWas_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var photo = await desk.Keep(desk.Li, "照片", SampleFiles.Jpeg());
        var paper = await desk.Keep(desk.Li, "证书", SampleFiles.Pdf());

        var renamed = await desk.Library.RenameAsync(desk.Li, photo.Id, "近期照片.jpg", default);
        var turned = await desk.Library.RotateAsync(desk.Li, photo.Id, 270, default);

        Assert.Equal(("近期照片", 0), (renamed.Name, renamed.Rotation));
        Assert.Equal(("近期照片", 270, photo.Sha256), (turned.Name, turned.Rotation, turned.Sha256));
        Assert.Equal(SampleFiles.Jpeg(), await desk.Fetch(desk.Li, photo.Id));
        Assert.Equal(["证书"], await desk.Names(desk.Li, new MaterialQuery(Kind: "pdf")));
        Assert.Equal(["近期照片"], await desk.Names(desk.Li, new MaterialQuery(Name: "近")));
        Assert.Equal(ErrorCodes.InvalidRequest, await desk.Refused(() => desk.Library.RotateAsync(desk.Li, photo.Id, 45, default)));
        Assert.Equal(ErrorCodes.WrongState, await desk.Refused(() => desk.Library.RotateAsync(desk.Li, paper.Id, 90, default)));
        Assert.Equal("material_name", await desk.Refused(() => desk.Library.RenameAsync(desk.Li, photo.Id, " ", default)));

        await desk.Library.DeleteAsync(desk.Li, photo.Id, default);
        await desk.Library.DeleteAsync(desk.Li, photo.Id, default);

        Assert.Equal(["证书"], await desk.Names(desk.Li));
        Assert.Equal(ErrorCodes.NotFound, await desk.Refused(() => desk.Reader.DownloadAsync(desk.Li, photo.Id, default)));
        Assert.True((await desk.Upload(desk.Li, "照片", SampleFiles.Jpeg())).Created);
    }

    [Fact]
    public async Task Library_WhenItIsFull_ThenNothingMoreGoesIn_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync(o => o.MaxPerOwner = 2);
        await desk.Keep(desk.Li, "一", SampleFiles.Pdf("1"));
        var second = await desk.Keep(desk.Li, "二", SampleFiles.Pdf("2"));

        Assert.Equal(ErrorCodes.Conflict, await desk.Refused(() => desk.Upload(desk.Li, "三", SampleFiles.Pdf("3"))));
        Assert.False((await desk.Upload(desk.Li, "二", SampleFiles.Pdf("2"))).Created);
        await desk.Library.DeleteAsync(desk.Li, second.Id, default);
        Assert.True((await desk.Upload(desk.Li, "三", SampleFiles.Pdf("3"))).Created);
    }

    [Fact]
    public async Task Upload_WhenTheNodeTakesNoMore_ThenItIsBusy_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync(o => o.ConcurrentUploads = 1);
        string? inside = null;

        await desk.Upload(desk.Li, "一", new InterruptedStream(SampleFiles.Pdf("1"), async () => inside = await desk.Refused(() => desk.Upload(desk.Li, "二", SampleFiles.Pdf("2")))));

        Assert.Equal(ErrorCodes.Busy, inside);
        Assert.True((await desk.Upload(desk.Li, "二", SampleFiles.Pdf("2"))).Created);
    }

    [Fact]
    public async Task Upload_WhenRepeatedWithItsKey_ThenItIsAnsweredAsBeforeAndAnotherContentIsRefused_R_CASE_4()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var key = new Idempotency("key:test", "upload-1", [1]);

        var first = await desk.Upload(desk.Li, "证书", SampleFiles.Pdf(), idempotency: key);
        var again = await desk.Upload(desk.Li, "证书", SampleFiles.Pdf(), idempotency: key);

        Assert.Equal((true, first.Material), (again.Created, again.Material));
        Assert.Equal(ErrorCodes.IdempotencyKeyReused, await desk.Refused(() => desk.Upload(desk.Li, "证书", SampleFiles.Pdf("other"), idempotency: key)));
    }

    [Fact]
    public async Task Download_WhenItIsNamed_ThenUnitPersonAndMaterialAreInIt_R_CASE_3()
    {
        await using var desk = await MaterialDesk.OpenAsync();
        var own = await desk.Keep(desk.Li, "学位证书", SampleFiles.Pdf());
        var employers = await desk.Keep(desk.Handler, "营业执照", SampleFiles.Png(), MaterialDesk.Metro);

        var file = await desk.Reader.DownloadAsync(desk.Li, own.Id, default);
        var licence = await desk.Reader.DownloadAsync(desk.Handler, employers.Id, default);
        await file.Content.DisposeAsync();
        await licence.Content.DisposeAsync();

        Assert.Equal(("示例市城市运行集团有限公司-李示例-学位证书.pdf", "application/pdf"), (file.FileName, file.MediaType));
        Assert.Equal(("示例市城市运行集团有限公司-卫样例-营业执照.png", "image/png"), (licence.FileName, licence.MediaType));
    }
}
