namespace Talent.Workflows.Runtime.Tests.Backup;

/// <summary>A destination that says when the first bytes come and takes them only when it is opened.</summary>
internal sealed class GatedStream : MemoryStream
{
    private readonly TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task FirstWrite => first.Task;

    internal void Open() => gate.SetResult();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        first.TrySetResult();
        await gate.Task;
        await base.WriteAsync(buffer, cancellationToken);
    }

    public override async Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        await WriteAsync(buffer.AsMemory(offset, count), cancellationToken);
}
