using System.ComponentModel;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Talent.Workflows.Approvals.Programs;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Letters.Printing;

/// <summary>
/// Makes PDF of letters with a headless Chromium: in a folder of its own that is removed afterwards, without network, within a time,
/// a few at once, and as an unprivileged account when the server runs as root.
/// </summary>
public sealed partial class LetterPrinter(IOptions<LetterOptions> options, TimeProvider time, ILogger<LetterPrinter> logger) : IDisposable
{
    private const int LargestPdf = 20 << 20;

    // Delivered by the account that made it: whatever it has put in its place, the server opens nothing that it chose.
    private const string Delivering = "out=$1; shift; \"$@\" >&2 && [ -f \"$out\" ] && [ ! -L \"$out\" ] && exec cat -- \"$out\"";

    private static readonly string[] Known = ["chromium", "chromium-browser", "google-chrome", "chrome"];

    private readonly LetterOptions options = options.Value;
    private readonly SemaphoreSlim places = new(options.Value.PdfAtOnce);
    private readonly Lazy<string?> command = new(() => Find(options.Value.PdfCommand));
    private int waiting;

    /// <exception cref="WorkflowException"><c>unavailable</c>: this server makes no PDF.</exception>
    public string RequireCommand() => command.Value ?? throw new WorkflowException(ErrorCodes.Unavailable,
        "This server makes no PDF: no headless browser is configured (Talent:Letters:PdfCommand). Open the letter as HTML and print it.", "本服务器未配置PDF转换程序，请打开HTML文书后打印。");

    /// <returns>The PDF.</returns>
    /// <exception cref="WorkflowException"><c>unavailable</c>: it can't be made here; <c>busy</c>: too many wait for theirs.</exception>
    public async Task<byte[]> PrintAsync(byte[] html, CancellationToken cancellationToken)
    {
        var program = RequireCommand();
        if (Interlocked.Increment(ref waiting) > options.PdfAtOnce * 5)
        {
            Interlocked.Decrement(ref waiting);
            throw new WorkflowException(ErrorCodes.Busy, "Many letters are being made into PDF just now. Try again soon, or print the HTML.", "正在生成的PDF较多，请稍后重试，或打开HTML文书后打印。");
        }
        try
        {
            await places.WaitAsync(cancellationToken);
            try
            {
                return await RunAsync(program, html, cancellationToken);
            }
            finally
            {
                places.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => places.Dispose();

    private async Task<byte[]> RunAsync(string program, byte[] html, CancellationToken cancellationToken)
    {
        // Only its owner gets into it: it holds what the letter says.
        var folder = Directory.CreateTempSubdirectory("talent-letter-").FullName;
        try
        {
            var (page, pdf) = (Path.Combine(folder, "letter.html"), Path.Combine(folder, "letter.pdf"));
            await File.WriteAllBytesAsync(page, html, cancellationToken);
            if (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows() && (await new OutsideProgram("chown", ["-R", $"{Account}:{Account}", folder], time).RunAsync(Stream.Null, 0, cancellationToken)).ExitCode != 0)
                throw Failed(null, "the folder can't be given to its account");
            string[] arguments =
            [
                "-c", Delivering, "sh", pdf, program,
                "--headless", "--disable-gpu", "--no-sandbox", "--no-first-run", "--no-default-browser-check", "--disable-extensions", "--disable-sync", "--disable-background-networking", "--disable-component-update",
                "--disable-default-apps", "--disable-dev-shm-usage", "--disable-crash-reporter", "--mute-audio", "--proxy-server=127.0.0.1:9", "--host-resolver-rules=MAP * ~NOTFOUND",
                $"--user-data-dir={Path.Combine(folder, "profile")}", "--no-pdf-header-footer", $"--print-to-pdf={pdf}", new Uri(page).AbsoluteUri,
            ];
            var outside = new OutsideProgram("/bin/sh", arguments, time) { Account = options.PdfAccount, Folder = folder, Longest = TimeSpan.FromSeconds(options.PdfSeconds) };
            var answer = await outside.RunAsync(Stream.Null, LargestPdf, cancellationToken);
            if (answer is not { ExitCode: 0, Cut: false })
                throw Failed(null, string.Create(CultureInfo.InvariantCulture, $"it ended with exit code {answer.ExitCode} and {(answer.Cut ? "too large a file" : "no file")}"));
            return answer.Output.AsSpan().StartsWith("%PDF-"u8) ? answer.Output : throw Failed(null, "what it left is no PDF");
        }
        catch (Exception e) when (e is TimeoutException or Win32Exception)
        {
            throw Failed(e, e.Message);
        }
        finally
        {
            Remove(folder);
        }
    }

    private string Account => options.PdfAccount.ToString(CultureInfo.InvariantCulture);

    private WorkflowException Failed(Exception? cause, string why)
    {
        LogFailed(why);
        return new WorkflowException(ErrorCodes.Unavailable, "The PDF couldn't be made. Open the letter as HTML and print it, or try again.", "PDF生成失败，请打开HTML文书后打印，或稍后重试。", cause);
    }

    private void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A process of the browser may be writing its last: the letter itself has to go all the same.
            foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder) : [])
                File.Delete(file);
            LogLeft(folder, e.Message);
        }
    }

    private static string? Find(string? given)
    {
        if (string.Equals(given, "off", StringComparison.OrdinalIgnoreCase))
            return null;
        if (!string.IsNullOrWhiteSpace(given))
            return given;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return Known.SelectMany(name => folders.Select(f => Path.Combine(f, name))).FirstOrDefault(File.Exists);
    }

    [LoggerMessage(EventId = 4335, Level = LogLevel.Warning, Message = "A letter couldn't be made into PDF: {Why}")]
    private partial void LogFailed(string why);

    [LoggerMessage(EventId = 4336, Level = LogLevel.Warning, Message = "The folder {Folder} of a PDF couldn't be removed: {Why}")]
    private partial void LogLeft(string folder, string why);
}
