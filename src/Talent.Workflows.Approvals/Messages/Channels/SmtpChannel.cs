using System.Net.Mail;
using Talent.Workflows.Approvals.Messages.Templates;

namespace Talent.Workflows.Approvals.Messages.Channels;

/// <summary>Sends e-mail through the office's mail server (R-NTF-4).</summary>
public sealed class SmtpChannel(SmtpOptions options, TimeProvider time) : IMessageChannel
{
    private readonly SmtpTransport _transport = new(options);

    public string Name => MessageChannels.Email;

    public async Task<DeliveryResult> SendAsync(Message message, CancellationToken cancellationToken)
    {
        if (!MailAddress.TryCreate(message.To, out MailAddress? to) || to.Address != message.To || !message.To.All(c => char.IsAscii(c) && !char.IsControl(c) && c is not (' ' or '<' or '>')))
        {
            return new DeliveryResult.Dead("the recipient's e-mail address isn't valid");
        }

        string mime = MimeMessage.Write(message, options.FromName, options.From, message.To, time.GetUtcNow());
        return await _transport.SendAsync(message.To, mime, cancellationToken);
    }
}
