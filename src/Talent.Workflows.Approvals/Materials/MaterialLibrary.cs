using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Materials.Contents;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>An upload: the material, and whether it is new in its library.</summary>
public sealed record UploadReceipt(MaterialView Material, bool Created);

/// <summary>附件管理: takes materials into libraries, and renames, turns and deletes them (R-CASE-4).</summary>
public sealed class MaterialLibrary(NpgsqlDataSource database, MaterialStore store, MaterialReader reader, IOptions<MaterialOptions> options, BusinessClock clock) : IDisposable
{
    private const int PieceBytes = 1 << 16;
    private const int Attempts = 2;

    private readonly SemaphoreSlim turns = new(options.Value.ConcurrentUploads);

    /// <summary>
    /// Takes a file as it comes, and records it only if it is whole, of a kind and size that is taken, and the caller may still
    /// do it when it is there. Anything else leaves nothing. What the library holds already is told and isn't kept twice.
    /// </summary>
    /// <param name="fileName">What it is called: the material's name, with or without the file's extension.</param>
    /// <param name="declaredBytes">What the request says its size is; null: it doesn't.</param>
    /// <param name="recheck">Whether the credential still holds, asked when everything has arrived.</param>
    /// <exception cref="WorkflowException"><c>forbidden</c>; <c>invalid_form</c>: name or content; <c>too_large</c>; <c>busy</c>; <c>conflict</c>: the library is full; <c>wrong_state</c>: the
    /// scan has found something in this content; <c>idempotency_key_reused</c>; <c>invalid_request</c>: it took too long.</exception>
    public async Task<UploadReceipt> UploadAsync(Caller caller, MaterialOwner owner, string? fileName, Stream body, long? declaredBytes, Idempotency? idempotency,
        Func<CancellationToken, Task> recheck, CancellationToken cancellationToken)
    {
        if (!MaterialName.TryParse(fileName, out var name, out var fault))
            throw MaterialRefusal.Of(fault!);
        if (declaredBytes is 0)
            throw MaterialRefusal.Of(ContentCheck.Empty);
        if (declaredBytes > options.Value.MaxAnyBytes)
            throw MaterialRefusal.TooLarge(options.Value.MaxAnyBytes);
        await MaterialRights.RequireAsync(database, caller, owner, writes: true, cancellationToken);
        if (!await turns.WaitAsync(TimeSpan.Zero, cancellationToken))
            throw MaterialRefusal.Busy();
        try
        {
            using var late = new CancellationTokenSource(TimeSpan.FromMinutes(options.Value.UploadMinutes), clock.Machine);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
            await using var incoming = store.Begin();
            var (hash, size) = await ReceiveAsync(body, incoming.Content, either.Token, late.Token);
            await incoming.Content.FlushAsync(cancellationToken);
            var check = ContentCheck.Of(incoming.Content, options.Value);
            if (check.Fault is not null)
                throw MaterialRefusal.Of(check.Fault);
            var id = RowIds.Of("material", idempotency, clock.Now);
            if (idempotency is not null && await EarlierAsync(id, owner, hash, cancellationToken) is { } earlier)
                return new UploadReceipt(earlier, Created: true);
            await recheck(cancellationToken);
            return await RecordAsync(caller, owner, id, name, check, size, hash, await incoming.KeepAsync(hash), cancellationToken);
        }
        finally
        {
            turns.Release();
        }
    }

    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_form</c>.</exception>
    public Task<MaterialView> RenameAsync(Caller caller, Guid id, string? name, CancellationToken cancellationToken) =>
        MaterialName.TryParse(name, out var wanted, out var fault) ? ChangeAsync(caller, id, "m.deleted_at is null", "name = $5, changed_at = $6, changed_by = $1", cancellationToken, wanted, clock.Now)
            : throw MaterialRefusal.Of(fault!);

    /// <summary>Says how a picture is to be shown. Its content stays as it was uploaded.</summary>
    /// <param name="degrees">Clockwise, from how it was uploaded: 0, 90, 180 or 270.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_request</c>, <c>wrong_state</c>: it is no picture.</exception>
    public async Task<MaterialView> RotateAsync(Caller caller, Guid id, int degrees, CancellationToken cancellationToken)
    {
        if (degrees is not (0 or 90 or 180 or 270))
            throw new WorkflowException(ErrorCodes.InvalidRequest, "A picture is turned by 0, 90, 180 or 270 degrees clockwise.", "旋转角度须为0、90、180或270度（顺时针）。");
        if (!FileKinds.IsImage((await reader.ReadAsync(caller, id, cancellationToken)).Kind))
            throw new WorkflowException(ErrorCodes.WrongState, $"Material {id} is a document; only pictures are turned.", "只有图片可以旋转。");
        return await ChangeAsync(caller, id, "m.deleted_at is null", "rotation = $5, changed_at = $6, changed_by = $1", cancellationToken, (short)degrees, clock.Now);
    }

    /// <summary>Takes it out of the library; a second time changes nothing. What was taken over from it stays.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>.</exception>
    public async Task DeleteAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        await ChangeAsync(caller, id, "true", "deleted_at = coalesce(m.deleted_at, $5), deleted_by = coalesce(m.deleted_by, $1)", cancellationToken, clock.Now);

    public void Dispose() => turns.Dispose();

    /// <summary>Writes it down piece by piece, up to what its kind may have; what is no kind that is taken ends with its first bytes.</summary>
    private async Task<(string Hash, long Size)> ReceiveAsync(Stream body, Stream into, CancellationToken stop, CancellationToken late)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            var size = 0L;
            var filled = await body.ReadAtLeastAsync(piece.AsMemory(0, PieceBytes), FileKinds.HeadBytes, throwOnEndOfStream: false, stop);
            if (filled == 0)
                throw MaterialRefusal.Of(ContentCheck.Empty);
            var kind = FileKinds.Of(piece.AsSpan(0, filled)) ?? throw MaterialRefusal.Of(ContentCheck.Unknown);
            for (var most = options.Value.MaxBytes(kind); filled > 0; filled = await body.ReadAsync(piece.AsMemory(0, PieceBytes), stop))
            {
                size += filled;
                if (size > most)
                    throw MaterialRefusal.TooLarge(most);
                hash.AppendData(piece, 0, filled);
                await into.WriteAsync(piece.AsMemory(0, filled), stop);
            }
            return (Convert.ToHexStringLower(hash.GetHashAndReset()), size);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            throw MaterialRefusal.Slow(options.Value.UploadMinutes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece, clearArray: true);
        }
    }

    /// <summary>What the same request made before; null: nothing yet.</summary>
    private async Task<MaterialView?> EarlierAsync(Guid id, MaterialOwner owner, string hash, CancellationToken cancellationToken) =>
        await database.SingleAsync($"select {MaterialRows.Columns} from {MaterialRows.From} where m.id = $1", r => MaterialRows.Read(r, options.Value), cancellationToken, id) is not { } earlier ? null
        : earlier.Owner == owner && earlier.Sha256 == hash ? earlier
        : throw new WorkflowException(ErrorCodes.IdempotencyKeyReused, "This idempotency key was used for another upload. Use a new one.", "此幂等键已用于另一次上传，请更换。");

    /// <summary>
    /// One statement: whether the caller may, whether the library has room and hasn't this content, and the rows. Whoever lost
    /// their rights while they sent the file is refused by it.
    /// </summary>
    private async Task<UploadReceipt> RecordAsync(Caller caller, MaterialOwner owner, Guid id, string name, ContentCheck check, long size, string hash, string place, CancellationToken cancellationToken)
    {
        var used = false;
        for (var attempt = 1; ; attempt++)
        {
            // When no answer comes, nobody knows whether it was recorded: then the place stays, for the clean-up to decide by the rows.
            var answer = (await database.QueryAsync($"""
                with request as (
                    select {MaterialRights.Writes("$1", "$2", "$3", "$4", "$5")} as allowed,
                        (select m.id from approvals.materials m where m.owner_kind = $2 and m.owner_id = $3 and m.hash = $6 and m.deleted_at is null) as same,
                        exists (select from approvals.material_contents c where c.hash = $6 and c.scan = 'found') as found,
                        (select count(*) from approvals.materials m where m.owner_kind = $2 and m.owner_id = $3 and m.deleted_at is null) >= $7 as full_up),
                content as (
                    insert into approvals.material_contents (hash, place, kind, size, width, height, used_at, scan_at)
                    select $6, $8, $9, $10, $11, $12, $13, $13 from request r where r.allowed and r.same is null and not r.found and not r.full_up
                    on conflict (hash) do update set used_at = greatest(material_contents.used_at, excluded.used_at)
                    returning hash, place),
                recorded as (
                    insert into approvals.materials (id, owner_kind, owner_id, name, hash, uploaded_at, uploaded_by, credential)
                    select $14, $2, $3, $15, c.hash, $16, $1, $17 from content c
                    on conflict do nothing
                    returning id)
                select r.allowed, r.same, r.found, r.full_up, (select place from content), (select id from recorded) from request r
                """, r => new { Allowed = r.GetBoolean(0), Same = r.IsDBNull(1) ? (Guid?)null : r.GetGuid(1), Found = r.GetBoolean(2), Full = r.GetBoolean(3), Place = r.Text(4), Recorded = !r.IsDBNull(5) },
                cancellationToken, caller.RequireUser(), owner.Kind, owner.Id, caller.Organisations.OrNull(), caller.Roles.OrNull(), hash, (long)options.Value.MaxPerOwner, place, check.Kind, size,
                check.Width ?? (object)new Sql.Null(NpgsqlDbType.Integer), check.Height ?? (object)new Sql.Null(NpgsqlDbType.Integer), clock.Machine.GetUtcNow(), id, name, clock.Now, caller.Credential))[0];
            used |= answer.Place == place;
            // Somebody else recorded the same in this library at the same instant: it is there now.
            if (answer is { Allowed: true, Same: null, Found: false, Full: false, Recorded: false } && attempt < Attempts)
                continue;
            if (!used)
                store.Remove(place);
            if (!answer.Allowed)
                throw MaterialRights.Refusal(caller, owner);
            if (answer.Same is { } same)
                return new UploadReceipt(await reader.ReadAsync(caller, same, cancellationToken) with { Duplicate = true }, Created: false);
            if (answer.Found)
                throw MaterialRefusal.Found();
            if (answer.Full)
                throw MaterialRefusal.Full(options.Value.MaxPerOwner);
            return answer.Recorded ? new UploadReceipt(await reader.ReadAsync(caller, id, cancellationToken), Created: true)
                : throw new WorkflowException(ErrorCodes.Conflict, "The same file was uploaded at the same time. Read the library again.", "相同文件正在上传，请刷新后查看。");
        }
    }

    /// <param name="where">Which materials it can be done with.</param>
    /// <param name="set">What becomes of the row: $1 is the user, $5 and on are the values.</param>
    private async Task<MaterialView> ChangeAsync(Caller caller, Guid id, string where, string set, CancellationToken cancellationToken, params object[] values)
    {
        var user = caller.RequireUser();
        var changed = await database.QueryAsync($"""
            with m as (
                update approvals.materials m set {set} where m.id = $2 and {where} and {MaterialRights.Writes("$1", "m.owner_kind", "m.owner_id", "$3", "$4")} returning m.*)
            select {MaterialRows.Columns} from m join approvals.material_contents c on c.hash = m.hash
            """, r => MaterialRows.Read(r, options.Value), cancellationToken, [user, id, caller.Organisations.OrNull(), caller.Roles.OrNull(), .. values]);
        if (changed is [var view])
            return view;
        // It says whether there is none, or it is another's to change.
        throw MaterialRights.Refusal(caller, (await reader.ReadAsync(caller, id, cancellationToken)).Owner);
    }
}
