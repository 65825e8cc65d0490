using System.Buffers;
using System.Security.Cryptography;

namespace Talent.Workflows.Runtime.Backup;

/// <summary>Moves COPY text from one stream to another in a bounded buffer, counting rows and hashing on the way.</summary>
internal static class CopyPump
{
    private const int BufferBytes = 128 * 1024;

    /// <returns>The rows (COPY escapes line ends within values, so a line is a row) and the SHA-256.</returns>
    internal static async Task<(long Rows, string Sha256)> RunAsync(Stream source, Stream destination, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var rows = 0L;
            while (await source.ReadAsync(buffer.AsMemory(), cancellationToken) is > 0 and var count)
            {
                rows += buffer.AsSpan(0, count).Count((byte)'\n');
                hash.AppendData(buffer, 0, count);
                await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }

            return (rows, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }
}
