using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Materials.Scanning;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Tests.Materials;

/// <summary>Libraries on the sample city's directory: a database, a folder and a clock of their own.</summary>
internal sealed class MaterialDesk : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Thumbnails thumbnails;

    private MaterialDesk(CaseDesk desk, MaterialOptions options)
    {
        Desk = desk;
        options.Folder = folder.Path;
        Options = Microsoft.Extensions.Options.Options.Create(options);
        Clock = desk.Get<BusinessClock>();
        Store = new MaterialStore(desk.Get<IOptions<ApprovalOptions>>(), Options, desk.Time);
        thumbnails = new Thumbnails(Options, TimeProvider.System);
        Reader = new MaterialReader(desk.Database, Store, desk.Get<Cursors>(), thumbnails, Options, Clock);
        Library = new MaterialLibrary(desk.Database, Store, Reader, Options, Clock);
        Scanning = new MaterialScanning(desk.Database, Store, Options, desk.Time, NullLogger<MaterialScanning>.Instance);
        Cleanup = new MaterialCleanup(desk.Database, Store, Options, Clock, NullLogger<MaterialCleanup>.Instance);
    }

    public CaseDesk Desk { get; }
    public IOptions<MaterialOptions> Options { get; }
    public BusinessClock Clock { get; }
    public MaterialStore Store { get; }
    public MaterialReader Reader { get; }
    public MaterialLibrary Library { get; }
    public MaterialScanning Scanning { get; }
    public MaterialCleanup Cleanup { get; }
    public string Folder => folder.Path;

    /// <summary>An applicant of emp-metro, and the handler of emp-metro.</summary>
    public Caller Li => As("applicant-li");
    public Caller Handler => As("emp-metro-handler");

    public static async Task<MaterialDesk> OpenAsync(Action<MaterialOptions>? set = null)
    {
        var options = new MaterialOptions();
        set?.Invoke(options);
        return new MaterialDesk(await CaseDesk.OpenAsync(), options);
    }

    public Caller As(string user) => Desk.As(user).Caller;

    public static MaterialOwner Metro { get; } = new(MaterialOwner.Employer, "emp-metro");

    /// <summary>Into the caller's own library when no other is named.</summary>
    public async Task<MaterialView> Keep(Caller caller, string name, byte[] content, MaterialOwner? owner = null) => (await Upload(caller, name, content, owner)).Material;

    public Task<UploadReceipt> Upload(Caller caller, string name, byte[] content, MaterialOwner? owner = null, Idempotency? idempotency = null) =>
        Upload(caller, name, new MemoryStream(content), owner, idempotency);

    public Task<UploadReceipt> Upload(Caller caller, string name, Stream content, MaterialOwner? owner = null, Idempotency? idempotency = null, Func<Task>? recheck = null) =>
        Library.UploadAsync(caller, owner ?? new MaterialOwner(MaterialOwner.Person, caller.User!), name, content, null, idempotency, _ => recheck?.Invoke() ?? Task.CompletedTask, default);

    public async Task<IReadOnlyList<string>> Names(Caller caller, MaterialQuery? query = null) => [.. (await Reader.ListAsync(caller, query ?? new MaterialQuery(), default)).Items.Select(m => m.Name)];

    public async Task<byte[]> Fetch(Caller caller, Guid id)
    {
        var file = await Reader.DownloadAsync(caller, id, default);
        await using var content = file.Content;
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    /// <summary>Everything that lies in the folder, half or whole.</summary>
    public IReadOnlyList<string> Files => [.. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)];

    public Task<long> Count(string table) => Desk.Scalar<long>($"select count(*) from approvals.{table}");

    /// <summary>The code it is refused with, and nothing is there afterwards that wasn't before.</summary>
    public async Task<string> Refused(Func<Task> upload)
    {
        var (files, rows, contents) = (Files.Count, await Count("materials"), await Count("material_contents"));
        var refusal = await Assert.ThrowsAsync<WorkflowException>(upload);
        Assert.Equal((files, rows, contents), (Files.Count, await Count("materials"), await Count("material_contents")));
        Assert.NotEqual(refusal.Message, refusal.MessageZh);
        return refusal.Facts.GetValueOrDefault("errors") is IReadOnlyList<Approvals.Cases.InputFault> faults ? faults[0].Code : refusal.Code;
    }

    public async ValueTask DisposeAsync()
    {
        Library.Dispose();
        thumbnails.Dispose();
        await Desk.DisposeAsync();
        folder.Dispose();
    }
}

/// <summary>Sends a content, and lets something happen before its last bytes.</summary>
internal sealed class InterruptedStream(byte[] content, Func<Task> meanwhile) : Stream
{
    private int sent;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var half = content.Length / 2;
        if (sent == half)
            await meanwhile();
        cancellationToken.ThrowIfCancellationRequested();
        var count = Math.Min(buffer.Length, (sent < half ? half : content.Length) - sent);
        content.AsMemory(sent, count).CopyTo(buffer);
        sent += count;
        return count;
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => sent; set => throw new NotSupportedException(); }
    public override void Flush() => throw new NotSupportedException();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>A clock whose timers fire when the test says so.</summary>
internal sealed class FiringTime(TimeProvider clock) : TimeProvider
{
    private readonly List<Timer> timers = [];

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(() => callback(state));
        lock (timers)
            timers.Add(timer);
        return timer;
    }

    /// <summary>Lets every timer fall due that is still set.</summary>
    public void Fire()
    {
        Timer[] due;
        lock (timers)
            due = [.. timers];
        foreach (var timer in due.Where(t => !t.Disposed))
            timer.Callback();
    }

    private sealed class Timer(Action callback) : ITimer
    {
        public Action Callback => callback;
        public bool Disposed { get; private set; }
        public bool Change(TimeSpan dueTime, TimeSpan period) => !Disposed;
        public void Dispose() => Disposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
