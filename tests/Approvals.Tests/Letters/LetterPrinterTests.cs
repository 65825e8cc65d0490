using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Talent.Workflows.Approvals.Letters.Printing;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Letters;

/// <summary>PDF by an outside program, whatever that does: stand-ins for the browser are scripts.</summary>
public sealed class LetterPrinterTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("talent-printer-").FullName;

    [Fact]
    public async Task Pdf_WhenTheBrowserMakesIt_ThenItIsWhatItWroteAndNothingIsLeft_R_DOC_1()
    {
        using var printer = Printer($$"""
            for a in "$@"; do case "$a" in --print-to-pdf=*) out="${a#*=}";; file://*) page="${a#file://}";; esac; done
            { printf '%%PDF-'; cat "$page"; printf ' %s' "$HOME" "$(env | grep -c ConnectionStrings)"; } > "$out"
            """);
        Environment.SetEnvironmentVariable("ConnectionStrings__TalentPrinterTest", "secret");
        try
        {
            var pdf = Encoding.UTF8.GetString(await printer.PrintAsync("<p>李示例</p>"u8.ToArray(), default)).Split(' ');

            Assert.Equal("%PDF-<p>李示例</p>", pdf[0]);
            Assert.False(Directory.Exists(pdf[1]));
            Assert.Equal("0", pdf[2].Trim());
        }
        finally
        {
            Environment.SetEnvironmentVariable("ConnectionStrings__TalentPrinterTest", null);
        }
    }

    [Theory]
    [InlineData("exit 3")]
    [InlineData("exit 0")]
    public async Task Pdf_WhenTheBrowserFails_ThenItIsSaidAndTheHtmlIsNamed_R_DOC_1(string script)
    {
        using var printer = Printer(script);

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => printer.PrintAsync([1], default));

        Assert.Equal(ErrorCodes.Unavailable, refused.Code);
        Assert.Contains("HTML", refused.MessageZh, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ln -s {0}/key \"$out\"")]
    [InlineData("mkdir \"$out\"")]
    [InlineData("printf '<html>' > \"$out\"")]
    [InlineData(": > \"$out\"")]
    public async Task Pdf_WhenTheBrowserLeavesSomethingElseInItsPlace_ThenItIsRefused_R_DOC_1(string script)
    {
        // What the server may read, and the browser may not.
        var key = Path.Combine(folder, "key");
        await File.WriteAllTextAsync(key, "%PDF-secret");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var printer = Printer($$"""
            for a in "$@"; do case "$a" in --print-to-pdf=*) out="${a#*=}";; esac; done
            {{script.Replace("{0}", folder, StringComparison.Ordinal)}}
            """);

        Assert.Equal(ErrorCodes.Unavailable, (await Assert.ThrowsAsync<WorkflowException>(() => printer.PrintAsync([1], default))).Code);
    }

    [Fact]
    public async Task Pdf_WhenTheBrowserHangs_ThenItIsKilledAfterItsTime_R_DOC_1()
    {
        // Its only way to an end within a day is to be killed.
        using var printer = Printer("sleep 86400", seconds: 1);

        Assert.Equal(ErrorCodes.Unavailable, (await Assert.ThrowsAsync<WorkflowException>(() => printer.PrintAsync([1], default))).Code);
    }

    [Theory]
    [InlineData("off")]
    [InlineData("/nowhere/chromium")]
    public async Task Pdf_WhenThereIsNoBrowser_ThenItIsUnavailable_R_DOC_1(string command)
    {
        using var printer = new LetterPrinter(Options.Create(new LetterOptions { PdfCommand = command }), TimeProvider.System, NullLogger<LetterPrinter>.Instance);

        Assert.Equal(ErrorCodes.Unavailable, (await Assert.ThrowsAsync<WorkflowException>(() => printer.PrintAsync([1], default))).Code);
    }

    [Fact]
    public async Task Pdf_WhenARealBrowserIsThere_ThenItMakesOne_R_DOC_1()
    {
        using var printer = new LetterPrinter(Options.Create(new LetterOptions { PdfSeconds = 120 }), TimeProvider.System, NullLogger<LetterPrinter>.Instance);
        try
        {
            printer.RequireCommand();
        }
        catch (WorkflowException)
        {
            return; // A machine without one: the other tests say what happens then.
        }

        var pdf = await printer.PrintAsync("<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><h1>受理通知书</h1></html>"u8.ToArray(), default);

        Assert.StartsWith("%PDF-", Encoding.ASCII.GetString(pdf, 0, 5), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pdf_WhenManyWaitForOne_ThenTheRestAreBusy_R_DOC_1()
    {
        using var printer = Printer($"while [ ! -e {folder}/go ]; do sleep 0.05; done; exit 1", atOnce: 1);
        var waiting = Enumerable.Range(0, 5).Select(_ => printer.PrintAsync([1], default)).ToArray();

        Assert.Equal(ErrorCodes.Busy, (await Assert.ThrowsAsync<WorkflowException>(() => printer.PrintAsync([1], default))).Code);

        await File.WriteAllTextAsync(Path.Combine(folder, "go"), "");
        foreach (var one in waiting)
            Assert.Equal(ErrorCodes.Unavailable, (await Assert.ThrowsAsync<WorkflowException>(() => one)).Code);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private LetterPrinter Printer(string script, int seconds = 60, int atOnce = 2)
    {
        var program = Path.Combine(folder, "browser.sh");
        File.WriteAllText(program, $"#!/bin/sh\n{script}\n");
        // Under root it runs as another account.
        if (!OperatingSystem.IsWindows())
            foreach (var path in (string[])[program, folder])
                File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return new LetterPrinter(Options.Create(new LetterOptions { PdfCommand = program, PdfSeconds = seconds, PdfAtOnce = atOnce }), TimeProvider.System, NullLogger<LetterPrinter>.Instance);
    }
}
