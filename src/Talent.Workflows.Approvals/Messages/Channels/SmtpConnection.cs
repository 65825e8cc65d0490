using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Talent.Workflows.Approvals.Messages.Channels;

/// <summary>One connection to a mail server: sends lines, reads replies, turns to TLS. RFC 5321, RFC 3207.</summary>
internal sealed class SmtpConnection : IAsyncDisposable
{
    private const int LongestReply = 64 * 1024;

    private readonly TcpClient _tcp = new();
    private readonly byte[] _buffer = new byte[4096];
    private Stream _stream = Stream.Null;
    private int _start;
    private int _end;

    public async Task ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        await _tcp.ConnectAsync(host, port, cancellationToken);
        _stream = _tcp.GetStream();
    }

    /// <exception cref="InvalidDataException">The server sent something before TLS was up, as an attacker in between would.</exception>
    public async Task SecureAsync(string host, string? trustedRootsFile, CancellationToken cancellationToken)
    {
        if (_start < _end)
        {
            throw new InvalidDataException("the server sent plain data after its answer to STARTTLS");
        }

        SslClientAuthenticationOptions options = new() { TargetHost = host };
        if (trustedRootsFile is not null)
        {
            X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(trustedRootsFile);
            options.CertificateChainPolicy = policy;
        }

        SslStream tls = new(_stream);
        _stream = tls;
        await tls.AuthenticateAsClientAsync(options, cancellationToken);
    }

    public async Task WriteAsync(string text, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(Encoding.ASCII.GetBytes(text), cancellationToken);
        await _stream.FlushAsync(cancellationToken);
    }

    public async Task<SmtpReply> CommandAsync(string line, CancellationToken cancellationToken)
    {
        await WriteAsync(line + "\r\n", cancellationToken);
        return await ReadAsync(cancellationToken);
    }

    /// <summary>Reads one reply, of one line or several.</summary>
    /// <exception cref="IOException">The connection ended.</exception>
    /// <exception cref="InvalidDataException">What came is no reply.</exception>
    public async Task<SmtpReply> ReadAsync(CancellationToken cancellationToken)
    {
        List<string> lines = [];
        int room = LongestReply;
        while (true)
        {
            string line = await LineAsync(room, cancellationToken);
            room -= line.Length + 2;
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), out int code) || code is < 200 or > 599)
            {
                throw new InvalidDataException("the server's answer isn't SMTP");
            }

            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] != '-')
            {
                return new SmtpReply(code, lines);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _tcp.Dispose();
    }

    private async Task<string> LineAsync(int room, CancellationToken cancellationToken)
    {
        StringBuilder line = new();
        while (true)
        {
            while (_start < _end)
            {
                char c = (char)_buffer[_start++];
                if (c == '\n')
                {
                    return line.ToString().TrimEnd('\r');
                }

                if (line.Length >= room)
                {
                    throw new InvalidDataException("the server's answer is too long");
                }

                line.Append(c);
            }

            _start = 0;
            _end = await _stream.ReadAsync(_buffer, cancellationToken);
            if (_end == 0)
            {
                throw new IOException("the server closed the connection");
            }
        }
    }
}

/// <summary>A server's answer: its three-digit code and the text of its lines.</summary>
internal sealed record SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    public bool Good => Code is >= 200 and < 400;

    public bool Offers(string extension) =>
        Lines.Any(l => l.Equals(extension, StringComparison.OrdinalIgnoreCase) || l.StartsWith(extension + " ", StringComparison.OrdinalIgnoreCase));

    public override string ToString() => $"{Code} {string.Join(' ', Lines)}";
}
