using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Materials.Contents;

/// <summary>
/// What a file really is, by its structure from the first byte to the last, without decoding it. A renamed executable, a page
/// behind the head of a PDF, an archive behind a picture, a picture of absurd size: each is refused with its reason (R-CASE-4).
/// </summary>
public sealed record ContentCheck
{
    private ContentCheck()
    {
    }

    /// <summary>One of <see cref="FileKinds"/>; null when it is none.</summary>
    public string? Kind { get; private init; }

    /// <summary>Of a picture, in pixels, as its header says; null for a document.</summary>
    public int? Width { get; private init; }

    /// <inheritdoc cref="Width"/>
    public int? Height { get; private init; }

    /// <summary>Null: it may be kept. Codes: <c>file_empty</c>, <c>file_type</c>, <c>file_damaged</c>, <c>file_hidden</c>, <c>image_dimensions</c>.</summary>
    public InputFault? Fault { get; private init; }

    /// <param name="content">Can be read again from its beginning; is left somewhere.</param>
    public static ContentCheck Of(Stream content, MaterialOptions limits)
    {
        if (content.Length == 0)
            return new() { Fault = Empty };
        Span<byte> head = stackalloc byte[FileKinds.HeadBytes];
        content.Position = 0;
        var kind = FileKinds.Of(head[..content.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)]);
        if (kind is null)
            return new() { Fault = Unknown };
        content.Position = 0;
        var (flaw, width, height) = Structure(kind, content);
        if (flaw is null && FileKinds.IsImage(kind) && !limits.MayBePictured(width, height))
            flaw = ContentFlaw.Dimensions;
        if (flaw is null && ForeignContent.IsArchive(content))
            flaw = ContentFlaw.Hidden;
        return flaw is { } wrong ? new() { Kind = kind, Fault = Explain(wrong, limits) }
            : FileKinds.IsImage(kind) ? new() { Kind = kind, Width = (int)width, Height = (int)height }
            : new() { Kind = kind };
    }

    /// <summary>Nothing was sent.</summary>
    public static InputFault Empty { get; } = new("file_empty", "文件为空（0字节），请重新选择文件上传", "The file is empty (0 bytes). Choose another.");

    /// <summary>None of the kinds that are taken, whatever its name says.</summary>
    public static InputFault Unknown { get; } = new("file_type", "文件内容不是 PDF、JPEG 或 PNG（以内容为准，修改扩展名无效），请转换格式后上传",
        "By its content the file is no PDF, JPEG or PNG, whatever its name says. Convert it, then upload it.");

    private static (ContentFlaw? Flaw, long Width, long Height) Structure(string kind, Stream content)
    {
        try
        {
            return kind switch
            {
                FileKinds.Pdf => (PdfContent.Check(content), 0, 0),
                FileKinds.Jpeg => JpegContent.Check(new ContentReader(content)),
                _ => PngContent.Check(new ContentReader(content)),
            };
        }
        catch (EndOfStreamException)
        {
            return (ContentFlaw.Damaged, 0, 0);
        }
    }

    private static InputFault Explain(ContentFlaw flaw, MaterialOptions limits) => flaw switch
    {
        ContentFlaw.Damaged => new("file_damaged", "文件不完整或已损坏，请确认能正常打开后重新上传", "The file is incomplete or damaged. Check that it opens, then upload it again."),
        ContentFlaw.Hidden => new("file_hidden", "文件中夹带了其他内容（网页、脚本、压缩包或程序），不能上传，请用原始软件重新导出",
            "The file carries something else with it (a page, a script, an archive or a program). Export it anew from the program it was made with."),
        _ => new("image_dimensions", $"图片尺寸过大：边长不超过{limits.MaxSidePixels}像素，总计不超过{limits.MaxMegapixels}百万像素",
            $"The picture is too large: at most {limits.MaxSidePixels} pixels a side and {limits.MaxMegapixels} megapixels."),
    };
}
