using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;

namespace Talent.Workflows.Approvals.Messages.Channels;

/// <summary>
/// The seam to the mail server: hands over one message on a connection of its own. System.Net.Mail's client knows no
/// implicit TLS, which is the custom in China, and hides whether a message was already handed over when something fails.
/// </summary>
internal sealed class SmtpTransport(SmtpOptions options)
{
    /// <summary>Hands over one message.</summary>
    /// <param name="recipient">ASCII address.</param>
    /// <param name="mime">The message as of <see cref="MimeMessage"/>.</param>
    public async Task<DeliveryResult> SendAsync(string recipient, string mime, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(options.TimeoutSeconds));
        bool handedOver = false;
        try
        {
            await using SmtpConnection connection = new();
            if (await OpenAsync(connection, limit.Token) is DeliveryResult closed)
            {
                return closed;
            }

            foreach (string command in (string[])[$"MAIL FROM:<{options.From}>", $"RCPT TO:<{recipient}>", "DATA"])
            {
                SmtpReply reply = await connection.CommandAsync(command, limit.Token);
                if (!reply.Good)
                {
                    // A refused sender is a matter of configuration: the message is fine once that is mended.
                    return Refusal(reply, recipient, forGood: !command.StartsWith("MAIL", StringComparison.Ordinal));
                }
            }

            string body = mime.Replace("\r\n.", "\r\n..", StringComparison.Ordinal);
            await connection.WriteAsync(body, limit.Token);
            handedOver = true;
            SmtpReply taken = await connection.CommandAsync(".", limit.Token);
            if (!taken.Good)
            {
                return Refusal(taken, recipient, forGood: true);
            }

            await QuitAsync(connection, limit.Token);
            return new DeliveryResult.Sent(RecipientMask.In(taken.ToString(), recipient));
        }
        catch (OperationCanceledException) when (!handedOver && cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            return handedOver
                ? new DeliveryResult.Unknown("the mail server didn't answer after taking the message")
                : new DeliveryResult.Retry($"the mail server didn't answer within {options.TimeoutSeconds} s");
        }
        catch (Exception e) when (e is IOException or InvalidDataException or SocketException or AuthenticationException or CryptographicException)
        {
            string reason = RecipientMask.In(e.Message, recipient);
            return handedOver ? new DeliveryResult.Unknown(reason) : new DeliveryResult.Retry(reason);
        }
    }

    /// <summary>Greets, secures and signs in; a result when that fails.</summary>
    private async Task<DeliveryResult?> OpenAsync(SmtpConnection connection, CancellationToken cancellationToken)
    {
        await connection.ConnectAsync(options.Host, options.Port, cancellationToken);
        if (options.Security is SmtpSecurity.ImplicitTls)
        {
            await connection.SecureAsync(options.Host, options.TrustedRootsFile, cancellationToken);
        }

        SmtpReply greeting = await connection.ReadAsync(cancellationToken);
        SmtpReply hello = greeting.Good ? await connection.CommandAsync("EHLO talent-workflows", cancellationToken) : greeting;
        if (!hello.Good)
        {
            return Refusal(hello, "", forGood: false);
        }

        if (options.Security is SmtpSecurity.StartTls)
        {
            // Never on in plain when TLS is asked for: someone in between may have removed the offer.
            if (!hello.Offers("STARTTLS"))
            {
                return new DeliveryResult.Retry("the mail server doesn't offer STARTTLS; check host, port and Security");
            }

            SmtpReply start = await connection.CommandAsync("STARTTLS", cancellationToken);
            if (!start.Good)
            {
                return Refusal(start, "", forGood: false);
            }

            await connection.SecureAsync(options.Host, options.TrustedRootsFile, cancellationToken);
            hello = await connection.CommandAsync("EHLO talent-workflows", cancellationToken);
        }

        return options.UserName is null ? null : await SignInAsync(connection, hello, cancellationToken);
    }

    private async Task<DeliveryResult?> SignInAsync(SmtpConnection connection, SmtpReply hello, CancellationToken cancellationToken)
    {
        if (options.Security is SmtpSecurity.None)
        {
            return new DeliveryResult.Retry("the password isn't sent over a plain connection; set Security");
        }

        string methods = hello.Lines.FirstOrDefault(l => l.StartsWith("AUTH ", StringComparison.OrdinalIgnoreCase)) ?? "";
        SmtpReply reply;
        if (methods.Contains("PLAIN", StringComparison.OrdinalIgnoreCase))
        {
            reply = await connection.CommandAsync($"AUTH PLAIN {Base64($"\0{options.UserName}\0{options.Password}")}", cancellationToken);
        }
        else
        {
            reply = await connection.CommandAsync("AUTH LOGIN", cancellationToken);
            foreach (string answer in (string[])[options.UserName!, options.Password!])
            {
                reply = reply.Good ? await connection.CommandAsync(Base64(answer), cancellationToken) : reply;
            }
        }

        return reply.Good ? null : new DeliveryResult.Retry($"the mail server refused the sign-in: {RecipientMask.In(reply.ToString(), options.UserName!)}");
    }

    // The message is delivered by now; a server that hangs up early changes nothing.
    private static async Task QuitAsync(SmtpConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await connection.WriteAsync("QUIT\r\n", cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            return;
        }
    }

    private static DeliveryResult Refusal(SmtpReply reply, string recipient, bool forGood)
    {
        string reason = recipient.Length == 0 ? reply.ToString() : RecipientMask.In(reply.ToString(), recipient);
        return forGood && reply.Code >= 500 ? new DeliveryResult.Dead(reason) : new DeliveryResult.Retry(reason);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
