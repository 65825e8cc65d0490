using System.Globalization;
using System.Text;
using Talent.Workflows.Approvals.Materials.Contents;

namespace Talent.Workflows.Approvals.Materials.Samples;

/// <summary>Small files that stand for the materials of sample people: whole by the standard of their kind, and marked as samples. Pure.</summary>
internal static class SampleContents
{
    public const int Side = 48;

    /// <summary>A PDF of one page with a line of text, in a font that viewers have for Chinese.</summary>
    public static byte[] Pdf(string text)
    {
        var line = $"BT /F1 16 Tf 60 760 Td <{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(text))}> Tj ET";
        using var pdf = new MemoryStream();
        var places = new List<long>();
        Write("%PDF-1.7\n");
        foreach (var content in (string[])
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
            $"<</Length {line.Length}>>\nstream\n{line}\nendstream",
            "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>",
            "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor 7 0 R>>",
            "<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>",
        ])
        {
            places.Add(pdf.Length);
            Write(string.Create(CultureInfo.InvariantCulture, $"{places.Count} 0 obj\n{content}\nendobj\n"));
        }
        var table = pdf.Length;
        Write(string.Create(CultureInfo.InvariantCulture, $"xref\n0 {places.Count + 1}\n0000000000 65535 f \n"));
        foreach (var place in places)
            Write(string.Create(CultureInfo.InvariantCulture, $"{place:d10} 00000 n \n"));
        Write(string.Create(CultureInfo.InvariantCulture, $"trailer\n<</Size {places.Count + 1}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF"));
        return pdf.ToArray();

        void Write(string ascii) => pdf.Write(Encoding.ASCII.GetBytes(ascii));
    }

    /// <summary>A grey square as PNG.</summary>
    /// <param name="grey">What makes it another content.</param>
    public static byte[] Png(byte grey) => GreyPng.Of(Side, Side, (_, _) => grey);
}
