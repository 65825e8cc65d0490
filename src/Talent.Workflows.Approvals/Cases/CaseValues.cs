using Npgsql;
using Talent.Workflows.Approvals.Cases.Forms;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>
/// What a case knows by source, for work behind it that needs personal data: workflows name the source, and the value is read where
/// it is used and goes nowhere else.
/// </summary>
internal static class CaseValues
{
    internal const string Sources = "applicant.name, employer.name, case.number, panel.result, data.<field>";

    public static bool Knows(string source) => source is "applicant.name" or "employer.name" or "case.number" or "panel.result" || source.StartsWith("data.", StringComparison.Ordinal) && source.Length > 5;

    /// <summary>By source; null: there is no such case. Of a field that several phases have, the last phase counts.</summary>
    public static async Task<Dictionary<string, string?>?> ReadAsync(NpgsqlDataSource database, CaseVault vault, Guid caseId, CancellationToken cancellationToken)
    {
        var found = await database.SingleAsync($"""
            select u.name, o.name_zh, c.number,
                (select p.result->>'outcome' from approvals.panels p where p.case_id = c.id and p.status = 3 order by p.opened_at desc, p.visit desc limit 1), {CaseVault.Phases}
            from approvals.cases c join approvals.users u on u.id = c.applicant_id join approvals.organisations o on o.id = c.employer_id
            where c.id = $1
            """, r => new Found(new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["applicant.name"] = r.Text(0), ["employer.name"] = r.Text(1), ["case.number"] = r.Text(2), ["panel.result"] = r.Text(3) switch { "passed" => "评审通过", "failed" => "评审未通过", _ => null },
            }, r.Text(4)), cancellationToken, caseId);
        if (found is null)
            return null;
        foreach (var data in (await vault.OpenAsync(caseId, found.Phases, cancellationToken)).Values)
            foreach (var field in data.EnumerateObject())
                if (FormData.Value(field.Value) is { } value)
                    found.Values[$"data.{field.Name}"] = value;
        return found.Values;
    }

    private sealed record Found(Dictionary<string, string?> Values, string? Phases);
}
