using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>What a list said when it was sent, as its row holds it: personal data.</summary>
internal static class SealedContent
{
    public static readonly SealedTable Table = new("submissions", "id", null, ["content_sealed"]);

    public static byte[] Seal(KeyRing ring, Guid id, string text) => ring.Seal(text, Table.At("content_sealed", id));

    /// <summary>What was sent, which is what its checksum says.</summary>
    /// <exception cref="SealedValueException">The row was changed outside the product.</exception>
    public static string Open(KeyRing ring, Guid id, byte[] value, string checksum)
    {
        var text = ring.Open(value, Table.At("content_sealed", id));
        return SubmissionContent.Checksum(text) == checksum ? text : throw new SealedValueException(Table.At("content_sealed", id), "it isn't what its checksum is of");
    }
}

/// <summary>Lists whose content is in clear.</summary>
internal sealed class ClearSubmissions() : ClearTable("submissions", "content is not null")
{
    internal override async Task<List<NpgsqlBatchCommand>> NextAsync(NpgsqlConnection connection, KeyRing ring, int most, CancellationToken cancellationToken)
    {
        var rows = await connection.QueryAsync($"select id, content from approvals.submissions where {Clear} order by id limit $1 for update skip locked",
            r => (Id: r.GetGuid(0), Content: r.GetString(1)), cancellationToken, most);
        return rows.ConvertAll(row => Command("update approvals.submissions set content = null, content_sealed = $2, key_id = $3 where id = $1", row.Id, SealedContent.Seal(ring, row.Id, row.Content), ring.Current));
    }
}
