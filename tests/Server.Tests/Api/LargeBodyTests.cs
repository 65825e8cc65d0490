using System.Net.Sockets;
using System.Text;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Tests.Api;

/// <summary>A body that is too large gets its answer, also when the client is still sending.</summary>
public sealed class LargeBodyTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const int TwoMegabytes = 2 << 20;
    private const string Path = "/api/v1/workflows/definitions";
    private readonly RunningServer server = fixture.Server;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_WhenItIsTooLargeAndComesSlowly_ThenAllOfItIsTakenAndTheAnswerIs413(bool chunked)
    {
        var answer = await SendSlowlyAsync(TwoMegabytes, chunked);

        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains($"\"code\":\"{ErrorCodes.TooLarge}\"", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_WhenItIsLargerThanWhatIsThrownAway_ThenTheConnectionIsClosed(bool chunked)
    {
        var sent = 0L;

        await Assert.ThrowsAnyAsync<IOException>(() => SendSlowlyAsync(200 << 20, chunked, bytes => sent = bytes));

        // Something lies in the buffers of the two sockets.
        Assert.InRange(sent, 0, 64 << 20);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_WhenItIsTooLarge_ThenEveryOneOfManyClientsReadsIts413(bool chunked)
    {
        var body = new byte[TwoMegabytes];
        Array.Fill(body, (byte)' ');

        for (var i = 0; i < 100; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new ByteArrayContent(body) };
            request.Headers.TryAddWithoutValidation("Authorization", $"ApiKey {RunningServer.AdminKey}");
            request.Headers.TransferEncodingChunked = chunked;
            request.Content.Headers.ContentType = new("application/json");
            using var response = await server.Http.SendAsync(request);
            (await Answer.ReadAsync(response)).IsProblem(413, ErrorCodes.TooLarge);
        }
    }

    [Fact]
    public async Task Body_WhenItIsTooLargeAndNobodyKnownSendsIt_Then401()
    {
        (await server.SendAsync("POST", Path, new string(' ', TwoMegabytes), key: null)).IsProblem(401, ErrorCodes.Unauthorized);
    }

    [Fact]
    public async Task Connection_WhenABodyWasTooLarge_ThenTheNextRequestOnItIsAnswered()
    {
        using var client = new TcpClient();
        await ConnectAsync(client);
        await using var stream = client.GetStream();

        await WriteAsync(stream, TwoMegabytes, chunked: false, close: false, _ => { });
        await stream.WriteAsync("GET /health/live HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"u8.ToArray());
        var answers = await new StreamReader(stream).ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 413", answers, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 200", answers, StringComparison.Ordinal);
    }

    private async Task<string> SendSlowlyAsync(long length, bool chunked, Action<long>? sent = null)
    {
        using var client = new TcpClient();
        await ConnectAsync(client);
        await using var stream = client.GetStream();
        await WriteAsync(stream, length, chunked, close: true, sent ?? (_ => { }));
        return await new StreamReader(stream).ReadToEndAsync();
    }

    private async Task ConnectAsync(TcpClient client) => await client.ConnectAsync(server.Http.BaseAddress!.Host, server.Http.BaseAddress.Port);

    private static async Task WriteAsync(NetworkStream stream, long length, bool chunked, bool close, Action<long> sent)
    {
        var framing = chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {length}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {Path} HTTP/1.1\r\nHost: test\r\nAuthorization: ApiKey {RunningServer.AdminKey}\r\nContent-Type: application/json\r\n{(close ? "Connection: close\r\n" : "")}{framing}\r\n\r\n"));
        var part = Encoding.ASCII.GetBytes(new string(' ', 1 << 16));
        for (var written = 0L; written < length; written += part.Length)
        {
            if (chunked)
                await stream.WriteAsync("10000\r\n"u8.ToArray());
            await stream.WriteAsync(part);
            if (chunked)
                await stream.WriteAsync("\r\n"u8.ToArray());
            sent(written + part.Length);
            await Task.Delay(1);
        }
        if (chunked)
            await stream.WriteAsync("0\r\n\r\n"u8.ToArray());
    }
}
