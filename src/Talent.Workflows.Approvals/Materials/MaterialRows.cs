using Npgsql;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>Reads materials <c>m</c> with their contents <c>c</c>.</summary>
internal static class MaterialRows
{
    public const string Columns = "m.id, m.owner_kind, m.owner_id, m.name, c.kind, c.size, m.hash, c.width, c.height, m.rotation, c.scan, c.scan_result, m.uploaded_at, m.uploaded_by";

    /// <summary>The first column after <see cref="Columns"/>.</summary>
    public const int Next = 14;

    public const string From = "approvals.materials m join approvals.material_contents c on c.hash = m.hash";

    /// <summary>Whether others may have it, and cases take it.</summary>
    public static string Usable(MaterialOptions options) => options.Scans ? "c.scan = 'clean'" : "c.scan <> 'found'";

    public static MaterialView Read(NpgsqlDataReader row, MaterialOptions options) => new()
    {
        Id = row.GetGuid(0),
        Owner = new MaterialOwner(row.GetString(1), row.GetString(2)),
        Name = row.GetString(3),
        Kind = row.GetString(4),
        Size = row.GetInt64(5),
        Sha256 = row.GetString(6),
        Width = row.IsDBNull(7) ? null : row.GetInt32(7),
        Height = row.IsDBNull(8) ? null : row.GetInt32(8),
        Rotation = row.GetInt16(9),
        Scan = row.GetString(10),
        ScanResult = row.Text(11),
        Usable = row.GetString(10) is var scan && (options.Scans ? scan == "clean" : scan != "found"),
        UploadedAt = row.GetFieldValue<DateTimeOffset>(12),
        UploadedBy = row.GetString(13),
    };
}
