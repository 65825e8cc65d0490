using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Materials.Samples;

/// <summary>
/// Puts the materials that a sample application names into its applicant's library, or its employer's, so that it can be filed as its file says. A file
/// field of a sample names the material by its id.
/// </summary>
public sealed class SampleMaterials(NpgsqlDataSource database, MaterialStore store, BusinessClock clock)
{
    /// <summary>Those of all samples of a service. What a library has already, or had, is left as it is.</summary>
    /// <returns>How many are new.</returns>
    public async Task<int> KeepAsync(ServicePackage package, CancellationToken cancellationToken)
    {
        var all = package.Samples.SelectMany(s => Of(package, s)).DistinctBy(m => m.Id).ToArray();
        var known = (await database.QueryAsync("select id from approvals.materials where id = any($1)", r => r.GetGuid(0), cancellationToken, (object)all.Select(m => m.Id).ToArray())).ToHashSet();
        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        var missing = all.Where(m => !known.Contains(m.Id)).ToArray();
        foreach (var material in missing.DistinctBy(m => m.Hash))
            places[material.Hash] = await PlaceAsync(material, cancellationToken);
        return await RecordAsync(database, missing, places, clock, cancellationToken);
    }

    /// <summary>The materials of a sample, named as the service names them. The same sample has the same ones everywhere.</summary>
    internal static IReadOnlyList<SampleMaterial> Of(ServicePackage package, ServiceSample sample)
    {
        var materials = new List<SampleMaterial>();
        foreach (var files in sample.Materials.GroupBy(m => m.Key, m => m.FileId))
            if (package.Materials.Find(files.Key) is { } asked)
                materials.AddRange(files.Distinct(StringComparer.Ordinal).Select((file, at) =>
                {
                    var kind = asked.AllowedTypes.Contains(FileKinds.Pdf) ? FileKinds.Pdf : FileKinds.Png;
                    var name = at == 0 ? asked.Zh : $"{asked.Zh} {at + 1}";
                    var content = kind == FileKinds.Pdf ? SampleContents.Pdf($"示例材料：{name}（{package.Service.Zh}）") : SampleContents.Png(Shade($"{package.Service.Id}\n{files.Key}\n{at}"));
                    return new SampleMaterial(IdOf(package, sample, file), package.Service.Subject == CaseSubjects.Employer ? MaterialOwner.Employer : MaterialOwner.Person, sample.Applicant, name, kind, content);
                }));
        return materials;
    }

    /// <summary>The rows, for contents that are in these places.</summary>
    internal static async Task<int> RecordAsync(NpgsqlDataSource database, IReadOnlyCollection<SampleMaterial> materials, IReadOnlyDictionary<string, string> places, BusinessClock clock, CancellationToken cancellationToken)
    {
        if (materials.Count == 0)
            return 0;
        var contents = materials.DistinctBy(m => m.Hash).ToArray();
        return (await database.QueryAsync("""
            with contents as (
                insert into approvals.material_contents (hash, place, kind, size, width, height, used_at, scan_at)
                select c.hash, c.place, c.kind, c.size, c.side, c.side, $6, $6 from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::integer[]) c(hash, place, kind, size, side)
                on conflict (hash) do update set used_at = greatest(material_contents.used_at, excluded.used_at)
                returning hash)
            insert into approvals.materials (id, owner_kind, owner_id, name, hash, uploaded_at, uploaded_by, credential)
            select m.id, m.kind, case when m.kind = 'person' then m.owner else u.organisation_id end, m.name, c.hash, $11, m.owner, $12
            from unnest($7::uuid[], $8::text[], $9::text[], $10::text[], $13::text[]) m(id, owner, name, hash, kind) join contents c on c.hash = m.hash join approvals.users u on u.id = m.owner
            on conflict do nothing returning 1
            """, r => r.GetInt32(0), cancellationToken,
            contents.Select(c => c.Hash).ToArray(), contents.Select(c => places[c.Hash]).ToArray(), contents.Select(c => c.Kind).ToArray(), contents.Select(c => (long)c.Content.Length).ToArray(),
            new NpgsqlParameter { Value = contents.Select(c => c.Kind == FileKinds.Png ? (int?)SampleContents.Side : null).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer }, clock.Machine.GetUtcNow(),
            materials.Select(m => m.Id).ToArray(), materials.Select(m => m.Owner).ToArray(), materials.Select(m => m.Name).ToArray(), materials.Select(m => m.Hash).ToArray(), clock.Now, Actor.System.Credential,
            materials.Select(m => m.OwnerKind).ToArray())).Count;
    }

    private async Task<string> PlaceAsync(SampleMaterial material, CancellationToken cancellationToken)
    {
        if (await database.QueryAsync("select place from approvals.material_contents where hash = $1", r => r.GetString(0), cancellationToken, material.Hash) is [var place])
            return place;
        await using var incoming = store.Begin();
        await incoming.Content.WriteAsync(material.Content, cancellationToken);
        return await incoming.KeepAsync(material.Hash);
    }

    // A library keeps one content once: pictures for different materials are different.
    private static byte Shade(string of) => SHA256.HashData(Encoding.UTF8.GetBytes(of))[0];

    private static Guid IdOf(ServicePackage package, ServiceSample sample, string file) => Guid.TryParseExact(file, "D", out var id) ? id
        : new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{package.Service.Id}\n{sample.Applicant}\n{file}"))[..16]);
}

/// <summary>A material of a sample.</summary>
/// <param name="OwnerKind">Whose library it is in: the applicant's, or the one of the employer that the case is about.</param>
/// <param name="Owner">Id of the applicant.</param>
internal sealed record SampleMaterial(Guid Id, string OwnerKind, string Owner, string Name, string Kind, byte[] Content)
{
    public string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(Content));
}
