using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>What the personal fields of a case are sealed with.</summary>
public sealed record CaseSeal(Form Form, KeyRing Ring);

/// <summary>The form data of cases: sealed before it is written, opened when it was read.</summary>
/// <remarks>Source: R-AUD-2; docs/adr/0031.</remarks>
public sealed class CaseVault(DataKeys keys, SealingStart start)
{
    /// <summary>All phases of the case <c>c</c> as one text, or null, for <see cref="OpenAsync"/>.</summary>
    internal const string Phases = """
        (select jsonb_object_agg(d.phase::text, jsonb_build_object('data', d.data, 'sealed', encode(d.sealed, 'base64'), 'key', d.key_id))::text from approvals.case_data d where d.case_id = c.id)
        """;

    /// <summary>Version of the form that the first phase of the case <c>c</c> was saved with, or null.</summary>
    internal const string FormVersion = "(select f.form_version from approvals.case_data f where f.case_id = c.id and f.phase = 1)";

    /// <returns>Null: as long as a node of the release before runs, data is written as that one does.</returns>
    internal async ValueTask<CaseSeal?> SealAsync(Form form, CancellationToken cancellationToken) =>
        await start.HasBegunAsync(cancellationToken) ? new CaseSeal(form, await keys.RingAsync(0, cancellationToken)) : null;

    /// <summary>The data by phase, in the order of the phases.</summary>
    /// <exception cref="SealedValueException">A row was changed outside the product.</exception>
    internal async ValueTask<SortedDictionary<short, JsonElement>> OpenAsync(Guid caseId, string? phases, CancellationToken cancellationToken)
    {
        var data = new SortedDictionary<short, JsonElement>();
        if (phases is null)
            return data;
        var rows = JsonSerializer.Deserialize<Dictionary<string, Row>>(phases, JsonSerializerOptions.Web)!;
        var ring = rows.Values.Max(r => r.Key) is { } key ? await keys.OpeningAsync(key, cancellationToken) : null;
        foreach (var (name, row) in rows)
        {
            var phase = short.Parse(name, CultureInfo.InvariantCulture);
            data[phase] = row.Sealed is null ? row.Data : SealedPhase.Open(ring!, caseId, phase, row.Data, Convert.FromBase64String(row.Sealed));
        }
        return data;
    }

    private sealed record Row(JsonElement Data, string? Sealed, int? Key);
}
