using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Talent.Workflows.Server.Tests.Crash;

/// <summary>Takes every mail over plain SMTP, as the mail catcher of docker-compose.yml does.</summary>
internal sealed class MailCatcher : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task serving;

    public MailCatcher()
    {
        listener.Start();
        serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>The addresses that mail came for.</summary>
    public ConcurrentBag<string> Recipients { get; } = [];

    /// <summary>Ends when a whole mail has come.</summary>
    public Task Received => first.Task;

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await serving;
    }

    private async Task ServeAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true)
                sessions.Add(SessionAsync(await listener.AcceptTcpClientAsync()));
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task SessionAsync(TcpClient client)
    {
        using (client)
            try
            {
                using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
                await using var writer = new StreamWriter(client.GetStream(), Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
                await writer.WriteLineAsync("220 catcher");
                var inData = false;
                while (await reader.ReadLineAsync() is { } line)
                {
                    if (inData && line != ".")
                        continue;
                    if (line.StartsWith("RCPT TO:", StringComparison.OrdinalIgnoreCase))
                        Recipients.Add(line[8..].Trim().Trim('<', '>'));
                    if (inData)
                        first.TrySetResult();
                    inData = !inData && line.Equals("DATA", StringComparison.OrdinalIgnoreCase);
                    await writer.WriteLineAsync(inData ? "354 go on" : line.Equals("QUIT", StringComparison.OrdinalIgnoreCase) ? "221 bye" : "250 ok");
                }
            }
            catch (IOException)
            {
                // The server was killed or has hung up.
            }
    }
}
