using System.Globalization;
using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>What is asked of a library.</summary>
/// <param name="Everybody">All libraries, for administrators; then person and employer are null.</param>
/// <param name="Name">A fragment of the name, or several with spaces between them: all have to be in it.</param>
/// <param name="Limit">1 to 200.</param>
public sealed record MaterialQuery(string? Person = null, string? Employer = null, bool Everybody = false, string? Name = null, string? Kind = null, string? Cursor = null, int Limit = 50);

/// <summary>Reads libraries, only for those who may (R-CASE-4).</summary>
public sealed class MaterialReader(NpgsqlDataSource database, MaterialStore store, Cursors cursors, Thumbnails thumbnails, IOptions<MaterialOptions> options, BusinessClock clock)
{
    private const int MostFragments = 5;

    /// <summary>The materials of a library, newest first.</summary>
    /// <exception cref="WorkflowException"><c>forbidden</c>, <c>invalid_request</c>.</exception>
    public async Task<Page<MaterialView>> ListAsync(Caller caller, MaterialQuery query, CancellationToken cancellationToken)
    {
        var user = query.Everybody ? caller.RequireAdministrator() : caller.RequireUser();
        var owner = query.Everybody && query.Person is null && query.Employer is null ? null : MaterialOwner.Of(query.Person, query.Employer, user);
        if (owner is not null)
            await MaterialRights.RequireAsync(database, caller, owner, writes: false, cancellationToken);
        if (query.Kind is not null && !MaterialList.KnownTypes.Contains(query.Kind))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"The parameter 'kind' is one of {string.Join(", ", MaterialList.KnownTypes)}.", $"参数 kind 须为 {string.Join("、", MaterialList.KnownTypes)} 之一。");
        var list = $"materials|{owner?.Kind}|{owner?.Id}|{query.Kind}|{query.Name}";
        var (sql, parameters) = Select(owner, query, cursors.Read(list, query.Cursor));
        var limit = Math.Clamp(query.Limit, 1, 200);
        var rows = await database.QueryAsync($"{sql} limit {(limit + 1).ToString(CultureInfo.InvariantCulture)}", r => MaterialRows.Read(r, options.Value), cancellationToken, [.. parameters]);
        return rows.Count > limit
            ? new Page<MaterialView>(rows[..limit], cursors.Write(list, string.Create(CultureInfo.InvariantCulture, $"{rows[limit - 1].UploadedAt.UtcTicks}|{rows[limit - 1].Id}")))
            : new Page<MaterialView>(rows, null);
    }

    /// <summary>One material.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: there is none, it was deleted, or it is in no library of the caller's.</exception>
    public async Task<MaterialView> ReadAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        await database.SingleAsync($"""
            select {MaterialRows.Columns} from {MaterialRows.From}
            where m.id = $1 and m.deleted_at is null and {MaterialRights.Reads("$2", "m.owner_kind", "m.owner_id", "$3", "$4")}
            """, r => MaterialRows.Read(r, options.Value), cancellationToken, id, caller.RequireUser(), caller.Organisations.OrNull(), caller.Roles.OrNull())
        ?? throw MaterialRefusal.NotFound(id);

    /// <summary>
    /// A material's file, under the name 单位-姓名-材料名称 (R-CASE-3): of an employer's own, the person is who uploaded it. That
    /// somebody fetched another person's is recorded (R-AUD-2).
    /// </summary>
    /// <exception cref="WorkflowException"><c>not_found</c>; <c>wrong_state</c>: something was found in it, or it isn't scanned yet and somebody else uploaded it;
    /// <c>unavailable</c>: this node hasn't the file.</exception>
    public async Task<MaterialDownload> DownloadAsync(Caller caller, Guid id, CancellationToken cancellationToken) => (await OpenAsync(caller, id, cancellationToken)).File;

    /// <summary>A small picture of a picture, turned as it is to be shown; for whom and recorded as the file itself.</summary>
    /// <exception cref="WorkflowException">As of <see cref="DownloadAsync"/>; <c>invalid_request</c>: it is no picture; <c>busy</c>.</exception>
    public async Task<(byte[] Picture, string Tag)> ThumbnailAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var (file, view) = await OpenAsync(caller, id, cancellationToken);
        await using var content = file.Content;
        return FileKinds.IsImage(view.Kind) ? (await thumbnails.MakeAsync(content, view.Kind, view.Rotation, cancellationToken), string.Create(CultureInfo.InvariantCulture, $"{view.Sha256}-{view.Rotation}")) : throw MaterialRefusal.NoPicture();
    }

    private async Task<(MaterialDownload File, MaterialView View)> OpenAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var found = await database.SingleAsync($"""
            select {MaterialRows.Columns}, c.place, coalesce(o.name_zh, ''), coalesce(p.name, '') from {MaterialRows.From}
            left join approvals.users p on p.id = case m.owner_kind when 'person' then m.owner_id else m.uploaded_by end
            left join approvals.organisations o on o.id = case m.owner_kind when 'person' then p.organisation_id else m.owner_id end
            where m.id = $1 and m.deleted_at is null and {MaterialRights.Reads("$2", "m.owner_kind", "m.owner_id", "$3", "$4")}
            """, r => new { View = MaterialRows.Read(r, options.Value), Place = r.GetString(MaterialRows.Next), Employer = r.GetString(MaterialRows.Next + 1), Person = r.GetString(MaterialRows.Next + 2) },
            cancellationToken, id, user, caller.Organisations.OrNull(), caller.Roles.OrNull()) ?? throw MaterialRefusal.NotFound(id);
        var view = found.View;
        if (view.Scan == "found")
            throw MaterialRefusal.Found();
        if (!view.Usable && view.UploadedBy != user)
            throw MaterialRefusal.Unscanned();
        var content = store.Open(found.Place) ?? throw MaterialRefusal.Lost(id);
        try
        {
            if (view.Owner is { Kind: MaterialOwner.Person } owner && owner.Id != user)
                await database.QueryAsync("""
                    insert into approvals.material_reads (at, material_id, owner_kind, owner_id, hash, credential, user_id) values ($1, $2, $3, $4, $5, $6, $7) returning 1
                    """, r => r.GetInt32(0), cancellationToken, clock.Now, id, owner.Kind, owner.Id, view.Sha256, caller.Credential, user);
        }
        catch
        {
            await content.DisposeAsync();
            throw;
        }
        return (new MaterialDownload(content, FileKinds.MediaType(view.Kind), MaterialFileName.For(found.Employer, found.Person, view.Name, view.Kind), view.Sha256), view);
    }

    /// <summary>The statement of a list without its limit; each condition stands in it only when it is asked for, so that the planner sees what there is.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: the fragment is too long, or there are too many.</exception>
    internal static (string Sql, List<object> Parameters) Select(MaterialOwner? owner, MaterialQuery query, string? after)
    {
        var parameters = new List<object>();
        var conditions = new List<string> { "m.deleted_at is null" };
        if (owner is not null)
            conditions.Add($"m.owner_kind = {Of(owner.Kind)} and m.owner_id = {Of(owner.Id)}");
        foreach (var fragment in Fragments(query.Name))
        {
            var name = Of(fragment);
            conditions.Add($"m.grams @> approvals.fragment_grams({name}) and strpos(approvals.folded_name(m.name), approvals.folded_name({name})) > 0");
        }
        if (query.Kind is not null)
            conditions.Add($"c.kind = {Of(query.Kind)}");
        if (after?.Split('|') is [var ticks, var id])
            conditions.Add($"(m.uploaded_at, m.id) < ({Of(new DateTimeOffset(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero))}, {Of(Guid.Parse(id))})");
        return ($"select {MaterialRows.Columns} from {MaterialRows.From} where {string.Join(" and ", conditions)} order by m.uploaded_at desc, m.id desc", parameters);

        string Of(object value)
        {
            parameters.Add(value);
            return string.Create(CultureInfo.InvariantCulture, $"${parameters.Count}");
        }
    }

    private static string[] Fragments(string? name)
    {
        var fragments = (name ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToArray();
        return fragments.Length <= MostFragments && fragments.All(f => f.Length <= MaterialName.LongestFragment) ? fragments
            : throw new WorkflowException(ErrorCodes.InvalidRequest, $"The parameter 'name' takes up to {MostFragments} fragments of up to {MaterialName.LongestFragment} characters.",
                $"参数 name 最多 {MostFragments} 个关键词，每个不超过 {MaterialName.LongestFragment} 字。");
    }
}
