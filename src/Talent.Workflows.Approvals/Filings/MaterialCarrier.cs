using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>
/// Carries materials into a case by themselves (自动带入): what the libraries of the applicant and the employer have of what is asked
/// for, and what the form's file fields name (R-CASE-4).
/// </summary>
public sealed class MaterialCarrier(NpgsqlDataSource database, MaterialProposer proposer, IOptions<MaterialOptions> options)
{
    /// <summary>Most materials that one step brings into a case; the rest is left to the applicant.</summary>
    private const int Most = 200;

    /// <param name="fill">Whether empty slots are filled from the libraries too; else only what the data names is taken.</param>
    /// <param name="from">Slots of this phase and later ones: those before were reviewed.</param>
    /// <param name="data">The whole form as it will be.</param>
    /// <returns>What isn't in the case yet. Nothing comes back into a slot that somebody has taken something out of.</returns>
    internal async Task<IReadOnlyList<TakenMaterial>> CarryAsync(Caller caller, MaterialList list, string applicant, string? employer, bool fill, int from, JsonElement data, FilingRecord record, CancellationToken cancellationToken)
    {
        var named = Named(list, from, data, record);
        var empty = !fill ? [] : list.Slots.Where(s => s.Field is null && s.Material.Phase >= from && (s.Material.When?.Holds(data) ?? true) && record.Materials.All(m => m.Slot != s.Key || !m.IsThere && m.RemovedBy is null)).ToArray();
        var taken = new List<TakenMaterial>();
        if (empty.Length > 0)
            foreach (var (place, view) in await proposer.FitsAsync(caller, applicant, employer, [.. empty.Select(s => s.Material)], cancellationToken))
                taken.Add(new TakenMaterial(empty[place - 1].Key, view.Id, Carried: true, new LibraryFile(view.Sha256, view.Name, view.Kind, view.Size, view.Scan)));
        if (named.Count > 0)
        {
            var files = await FindAsync(caller, applicant, employer, [.. named.Select(n => n.Material).Distinct()], cancellationToken);
            taken.AddRange(named.Where(n => files.ContainsKey(n.Material)).Select(n => new TakenMaterial(n.Slot, n.Material, Carried: true, files[n.Material])));
        }
        return taken.Count > Most ? taken[..Most] : taken;
    }

    /// <summary>The materials of these that the case may take with this user.</summary>
    internal async Task<IReadOnlyDictionary<Guid, LibraryFile>> FindAsync(Caller caller, string applicant, string? employer, Guid[] materials, CancellationToken cancellationToken) =>
        (await database.QueryAsync($"""
            select m.id, m.hash, m.name, c.kind, c.size, c.scan from {MaterialRows.From}
            where m.id = any($1) and m.deleted_at is null and c.scan <> 'found' and {FilingMaterials.Fits("$2", "$3")} and {MaterialRights.Reads("$4", "m.owner_kind", "m.owner_id", "$5", "$6")}
            """, r => (Id: r.GetGuid(0), File: new LibraryFile(r.GetString(1), r.GetString(2), r.GetString(3), r.GetInt64(4), r.GetString(5))), cancellationToken,
            materials, applicant, employer, caller.RequireUser(), caller.Organisations.OrNull(), caller.Roles.OrNull())).ToDictionary(m => m.Id, m => m.File);

    /// <summary>Whether only what was scanned and found clean is handed in.</summary>
    internal bool Scans => options.Value.Scans;

    private static List<(string Slot, Guid Material)> Named(MaterialList list, int from, JsonElement data, FilingRecord record) =>
        [.. list.References(data).Where(r => r.Slot.Material.Phase >= from && r.Material is not null).Select(r => (r.Slot.Key, Material: r.Material!.Value))
            .Distinct().Where(n => !record.There.Any(m => m.Slot == n.Key && m.Id == n.Material)).Take(Most)];
}
