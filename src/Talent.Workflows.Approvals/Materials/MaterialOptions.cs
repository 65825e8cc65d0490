using System.ComponentModel.DataAnnotations;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>Settings of the materials libraries, section <c>Talent:Materials</c>.</summary>
public sealed class MaterialOptions : IValidatableObject
{
    public const string Section = "Talent:Materials";

    /// <summary>Folder of the files; default <c>materials</c> in the data folder. Nodes of one database share it.</summary>
    public string? Folder { get; set; }

    /// <summary>Largest PDF in MiB; default 20.</summary>
    [Range(1, 100)]
    public int MaxPdfMegabytes { get; set; } = 20;

    /// <summary>Largest JPEG in MiB; default 10.</summary>
    [Range(1, 100)]
    public int MaxJpegMegabytes { get; set; } = 10;

    /// <summary>Largest PNG in MiB; default 10.</summary>
    [Range(1, 100)]
    public int MaxPngMegabytes { get; set; } = 10;

    /// <summary>Longest side of a picture in pixels; default 20,000.</summary>
    [Range(100, 65_535)]
    public int MaxSidePixels { get; set; } = 20_000;

    /// <summary>Largest picture in millions of pixels; default 120.</summary>
    [Range(1, 1000)]
    public int MaxMegapixels { get; set; } = 120;

    /// <summary>Materials that one person or employer may keep; default 2,000.</summary>
    [Range(1, 100_000)]
    public int MaxPerOwner { get; set; } = 2000;

    /// <summary>Uploads that a node takes at once; more are answered <c>busy</c>. Default 16.</summary>
    [Range(1, 1000)]
    public int ConcurrentUploads { get; set; } = 16;

    /// <summary>Minutes that one upload may take; default 30.</summary>
    [Range(1, 600)]
    public int UploadMinutes { get; set; } = 30;

    /// <summary>Days for which a deleted material is kept before its file is removed; default 30.</summary>
    [Range(1, 3650)]
    public int KeepDeletedDays { get; set; } = 30;

    /// <summary><c>off</c>, <c>command</c> or <c>clamd</c>; default <c>off</c>.</summary>
    [RegularExpression("off|command|clamd", ErrorMessage = "The field Scanner takes off, command or clamd.")]
    public string Scanner { get; set; } = "off";

    /// <summary>For <c>command</c>: the program. It gets the content on its standard input and ends with 0: clean, 1: found, something else: it couldn't tell. What it prints of a find is recorded.</summary>
    public string? ScannerCommand { get; set; }

    /// <summary>For <c>command</c>: its arguments, such as <c>--no-summary</c> and <c>-</c> of <c>clamdscan</c>.</summary>
    public IReadOnlyList<string> ScannerArguments { get; set; } = [];

    /// <summary>For <c>clamd</c>: where it listens; default 127.0.0.1.</summary>
    public string ScannerHost { get; set; } = "127.0.0.1";

    /// <summary>For <c>clamd</c>: its TCP port; default 3310.</summary>
    [Range(1, 65_535)]
    public int ScannerPort { get; set; } = 3310;

    /// <summary>Seconds that one scan may take; default 60.</summary>
    [Range(1, 3600)]
    public int ScannerSeconds { get; set; } = 60;

    /// <summary>GraphicsMagick, which makes thumbnails; default <c>gm</c>. Empty: there are none.</summary>
    public string ThumbnailCommand { get; set; } = "gm";

    /// <summary>Seconds that one thumbnail may take; default 10.</summary>
    [Range(1, 60)]
    public int ThumbnailSeconds { get; set; } = 10;

    /// <summary>Under root, the account (a number) that GraphicsMagick runs as; default 65534 (nobody).</summary>
    [Range(1, int.MaxValue)]
    public int ThumbnailAccount { get; set; } = 65534;

    /// <summary>Whether files have to be scanned before anybody but who uploaded them gets them.</summary>
    public bool Scans => Scanner != "off";

    /// <summary>Largest file of a kind, in bytes.</summary>
    public long MaxBytes(string kind) => Megabytes(kind) * (1L << 20);

    /// <summary>The same in MiB.</summary>
    public int Megabytes(string kind) => kind switch { FileKinds.Pdf => MaxPdfMegabytes, FileKinds.Jpeg => MaxJpegMegabytes, _ => MaxPngMegabytes };

    /// <summary>Largest file of any kind, in bytes.</summary>
    public long MaxAnyBytes => Math.Max(MaxPdfMegabytes, Math.Max(MaxJpegMegabytes, MaxPngMegabytes)) * (1L << 20);

    /// <summary>Whether a picture of this size, in pixels, is taken.</summary>
    public bool MayBePictured(long width, long height) => width >= 1 && height >= 1 && width <= MaxSidePixels && height <= MaxSidePixels && width * height <= MaxMegapixels * 1_000_000L;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Scanner == "command" && string.IsNullOrWhiteSpace(ScannerCommand))
            yield return new ValidationResult("The field ScannerCommand names the program that scans.", [nameof(ScannerCommand)]);
    }
}
