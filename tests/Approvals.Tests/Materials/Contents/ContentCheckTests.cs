using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.Materials.Contents;

namespace Talent.Workflows.Approvals.Tests.Materials.Contents;

public sealed class ContentCheckTests
{
    private static readonly MaterialOptions Limits = new();

    public static TheoryData<string, byte[]> Whole => new()
    {
        { "pdf", SampleFiles.Pdf() }, { "pdf", [.. SampleFiles.Pdf(), .. "\r\n\0"u8] }, { "pdf", SampleFiles.Pdf(size: 300_000) },
        { "jpg", SampleFiles.Jpeg() }, { "jpg", SampleFiles.Jpeg(note: [.. "Lavc58"u8]) },
        // Telephones put a second picture or a clip behind the first.
        { "jpg", SampleFiles.Jpeg(after: SampleFiles.Jpeg(32, 32)) }, { "jpg", SampleFiles.Jpeg(after: [.. "\0\0\0\u0018ftypmp42"u8, .. new byte[70_000]]) },
        { "png", SampleFiles.Png() }, { "png", SampleFiles.Png(note: [.. "Title\0photo"u8]) },
    };

    public static TheoryData<string, byte[]> Refused => new()
    {
        { "file_empty", [] },
        // A renamed executable, an office document, a page, and heads that are too short to be anything.
        { "file_type", [.. "MZ\x90\0"u8, .. new byte[2000]] }, { "file_type", [0x7F, .. "ELF"u8, 2, 1, 1] }, { "file_type", SampleFiles.Zip() }, { "file_type", [.. "<html>%PDF-1.7"u8] },
        { "file_type", [.. " "u8, .. SampleFiles.Pdf()] }, { "file_type", [0xFF, 0xD8] }, { "file_type", [.. "#!/bin/sh\n"u8] }, { "file_type", [.. "GIF89a"u8, .. new byte[50]] },
        { "file_damaged", [.. "%PDF-1.7"u8] }, { "file_damaged", [.. "%PDF-x.y\n1 0 obj\n"u8] }, { "file_damaged", [0xFF, 0xD8, 0xFF, 0xE0] },
        { "file_damaged", [0xFF, 0xD8, 0xFF, 0xD9] }, { "file_damaged", [.. SampleFiles.Png()[..33], .. SampleFiles.Png()] },
        // A page or a script behind the head of a document or in a picture's notes.
        { "file_hidden", [.. "%PDF-1.7\n<html><script>alert(1)</script></html>\n"u8, .. SampleFiles.Pdf()] }, { "file_hidden", [.. "%PDF-1.7\n%<ScRiPt>x\n"u8, .. SampleFiles.Pdf()[9..]] },
        { "file_hidden", [.. "%PDF-1.7\necho pwned; exit\n"u8, .. SampleFiles.Pdf()[9..]] }, { "file_hidden", [.. SampleFiles.Pdf(), .. "\n<?php system($_GET['c']);"u8] },
        { "file_hidden", SampleFiles.Jpeg(note: [.. "<?php system($_GET['c']); ?>"u8]) }, { "file_hidden", SampleFiles.Png(note: [.. "Comment\0<SCRIPT>alert(1)</SCRIPT>"u8]) },
        // Archives and programs behind a picture or a document.
        { "file_hidden", SampleFiles.Jpeg(after: SampleFiles.Zip()) }, { "file_hidden", SampleFiles.Jpeg(after: [.. new byte[40_000], .. SampleFiles.Zip(), .. new byte[9]]) },
        { "file_hidden", SampleFiles.Jpeg(after: [.. "MZ\x90\0"u8]) }, { "file_hidden", SampleFiles.Jpeg(after: SampleFiles.Pdf()) }, { "file_hidden", SampleFiles.Jpeg(after: [.. new byte[5], 0x7F, .. "ELF"u8, 2, 1, 1, 0]) },
        { "file_hidden", SampleFiles.Png(after: SampleFiles.Zip()) }, { "file_hidden", SampleFiles.Png(after: [0]) }, { "file_hidden", [.. SampleFiles.Pdf(), .. SampleFiles.Zip()] },
        // An archive whose directory is within the document, so that its end is the end of both.
        { "file_hidden", Inside(SampleFiles.Zip()) },
        { "image_dimensions", SampleFiles.Png(60_000, 60_000) }, { "image_dimensions", SampleFiles.Png(uint.MaxValue, 1) }, { "image_dimensions", SampleFiles.Png(0, 5) },
        { "image_dimensions", SampleFiles.Jpeg(65_500, 65_500) }, { "image_dimensions", SampleFiles.Jpeg(20_001, 2) }, { "image_dimensions", SampleFiles.Png(12_000, 11_000) },
    };

    [Theory]
    [MemberData(nameof(Whole))]
    public void Content_WhenItIsWholeAndNothingElse_ThenItIsTakenForWhatItIs_R_CASE_4(string kind, byte[] content)
    {
        var check = Check(content);

        Assert.Null(check.Fault);
        Assert.Equal(kind, check.Kind);
        Assert.Equal(kind == "jpg" ? (64, 48) : kind == "png" ? (32, 16) : ((int?)null, (int?)null), (check.Width, check.Height));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Content_WhenItIsSomethingElseOrCarriesIt_ThenItIsRefusedWithTheReason_R_CASE_4(string code, byte[] content)
    {
        var fault = Check(content).Fault;

        Assert.Equal(code, fault?.Code);
        Assert.NotEmpty(fault!.Zh);
        Assert.NotEmpty(fault.En);
    }

    [Fact]
    public void Content_WhenItBreaksOffAnywhere_ThenItIsNeverTaken_R_CASE_4() =>
        Property.Holds(from content in Gen.Elements(SampleFiles.Pdf("正文"), SampleFiles.Jpeg(), SampleFiles.Png()) from cut in Gen.Choose(0, content.Length - 1) select content[..cut],
            part => Assert.NotNull(Check(part).Fault), 300);

    [Fact]
    public void Content_WhenAnyBytesFollowAHead_ThenTheyAreJudgedAndNothingBreaks_R_CASE_4() =>
        Property.Holds(from head in Gen.Elements(SampleFiles.Pdf(), SampleFiles.Jpeg(), SampleFiles.Png())
                       from kept in Gen.Choose(0, head.Length)
                       from noise in ArbMap.Default.GeneratorFor<byte[]>()
                       from changed in Gen.Choose(0, head.Length - 1)
                       from value in Gen.Choose(0, 255)
                       select (byte[])[.. head[..kept].Select((b, i) => i == changed ? (byte)value : b), .. noise ?? []],
            bytes =>
            {
                var check = Check(bytes);

                Assert.True(check.Fault is not null || FileKinds.Of(bytes) == check.Kind);
            }, 300);

    private static ContentCheck Check(byte[] content) => ContentCheck.Of(new MemoryStream(content), Limits);

    private static byte[] Inside(byte[] archive)
    {
        var pdf = SampleFiles.Pdf();
        // Behind the last object; the trailer of the document goes into the comment of the archive.
        var at = pdf.AsSpan().IndexOf("xref\n"u8);
        var rest = pdf[at..];
        byte[] ended = [.. archive];
        (ended[^2], ended[^1]) = ((byte)rest.Length, (byte)(rest.Length >> 8));
        return [.. pdf[..at], .. ended, .. rest];
    }
}
