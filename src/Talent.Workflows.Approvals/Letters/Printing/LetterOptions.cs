using System.ComponentModel.DataAnnotations;

namespace Talent.Workflows.Approvals.Letters.Printing;

/// <summary>Settings of letters, section <c>Talent:Letters</c>.</summary>
public sealed class LetterOptions
{
    public const string Section = "Talent:Letters";

    /// <summary>The headless browser (Chromium) that makes PDF of letters: a program or its path. Default: the first of chromium, chromium-browser, google-chrome and chrome that is found; <c>off</c>: no PDF.</summary>
    public string? PdfCommand { get; set; }

    /// <summary>Seconds that one PDF may take; default 30.</summary>
    [Range(1, 300)]
    public int PdfSeconds { get; set; } = 30;

    /// <summary>PDF that a node makes at once; default 2. As many as four times that wait; more are answered <c>busy</c>.</summary>
    [Range(1, 32)]
    public int PdfAtOnce { get; set; } = 2;

    /// <summary>Under root, the account (a number) that the browser runs as; default 65534 (nobody).</summary>
    [Range(1, int.MaxValue)]
    public int PdfAccount { get; set; } = 65534;
}
