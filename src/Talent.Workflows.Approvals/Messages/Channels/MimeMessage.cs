using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Talent.Workflows.Approvals.Messages.Channels;

/// <summary>Writes an e-mail as it goes over the wire: RFC 5322 headers in ASCII, text and HTML as base64 parts.</summary>
internal static class MimeMessage
{
    private const int EncodedWordBytes = 42;

    /// <param name="message">Subject, text, HTML and id; the id becomes the Message-ID, so a repeated sending is recognised.</param>
    /// <param name="fromName">Shown name of the sender; may be empty.</param>
    /// <param name="fromAddress">ASCII address of the sender.</param>
    /// <param name="toAddress">ASCII address of the recipient.</param>
    /// <param name="now">Written as Date, in Asia/Shanghai.</param>
    public static string Write(Message message, string fromName, string fromAddress, string toAddress, DateTimeOffset now)
    {
        string id = SafeId(message.Id);
        string boundary = $"=_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(message.Id)))[..24]}";
        string domain = fromAddress[(fromAddress.LastIndexOf('@') + 1)..];
        StringBuilder mime = new();
        mime.Append(CultureInfo.InvariantCulture, $"Date: {now.ToOffset(TimeSpan.FromHours(8)):ddd, dd MMM yyyy HH:mm:ss} +0800\r\n")
            .Append(fromName.Length == 0 ? $"From: {fromAddress}\r\n" : $"From: {Words(fromName)}\r\n <{fromAddress}>\r\n")
            .Append("To: ").Append(toAddress).Append("\r\n")
            .Append("Subject: ").Append(Words(message.Subject)).Append("\r\n")
            .Append("Message-ID: <").Append(id).Append('@').Append(domain).Append(">\r\n")
            .Append("MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n");
        if (message.Html is null)
        {
            Part(mime, "text/plain", message.Text);
            return mime.ToString();
        }

        mime.Append("Content-Type: multipart/alternative; boundary=\"").Append(boundary).Append("\"\r\n\r\n--").Append(boundary).Append("\r\n");
        Part(mime, "text/plain", message.Text);
        mime.Append("--").Append(boundary).Append("\r\n");
        Part(mime, "text/html", message.Html);
        mime.Append("--").Append(boundary).Append("--\r\n");
        return mime.ToString();
    }

    private static void Part(StringBuilder mime, string type, string content)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(content.ReplaceLineEndings("\r\n"));
        mime.Append("Content-Type: ").Append(type).Append("; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        mime.Append(Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks)).Append("\r\n");
    }

    // RFC 2047: each encoded word stays under 75 characters and never cuts a character in two. Line breaks in a
    // header would start another one, so they are encoded with the rest.
    private static string Words(string text)
    {
        if (text.Length <= 60 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '-' or '.' or '_'))
        {
            return text;
        }

        List<string> words = [];
        List<byte> word = [];
        Span<byte> utf8 = stackalloc byte[4];
        foreach (Rune rune in text.EnumerateRunes())
        {
            int length = rune.EncodeToUtf8(utf8);
            if (word.Count + length > EncodedWordBytes)
            {
                words.Add(Encoded(word));
                word.Clear();
            }

            word.AddRange(utf8[..length]);
        }

        words.Add(Encoded(word));
        return string.Join("\r\n ", words);
    }

    private static string Encoded(List<byte> bytes) => $"=?utf-8?B?{Convert.ToBase64String([.. bytes])}?=";

    private static string SafeId(string id) =>
        id.Length is > 0 and <= 100 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? id : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}
