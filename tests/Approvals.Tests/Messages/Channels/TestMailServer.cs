using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Talent.Workflows.Approvals.Messages.Channels;

namespace Talent.Workflows.Approvals.Tests.Messages.Channels;

/// <summary>A mail server on loopback that takes one message a connection and misbehaves where it is told to.</summary>
internal sealed class TestMailServer : IAsyncDisposable
{
    // Made once a run: keys take long to make.
    private static readonly X509Certificate2 Certificate = SelfMade();

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public TestMailServer(SmtpSecurity security)
    {
        Security = security;
        RootsFile = Path.GetTempFileName();
        File.WriteAllText(RootsFile, Certificate.ExportCertificatePem());
        _listener.Start();
        _serving = ServeAsync();
    }

    public SmtpSecurity Security { get; }

    public string RootsFile { get; }

    /// <summary>Command (its first word, or <c>.</c> after the data) → the reply given instead of the usual one; <c>close</c> hangs up, <c>hang</c> says nothing.</summary>
    public Dictionary<string, string> Replies { get; } = [];

    public string[] Extensions { get; set; } = ["AUTH PLAIN LOGIN"];

    public List<string> Commands { get; } = [];

    public List<string> Messages { get; } = [];

    public SmtpOptions Options(string? user = "sender", string? password = "授权码") => new()
    {
        Host = "localhost",
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        Security = Security,
        UserName = Security is SmtpSecurity.None ? null : user,
        Password = Security is SmtpSecurity.None ? null : password,
        From = "notice@talent.example.org",
        FromName = "示例市人才工作局",
        TimeoutSeconds = 10,
        TrustedRootsFile = RootsFile,
    };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
        File.Delete(RootsFile);
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await ConverseAsync(client);
            }
        }
        // A listener that is stopped between two clients says that it isn't listening.
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException || (e is InvalidOperationException && _stop.IsCancellationRequested))
        {
            return;
        }
    }

    private async Task ConverseAsync(TcpClient client)
    {
        Stream stream = client.GetStream();
        try
        {
            stream = Security is SmtpSecurity.ImplicitTls ? await TlsAsync(stream) : stream;
            await SayAsync(stream, "220 mail.example.org ready");
            bool data = false;
            StringBuilder message = new();
            while (await LineAsync(stream) is string line)
            {
                if (data && line != ".")
                {
                    message.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
                    continue;
                }

                string word = data ? "." : line.Split(' ', ':')[0];
                Commands.Add(line);
                if (data)
                {
                    Messages.Add(message.ToString());
                    data = false;
                }

                if (Replies.TryGetValue(word, out string? reply))
                {
                    if (reply == "close")
                    {
                        return;
                    }

                    if (reply == "hang")
                    {
                        await Task.Delay(Timeout.Infinite, _stop.Token);
                    }

                    await SayAsync(stream, reply);
                    continue;
                }

                switch (word)
                {
                    case "EHLO":
                        string[] offers = [.. Extensions, .. Security is SmtpSecurity.StartTls && stream is not SslStream ? ["STARTTLS"] : Array.Empty<string>(), "8BITMIME"];
                        await SayAsync(stream, "250-mail.example.org\r\n" + string.Join("\r\n", offers.Select((o, i) => $"250{(i == offers.Length - 1 ? ' ' : '-')}{o}")));
                        break;
                    case "STARTTLS":
                        await SayAsync(stream, "220 go on");
                        stream = await TlsAsync(stream);
                        break;
                    case "AUTH" when line == "AUTH LOGIN":
                        await SayAsync(stream, "334 VXNlcm5hbWU6");
                        Commands.Add(await LineAsync(stream) ?? "");
                        await SayAsync(stream, "334 UGFzc3dvcmQ6");
                        Commands.Add(await LineAsync(stream) ?? "");
                        await SayAsync(stream, "235 signed in");
                        break;
                    case "AUTH":
                        await SayAsync(stream, "235 signed in");
                        break;
                    case "DATA":
                        data = true;
                        await SayAsync(stream, "354 go on");
                        break;
                    case "QUIT":
                        return;
                    default:
                        await SayAsync(stream, "250 ok");
                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            return;
        }
        finally
        {
            await stream.DisposeAsync();
        }
    }

    private async Task<Stream> TlsAsync(Stream stream)
    {
        SslStream tls = new(stream);
        await tls.AuthenticateAsServerAsync(Certificate);
        return tls;
    }

    private async Task SayAsync(Stream stream, string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text + "\r\n"), _stop.Token);

    private async Task<string?> LineAsync(Stream stream)
    {
        List<byte> line = [];
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one, _stop.Token) == 1)
        {
            if (one[0] == '\n')
            {
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            }

            line.Add(one[0]);
        }

        return null;
    }

    private static X509Certificate2 SelfMade()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
