using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Filings.Sources;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>A material in a case.</summary>
internal sealed record CaseMaterial
{
    public required string Slot { get; init; }
    public required Guid Id { get; init; }
    public required string Hash { get; init; }
    public required string Name { get; init; }
    public required string Kind { get; init; }

    /// <summary>In bytes.</summary>
    public required long Size { get; init; }
    public required string Scan { get; init; }
    public required short Rotation { get; init; }
    public required bool Carried { get; init; }
    public required DateTimeOffset AddedAt { get; init; }
    public required string AddedBy { get; init; }

    /// <summary>Versions of the case between which it is there; the second is the first without it.</summary>
    public required long AddedSeq { get; init; }

    /// <inheritdoc cref="AddedSeq"/>
    public required long? RemovedSeq { get; init; }

    /// <summary>Who took it out; null: nobody, or it went by itself.</summary>
    public required string? RemovedBy { get; init; }

    public FiledMaterial Filed => new(Slot, Id, new LibraryFile(Hash, Name, Kind, Size, Scan));

    public bool IsThere => RemovedSeq is null;

    public bool WasThere(long seq) => AddedSeq <= seq && (RemovedSeq is null || RemovedSeq > seq);
}

/// <summary>A material in a slot, whether it is in the case already or comes with the step.</summary>
internal sealed record FiledMaterial(string Slot, Guid Id, LibraryFile File);

/// <summary>A hand-in: what was in the case at that version was filed.</summary>
internal sealed record FiledHandIn(short Number, long Seq, short Phase, DateTimeOffset At, string By, int Materials, string Sha256);

/// <param name="By">The user who confirmed.</param>
internal sealed record GivenConfirmation(string Key, string TextSha256, DateTimeOffset At, string By);

/// <summary>A profile as the case has it, sealed.</summary>
internal sealed record KeptProfile(Guid Id, long Seq, Guid PersonId, long PersonVersion, int KeyId, byte[] Sealed, string Sha256, DateTimeOffset TakenAt, string TakenBy);

/// <summary>What a case carries besides its form, all that ever was.</summary>
internal sealed record FilingRecord(IReadOnlyList<CaseMaterial> Materials, IReadOnlyList<FiledHandIn> HandIns, IReadOnlyList<GivenConfirmation> Confirmations, KeptProfile? Profile)
{
    public static readonly FilingRecord Empty = new([], [], [], null);

    /// <summary>Where the values of the form as it is now came from.</summary>
    public SourceMap Sources { get; init; } = SourceMap.Empty;

    public IEnumerable<CaseMaterial> There => Materials.Where(m => m.IsThere);

    public FiledHandIn? LastHandIn => HandIns.Count == 0 ? null : HandIns[^1];
}

/// <summary>Reads the tables of <see cref="FilingPart"/>. Who may read is decided by those who ask.</summary>
internal static class FilingStore
{
    /// <remarks>
    /// Whoever builds a step on it has read the case's version before: whatever is written to these tables has made a new one, so that
    /// the step fails when this has changed.
    /// </remarks>
    public static async Task<FilingRecord> LoadAsync(NpgsqlDataSource database, Guid caseId, CancellationToken cancellationToken)
    {
        var snapshot = new Snapshot(database);
        var record = Add(snapshot, caseId);
        await snapshot.ReadAsync(cancellationToken);
        return record();
    }

    /// <summary>The same as part of a snapshot.</summary>
    public static Func<FilingRecord> Add(Snapshot snapshot, Guid caseId)
    {
        var materials = snapshot.Add("""
            select k.slot, k.material_id, k.hash, k.name, c.kind, c.size, c.scan, k.rotation, k.carried, k.added_at, k.added_by, k.added_seq, k.removed_seq, k.removed_by
            from approvals.case_materials k join approvals.material_contents c on c.hash = k.hash where k.case_id = $1 order by k.added_seq, k.name, k.material_id
            """, Material, caseId);
        var handIns = snapshot.Add("select number, seq, phase, at, by_user, materials, sha256 from approvals.case_handins where case_id = $1 order by number",
            r => new FiledHandIn(r.GetInt16(0), r.GetInt64(1), r.GetInt16(2), r.GetFieldValue<DateTimeOffset>(3), r.GetString(4), r.GetInt32(5), r.GetString(6)), caseId);
        var confirmations = snapshot.Add("select confirmation, text_sha256, at, by_user from approvals.case_confirmations where case_id = $1",
            r => new GivenConfirmation(r.GetString(0), r.GetString(1), r.GetFieldValue<DateTimeOffset>(2), r.GetString(3)), caseId);
        var profile = snapshot.Add("""
            select id, seq, person_id, person_version, key_id, sealed, sha256, taken_at, taken_by from approvals.case_profiles where case_id = $1 order by seq desc limit 1
            """, r => new KeptProfile(r.GetGuid(0), r.GetInt64(1), r.GetGuid(2), r.GetInt64(3), r.GetInt32(4), r.GetFieldValue<byte[]>(5), r.GetString(6), r.GetFieldValue<DateTimeOffset>(7), r.GetString(8)), caseId);
        var sources = snapshot.Add("select sources::text from approvals.case_sources where case_id = $1 and hand_in = 0", r => r.GetString(0), caseId);
        return () => new FilingRecord(materials, handIns, confirmations, profile.Count == 0 ? null : profile[0]) { Sources = SourceMap.Parse(sources.Count == 0 ? null : sources[0]) };
    }

    private static CaseMaterial Material(NpgsqlDataReader r) => new()
    {
        Slot = r.GetString(0),
        Id = r.GetGuid(1),
        Hash = r.GetString(2),
        Name = r.GetString(3),
        Kind = r.GetString(4),
        Size = r.GetInt64(5),
        Scan = r.GetString(6),
        Rotation = r.GetInt16(7),
        Carried = r.GetBoolean(8),
        AddedAt = r.GetFieldValue<DateTimeOffset>(9),
        AddedBy = r.GetString(10),
        AddedSeq = r.GetInt64(11),
        RemovedSeq = r.IsDBNull(12) ? null : r.GetInt64(12),
        RemovedBy = r.Text(13),
    };
}
