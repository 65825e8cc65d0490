using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Talent.Workflows.Approvals.Materials.Scanning;

/// <summary>Asks a <c>clamd</c> over TCP: <c>zINSTREAM</c>, pieces with their lengths, an empty one; the answer ends with a zero byte.</summary>
/// <remarks>Source: clamd(8), INSTREAM. The server's own limit (StreamMaxLength) has to be at least the largest file that is taken.</remarks>
public sealed class ClamdScanner(string host, int port) : IMaterialScanner
{
    private const int PieceBytes = 1 << 16, LongestAnswer = 4096;

    /// <inheritdoc/>
    public async Task<string?> ScanAsync(Stream content, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, cancellationToken);
            await using var stream = client.GetStream();
            await SendAsync(content, stream, cancellationToken);
            return Verdict(await AnswerAsync(stream, cancellationToken));
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw new ScannerException($"clamd at {host}:{port} doesn't answer: {e.Message}", e);
        }
    }

    private static async Task SendAsync(Stream content, NetworkStream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync("zINSTREAM\0"u8.ToArray(), cancellationToken);
        var piece = new byte[4 + PieceBytes];
        int read;
        do
        {
            read = await content.ReadAsync(piece.AsMemory(4), cancellationToken);
            BinaryPrimitives.WriteInt32BigEndian(piece, read);
            await stream.WriteAsync(piece.AsMemory(0, 4 + read), cancellationToken);
        }
        while (read > 0);
    }

    private static async Task<string> AnswerAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var answer = new byte[LongestAnswer];
        var filled = 0;
        while (filled < answer.Length && !answer.AsSpan(0, filled).Contains((byte)0) && await stream.ReadAsync(answer.AsMemory(filled), cancellationToken) is > 0 and var read)
            filled += read;
        return Encoding.UTF8.GetString(answer, 0, filled).TrimEnd('\0', '\n');
    }

    private static string? Verdict(string answer)
    {
        const string Prefix = "stream: ", Found = " FOUND";
        return answer == Prefix + "OK" ? null
            : answer.StartsWith(Prefix, StringComparison.Ordinal) && answer.EndsWith(Found, StringComparison.Ordinal) ? answer[Prefix.Length..^Found.Length]
            : throw new ScannerException($"clamd couldn't tell: {(answer.Length == 0 ? "it closed the connection" : answer)}");
    }
}
