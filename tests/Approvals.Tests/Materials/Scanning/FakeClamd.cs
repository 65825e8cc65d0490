using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Talent.Workflows.Approvals.Tests.Materials.Scanning;

/// <summary>Speaks the protocol of clamd on a free port: finds the EICAR text, and can be silent, refuse or break off.</summary>
internal sealed class FakeClamd : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Task serving;

    public FakeClamd()
    {
        listener.Start();
        serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>What it answers instead of a verdict; empty: it closes the connection. Null: the verdict.</summary>
    public string? Says { get; set; }

    /// <summary>Called with each content when it has come wholly; the answer waits for it.</summary>
    public Func<byte[], Task>? Received { get; set; }

    public int Scans { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await serving;
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(stop.Token);
                await using var stream = client.GetStream();
                try
                {
                    await AnswerAsync(stream);
                }
                catch (IOException)
                {
                    // The other side has given up.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        var command = new byte[10];
        await stream.ReadExactlyAsync(command, stop.Token);
        Assert.Equal("zINSTREAM\0", Encoding.ASCII.GetString(command));
        using var content = new MemoryStream();
        var length = new byte[4];
        while (true)
        {
            await stream.ReadExactlyAsync(length, stop.Token);
            var piece = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            if (piece.Length == 0)
                break;
            await stream.ReadExactlyAsync(piece, stop.Token);
            content.Write(piece);
        }
        Scans++;
        if (Received is { } received)
            await received(content.ToArray());
        var verdict = content.ToArray().AsSpan().IndexOf("EICAR-STANDARD-ANTIVIRUS-TEST-FILE"u8) >= 0 ? "stream: Eicar-Signature FOUND\0" : "stream: OK\0";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Says ?? verdict), stop.Token);
    }
}
