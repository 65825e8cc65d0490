using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Correcting;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>What the last correction that was handed in has changed (R-REV-3).</summary>
/// <param name="HandedInAt">Null: nothing was corrected yet.</param>
/// <param name="Asked">What it was asked for; null: nothing was named.</param>
public sealed record CaseChanges(DateTimeOffset? HandedInAt, CorrectionsView? Asked, IReadOnlyList<FieldChange> Fields, IReadOnlyList<MaterialChange> Materials);

/// <param name="Path">As in form errors: <c>school</c>, <c>work[0].from</c>, or <c>work[1]</c> for a whole row.</param>
/// <param name="Old">Masked as case data is; null: there was nothing.</param>
/// <param name="New">The same; null: there is nothing.</param>
public sealed record FieldChange(string Path, string Zh, string En, JsonElement? Old, JsonElement? New);

/// <summary>Names of files that came and went in a slot.</summary>
public sealed record MaterialChange(string Slot, string Zh, string En, IReadOnlyList<string> Added, IReadOnlyList<string> Removed);

/// <summary>Reads what a correction changed.</summary>
public sealed class CaseChangeReader(NpgsqlDataSource database, CaseReader cases, ServiceCatalogue services, FormVersions forms, CaseVault vault, DataKeys keys)
{
    private const int Most = 500;

    /// <exception cref="Engine.WorkflowException"><c>not_found</c>: there is no such case, or it doesn't concern the caller.</exception>
    public async Task<CaseChanges> ReadAsync(Caller caller, Guid caseId, CancellationToken cancellationToken)
    {
        await cases.RequireVisibleAsync(caller, caseId, cancellationToken);
        var found = await database.SingleAsync($"""
            select c.service, t.id, t.decided_at, {Corrections.Of("t")}, b.phase, b.data::text, b.sealed, b.key_id, {CaseVault.Phases}, {CaseVault.FormVersion}, {KeyLimits.Own("$2")}
            from approvals.cases c left join lateral (
                select t.* from approvals.tasks t where t.case_id = c.id and t.id between approvals.first_task(c.id) and approvals.last_task(c.id)
                and t.kind = '{TaskKinds.Supplement}' and t.status = {TaskStatusCodes.Done} order by t.decided_at desc, t.opened_at desc limit 1) t on true
            left join approvals.case_data_before b on b.task_id = t.id
            where c.id = $1 limit 1
            """, r => new { Service = r.GetString(0), Task = r.IsDBNull(1) ? (Guid?)null : r.GetGuid(1), At = r.Instant(2), Asked = r.Text(3), Phase = r.IsDBNull(4) ? (short)0 : r.GetInt16(4), Data = r.Text(5),
                Sealed = r.IsDBNull(6) ? null : r.GetFieldValue<byte[]>(6), Key = r.IsDBNull(7) ? 0 : r.GetInt32(7), Phases = r.Text(8), Form = r.Text(9), Own = r.GetBoolean(10) }, cancellationToken, caseId, caller.User);
        if (found is not { Task: { } task, At: { } at } || await cases.IsBlindAsync(caller, caseId, cancellationToken))
            return new CaseChanges(null, null, [], []);
        var package = await forms.SavedWithAsync(await services.GetAsync(found.Service, cancellationToken), found.Form, cancellationToken);
        var hidden = found.Own ? new HashSet<string>() : HiddenData.Fields(package.Form, [.. package.Service.Phases.SelectMany(p => p.Stages).Select(s => s.Key)]);
        var fields = new List<FieldChange>();
        if (found.Data is not null)
        {
            using var clear = JsonDocument.Parse(found.Data);
            var before = found.Sealed is null ? clear.RootElement : SealedPhase.Open(await keys.OpeningAsync(found.Key, cancellationToken), task, found.Phase, clear.RootElement, found.Sealed, SealedPhase.Before);
            // What is being corrected at this moment isn't handed in yet: then the state before that counts.
            var after = await UnderWayAsync(caseId, found.Phase, at, cancellationToken) ?? ((await vault.OpenAsync(caseId, found.Phases, cancellationToken)).TryGetValue(found.Phase, out var now) ? now : JsonSerializer.SerializeToElement(new { }));
            fields.AddRange(Of(package.Form, HiddenData.Without(before, hidden), HiddenData.Without(after, hidden)).Take(Most));
        }
        return new CaseChanges(at, Corrections.Read(found.Asked)?.View(package), fields, await MaterialsAsync(caseId, package.Materials, cancellationToken));
    }

    private async Task<JsonElement?> UnderWayAsync(Guid caseId, short phase, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var row = await database.SingleAsync("""
            select b.task_id, b.data::text, b.sealed, b.key_id from approvals.case_data_before b join approvals.tasks t on t.id = b.task_id
            where b.case_id = $1 and b.phase = $2 and t.status < 2 and t.opened_at >= $3 order by t.opened_at limit 1
            """, r => new { Task = r.GetGuid(0), Data = r.GetString(1), Sealed = r.IsDBNull(2) ? null : r.GetFieldValue<byte[]>(2), Key = r.GetInt32(3) }, cancellationToken, caseId, phase, since);
        if (row is null)
            return null;
        var data = JsonSerializer.Deserialize<JsonElement>(row.Data);
        return row.Sealed is null ? data : SealedPhase.Open(await keys.OpeningAsync(row.Key, cancellationToken), row.Task, phase, data, row.Sealed, SealedPhase.Before);
    }

    private async Task<IReadOnlyList<MaterialChange>> MaterialsAsync(Guid caseId, Materials.MaterialList list, CancellationToken cancellationToken)
    {
        var record = await FilingStore.LoadAsync(database, caseId, cancellationToken);
        if (record.HandIns is not [.., var before, var last])
            return [];
        return [.. record.Materials.Where(m => m.WasThere(before.Seq) != m.WasThere(last.Seq)).GroupBy(m => m.Slot).Select(g => new MaterialChange(g.Key, list.Slot(g.Key)?.Material.Zh ?? g.Key, list.Slot(g.Key)?.Material.En ?? g.Key,
            [.. g.Where(m => m.WasThere(last.Seq)).Select(m => m.Name)], [.. g.Where(m => m.WasThere(before.Seq)).Select(m => m.Name)]))];
    }

    /// <summary>The differences of two versions of a phase, in the order of the form. Compared in full, shown masked.</summary>
    internal static IEnumerable<FieldChange> Of(Form form, JsonElement before, JsonElement after)
    {
        var (maskedBefore, maskedAfter) = (MaskedData.Of(form, before), MaskedData.Of(form, after));
        foreach (var field in form.Definition.Steps.SelectMany(s => s.Fields))
        {
            var (old, now) = (FormData.Find(before, field.Key), FormData.Find(after, field.Key));
            if (Same(old, now))
                continue;
            var (shownOld, shownNow) = (FormData.Find(maskedBefore, field.Key), FormData.Find(maskedAfter, field.Key));
            if (field is not { Type: FieldType.Group, Fields: { } inner } || old is { ValueKind: not JsonValueKind.Array } || now is { ValueKind: not JsonValueKind.Array })
            {
                yield return Change(field.Key, shownOld, shownNow);
                continue;
            }
            for (var row = 0; row < Math.Max(Rows(old), Rows(now)); row++)
            {
                var (oldRow, newRow) = (Row(old, row), Row(now, row));
                if (Same(oldRow, newRow))
                    continue;
                if (oldRow is null || newRow is null)
                    yield return Change($"{field.Key}[{row}]", Row(shownOld, row), Row(shownNow, row));
                else
                    foreach (var part in inner)
                        if (!Same(FormData.Find(oldRow, part.Key), FormData.Find(newRow, part.Key)))
                            yield return Change($"{field.Key}[{row}].{part.Key}", FormData.Find(Row(shownOld, row), part.Key), FormData.Find(Row(shownNow, row), part.Key));
            }
        }

        FieldChange Change(string path, JsonElement? old, JsonElement? now)
        {
            var (zh, en) = Corrections.Label(form, path);
            return new FieldChange(path, zh, en, old, now);
        }
    }

    private static bool Same(JsonElement? a, JsonElement? b) => (a, b) switch
    {
        ({ } x, { } y) => JsonElement.DeepEquals(x, y),
        (null, null) => true,
        ({ } x, null) => FormData.IsEmpty(x),
        (null, { } y) => FormData.IsEmpty(y),
    };

    private static int Rows(JsonElement? group) => group is { ValueKind: JsonValueKind.Array } rows ? rows.GetArrayLength() : 0;

    private static JsonElement? Row(JsonElement? group, int row) => row < Rows(group) ? group!.Value[row] : null;
}
