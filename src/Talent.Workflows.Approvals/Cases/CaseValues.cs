using System.Text.Json;
using Npgsql;

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
    public static async Task<Dictionary<string, string?>?> ReadAsync(NpgsqlDataSource database, Guid caseId, CancellationToken cancellationToken)
    {
        var values = await database.SingleAsync("""
            select u.name, o.name_zh, c.number,
                (select p.result->>'outcome' from approvals.panels p where p.case_id = c.id and p.status = 3 order by p.opened_at desc, p.visit desc limit 1)
            from approvals.cases c join approvals.users u on u.id = c.applicant_id join approvals.organisations o on o.id = c.employer_id
            where c.id = $1
            """, r => new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["applicant.name"] = r.Text(0), ["employer.name"] = r.Text(1), ["case.number"] = r.Text(2), ["panel.result"] = r.Text(3) switch { "passed" => "评审通过", "failed" => "评审未通过", _ => null },
            }, cancellationToken, caseId);
        if (values is null)
            return null;
        foreach (var data in await database.QueryAsync("select data::text from approvals.case_data where case_id = $1 order by phase", r => r.GetString(0), cancellationToken, caseId))
        {
            using var document = JsonDocument.Parse(data);
            foreach (var field in document.RootElement.EnumerateObject())
                if (field.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
                    values[$"data.{field.Name}"] = field.Value.ToString();
        }
        return values;
    }
}
