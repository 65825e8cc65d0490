using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>What a new case would take over from the libraries: uploaded materials are carried into cases by themselves (R-CASE-4).</summary>
public sealed class MaterialProposer(NpgsqlDataSource database, ServiceCatalogue services, IOptions<MaterialOptions> options)
{
    /// <param name="applicant">Id of the applicant; null: the acting user.</param>
    /// <returns>For each material of the service, the applicant's newest files of that name; for a handler also their employer's.</returns>
    /// <exception cref="WorkflowException"><c>not_found</c>: no such service; <c>forbidden</c>.</exception>
    public async Task<MaterialProposals> ForAsync(Caller caller, string service, string? applicant, CancellationToken cancellationToken)
    {
        caller.RequireService(service);
        var user = caller.RequireUser();
        var requirements = (await services.GetAsync(service, cancellationToken)).Materials.Requirements;
        var owner = MaterialOwner.Of(applicant, null, user);
        await MaterialRights.RequireAsync(database, caller, owner, writes: false, cancellationToken);
        var items = requirements.Items;
        var found = await FitsAsync(caller, owner.Id, null, items, cancellationToken);
        var views = found.ToLookup(f => f.Place, f => f.View);
        return new MaterialProposals
        {
            WarningZh = requirements.WarningZh,
            WarningEn = requirements.WarningEn,
            Items = [.. items.Select((item, place) => new MaterialProposal(item.Key, item.Zh, item.En, item.Phase, item.Required, item.When is not null, [.. views[place + 1]]))],
        };
    }

    /// <summary>For each material asked for, what the libraries of a person and of an employer have of it, as far as the acting user may read them.</summary>
    /// <param name="employer">Null: where the person is.</param>
    /// <returns>With the place in the list, from 1.</returns>
    internal Task<List<(int Place, MaterialView View)>> FitsAsync(Caller caller, string person, string? employer, IReadOnlyList<MaterialRequirement> items, CancellationToken cancellationToken) =>
        database.QueryAsync($"""
            select f.*, w.place from unnest($1::text[], $2::text[], $3::bigint[], $4::integer[]) with ordinality w(name, kinds, bytes, most, place)
            cross join lateral (
                select {MaterialRows.Columns}, approvals.folded_name(m.name) = approvals.folded_name(w.name) as exact from {MaterialRows.From}
                where m.deleted_at is null and {MaterialRows.Usable(options.Value)} and c.kind = any(string_to_array(w.kinds, ',')) and c.size <= w.bytes
                    and m.grams @> approvals.fragment_grams(w.name) and strpos(approvals.folded_name(m.name), approvals.folded_name(w.name)) > 0
                    and (m.owner_kind = 'person' and m.owner_id = $5
                        or m.owner_kind = 'employer' and m.owner_id = coalesce($9, (select p.organisation_id from approvals.users p where p.id = $5)))
                    and {MaterialRights.Reads("$6", "m.owner_kind", "m.owner_id", "$7", "$8")}
                order by exact desc, m.uploaded_at desc, m.id desc limit w.most) f
            order by w.place, f.exact desc, f.uploaded_at desc, f.id desc
            """, r => (Place: (int)r.GetInt64(MaterialRows.Next + 1), View: MaterialRows.Read(r, options.Value)), cancellationToken,
            items.Select(i => i.Zh).ToArray(), items.Select(i => string.Join(',', i.AllowedTypes)).ToArray(), items.Select(i => i.MaxMegabytes * (1L << 20)).ToArray(), items.Select(i => i.MaxFiles).ToArray(),
            person, caller.RequireUser(), caller.Organisations.OrNull(), caller.Roles.OrNull(), employer);
}
