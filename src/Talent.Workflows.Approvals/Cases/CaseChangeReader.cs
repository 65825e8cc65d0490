using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Approvals.Reviews.Correcting;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>What a correction has changed between the return and its hand-in (R-REV-3).</summary>
/// <param name="HandedInAt">Null: nothing was corrected yet.</param>
/// <param name="Asked">What it was asked for; null: nothing was named.</param>
/// <param name="TaskId">The correction's task; null: there is none.</param>
public sealed record CaseChanges(DateTimeOffset? HandedInAt, CorrectionsView? Asked, IReadOnlyList<FieldChange> Fields, IReadOnlyList<MaterialChange> Materials, Guid? TaskId = null);

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

    /// <param name="task">The correction's task, or one whose decision led to it; null: the last that was handed in.</param>
    /// <exception cref="Engine.WorkflowException"><c>not_found</c>: there is no such case, or it doesn't concern the caller; or no such correction in it.</exception>
    public async Task<CaseChanges> ReadAsync(Caller caller, Guid caseId, Guid? task, CancellationToken cancellationToken)
    {
        await cases.RequireVisibleAsync(caller, caseId, cancellationToken);
        if (await cases.IsBlindAsync(caller, caseId, cancellationToken))
            return new CaseChanges(null, null, [], []);
        var found = await database.SingleAsync($"""
            select t.id, t.phase, t.decided_at, q.opened_seq, q.answered_seq, {Corrections.Of("t")}, c.service, {CaseVault.Phases}, {CaseVault.FormVersion}, {KeyLimits.Own("$3")}
            from approvals.cases c join approvals.correction_requests q on q.case_id = c.id join approvals.tasks t on t.id = q.task_id
            where c.id = $1 and case when $2 is null then q.answered_seq is not null else q.task_id = $2 or $2 = any(q.returns) end
            order by q.answered_seq desc nulls last, q.opened_seq desc limit 1
            """, r => new Found(r.GetGuid(0), r.GetInt16(1), r.Instant(2), r.GetInt64(3), r.IsDBNull(4) ? null : r.GetInt64(4), Corrections.Read(r.Text(5)), r.GetString(6), r.Text(7), r.Text(8), r.GetBoolean(9)),
            cancellationToken, caseId, task.OrNull(), caller.User);
        if (found is null)
            return task is { } asked ? throw CaseRefusal.NoCorrection(caseId, asked) : new CaseChanges(null, null, [], []);
        var package = await forms.SavedWithAsync(await services.GetAsync(found.Service, cancellationToken), found.Form, cancellationToken);
        var hidden = found.Own ? new HashSet<string>() : HiddenData.Fields(package.Form, [.. package.Service.Phases.SelectMany(p => p.Stages).Select(s => s.Key)]);
        if (found.AnsweredSeq is not { } answered)
            return new CaseChanges(null, found.Asked?.View(package, hidden), [], [], found.Task);
        var current = (await vault.OpenAsync(caseId, found.Phases, cancellationToken)).TryGetValue(found.Phase, out var now) ? now : JsonSerializer.SerializeToElement(new { });
        var (before, after) = (await PhaseBefore.AtAsync(database, keys, caseId, found.Phase, found.OpenedSeq, current, cancellationToken), await PhaseBefore.AtAsync(database, keys, caseId, found.Phase, answered, current, cancellationToken));
        return new CaseChanges(found.At, found.Asked?.View(package, hidden), [.. Of(package.Form, HiddenData.Without(before, hidden), HiddenData.Without(after, hidden)).Take(Most)],
            await MaterialsAsync(caseId, package.Materials, found.OpenedSeq, answered, cancellationToken), found.Task);
    }

    private async Task<IReadOnlyList<MaterialChange>> MaterialsAsync(Guid caseId, Materials.MaterialList list, long opened, long answered, CancellationToken cancellationToken)
    {
        var record = await FilingStore.LoadAsync(database, caseId, cancellationToken);
        return [.. record.Materials.Where(m => m.WasThere(opened) != m.WasThere(answered)).GroupBy(m => m.Slot).Select(g => new MaterialChange(g.Key, list.Slot(g.Key)?.Material.Zh ?? g.Key, list.Slot(g.Key)?.Material.En ?? g.Key,
            [.. g.Where(m => m.WasThere(answered)).Select(m => m.Name)], [.. g.Where(m => m.WasThere(opened)).Select(m => m.Name)]))];
    }

    /// <summary>The differences of two versions of a phase, in the order of the form. Compared in full, shown masked.</summary>
    internal static IEnumerable<FieldChange> Of(Form form, JsonElement before, JsonElement after)
    {
        var (maskedBefore, maskedAfter) = (MaskedData.Of(form, before), MaskedData.Of(form, after));
        foreach (var different in FormDifferences.Of(form, before, after))
        {
            var (zh, en) = different.Path.Label(form);
            yield return new FieldChange(different.Path.ToString(), zh, en, FormDifferences.At(maskedBefore, different.Path), FormDifferences.At(maskedAfter, different.Path));
        }
    }

    private sealed record Found(Guid Task, short Phase, DateTimeOffset? At, long OpenedSeq, long? AnsweredSeq, Corrections? Asked, string Service, string? Phases, string? Form, bool Own);
}
