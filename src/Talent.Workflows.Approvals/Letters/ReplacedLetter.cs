using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>The letter in whose place another is issued: what it said of its step stays said, whatever has happened since; names and choices are those of today.</summary>
internal sealed record ReplacedLetter(DateTimeOffset IssuedAt, LetterOffice Issuer, LetterText Text)
{
    /// <exception cref="SealedValueException">Its row was changed outside the product.</exception>
    public static async Task<ReplacedLetter> LoadAsync(NpgsqlDataSource database, DataKeys keys, Guid id, Guid caseId, CancellationToken cancellationToken)
    {
        var row = (await database.QueryAsync("select number, issued_at, issuer_id, issuer_zh, issuer_en, key_id, fields from approvals.letters where id = $1 and case_id = $2",
            r => (Number: r.GetString(0), At: r.GetFieldValue<DateTimeOffset>(1), Issuer: new LetterOffice(r.GetString(2), r.GetString(3), r.GetString(4)), Key: r.GetInt32(5), Fields: r.GetFieldValue<byte[]>(6)),
            cancellationToken, id, caseId))[0];
        return new ReplacedLetter(row.At, row.Issuer, SealedLetter.Fields(await keys.OpeningAsync(row.Key, cancellationToken), id, row.Fields, caseId, row.Number));
    }

    /// <summary>The values of the new letter.</summary>
    /// <param name="now">As the case says them now.</param>
    /// <param name="declared">The fields of the letter as it is defined now. One that it has come to need since is said as the case says it.</param>
    public Dictionary<string, string> Over(Dictionary<string, string> now, IReadOnlyList<string> declared, bool chinese)
    {
        var said = chinese ? Text.Fields : Text.FieldsEn;
        foreach (var (name, value) in said)
            if (LetterFields.OfStep.Contains(name) || !now.ContainsKey(name))
                now[name] = value;
        foreach (var name in LetterFields.OfStep)
            if (!said.ContainsKey(name) && !declared.Contains(name))
                now.Remove(name);
        return now;
    }
}
