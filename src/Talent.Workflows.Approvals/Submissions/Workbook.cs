using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>
/// A spreadsheet of texts (Office Open XML, ISO/IEC 29500): one sheet, every cell a text, so that nothing typed by anybody becomes a
/// formula and no number loses its zeros. The same rows give the same bytes.
/// </summary>
internal static class Workbook
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    /// <summary>The longest text that a cell takes, in UTF-16 units.</summary>
    private const int LongestCell = 32_767;

    /// <summary>A ZIP can't say an earlier date; the sheet itself says when it was made.</summary>
    private static readonly DateTimeOffset Always = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static byte[] Write(string sheet, IReadOnlyList<IReadOnlyList<string?>> rows)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            Part(zip, "[Content_Types].xml", $"""
                <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>
                """);
            Part(zip, "_rels/.rels", Relation("officeDocument", "xl/workbook.xml"));
            Part(zip, "xl/workbook.xml", $"""
                <workbook xmlns="{Main}" xmlns:r="{Relations}"><sheets><sheet name="{System.Security.SecurityElement.Escape(sheet)}" sheetId="1" r:id="rId1"/></sheets></workbook>
                """);
            Part(zip, "xl/_rels/workbook.xml.rels", Relation("worksheet", "worksheets/sheet1.xml"));
            using var stream = Entry(zip, "xl/worksheets/sheet1.xml").Open();
            using var xml = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false) });
            Sheet(xml, rows);
        }
        return file.ToArray();
    }

    private static void Sheet(XmlWriter xml, IReadOnlyList<IReadOnlyList<string?>> rows)
    {
        xml.WriteStartElement("worksheet", Main);
        xml.WriteStartElement("sheetData", Main);
        for (var y = 0; y < rows.Count; y++)
        {
            xml.WriteStartElement("row", Main);
            xml.WriteAttributeString("r", Line(y));
            for (var x = 0; x < rows[y].Count; x++)
            {
                xml.WriteStartElement("c", Main);
                xml.WriteAttributeString("r", Column(x) + Line(y));
                xml.WriteAttributeString("t", "inlineStr");
                xml.WriteStartElement("is", Main);
                xml.WriteStartElement("t", Main);
                xml.WriteAttributeString("xml", "space", null, "preserve");
                xml.WriteString(Kept(rows[y][x]));
                xml.WriteEndElement();
                xml.WriteEndElement();
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static string Line(int y) => (y + 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>A to Z, AA to ZZ and so on.</summary>
    private static string Column(int x) => x < 26 ? ((char)('A' + x)).ToString() : Column((x / 26) - 1) + (char)('A' + (x % 26));

    /// <summary>What XML and a cell can hold: the rest is left out rather than the whole file broken.</summary>
    private static string Kept(string? text)
    {
        var kept = new StringBuilder();
        foreach (var rune in (text ?? "").EnumerateRunes())
            if (kept.Length + rune.Utf16SequenceLength <= LongestCell && (rune.Utf16SequenceLength == 2 || XmlConvert.IsXmlChar((char)rune.Value)))
                kept.Append(rune.ToString());
        return kept.ToString();
    }

    private static string Relation(string type, string target) =>
        $"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{Relations}/{type}" Target="{target}"/></Relationships>""";

    private static void Part(ZipArchive zip, string name, string xml)
    {
        using var stream = Entry(zip, name).Open();
        stream.Write(Encoding.UTF8.GetBytes($"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{xml.Trim()}"""));
    }

    private static ZipArchiveEntry Entry(ZipArchive zip, string name)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
        entry.LastWriteTime = Always;
        return entry;
    }
}
