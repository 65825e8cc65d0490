using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Filings.Sources;
using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Approvals.Filings.Recognitions;

/// <summary>Where a recognition stands.</summary>
internal static class RecognitionStates
{
    /// <summary>The service hasn't answered yet; nothing waits for it.</summary>
    public const string Pending = "pending";

    /// <summary>Something was read that the form can have.</summary>
    public const string Read = "read";

    /// <summary>Nothing was.</summary>
    public const string Nothing = "nothing";

    /// <summary>The service doesn't take the picture.</summary>
    public const string Refused = "refused";

    /// <summary>取消识别: whoever fills in the form types.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The case was handed in, or the material taken out, before the answer came.</summary>
    public const string Lapsed = "lapsed";

    public static Worded Word(string state) => state switch
    {
        Pending => new(state, "正在识别或获取，可先手动填写", "under way; you can type meanwhile"),
        Read => new(state, "已完成，请核对", "done; check it"),
        Nothing => new(state, "没有可用内容，请手动填写", "nothing was found; type it"),
        Refused => new(state, "对方不受理，请手动填写", "the service doesn't take it; type it"),
        Cancelled => new(state, "已取消识别，请手动填写", "cancelled; type it"),
        Lapsed => new(state, "识别结果未采用：材料已移除或业务已提交", "not used: the material was taken out, or the case was handed in"),
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a state."),
    };
}

/// <summary>A material that was given to be read. What was read is sealed.</summary>
internal sealed record CaseRecognition
{
    /// <summary>What other offices know of the applicant.</summary>
    public const string SharedRecords = "shared-records";

    public const string Columns = "id, slot, material_id, kind, rotation, replaces, state, asked_at, asked_by, ended_at, key_id, sealed";

    /// <summary>What is stored says "reading" (table, source map, audit, outbox): rows are sealed under the name of their table.</summary>
    internal static readonly SealedTable Table = new("case_readings", "id", null, ["sealed"]);

    public required Guid Id { get; init; }

    /// <summary>The material; null: other offices are asked.</summary>
    public required string? Slot { get; init; }

    /// <inheritdoc cref="Slot"/>
    public required Guid? Material { get; init; }

    /// <summary>A kind of document, or <see cref="SharedRecords"/>.</summary>
    public required string Kind { get; init; }
    public required short Rotation { get; init; }

    /// <summary>重新获取: it takes the place of what is in the form.</summary>
    public required bool Replaces { get; init; }
    public required string State { get; init; }
    public required DateTimeOffset AskedAt { get; init; }
    public required string AskedBy { get; init; }
    public required DateTimeOffset? EndedAt { get; init; }
    public required int? KeyId { get; init; }
    public required byte[]? Sealed { get; init; }

    public static CaseRecognition From(NpgsqlDataReader r) => new()
    {
        Id = r.GetGuid(0),
        Slot = r.Text(1),
        Material = r.IsDBNull(2) ? null : r.GetGuid(2),
        Kind = r.GetString(3),
        Rotation = r.GetInt16(4),
        Replaces = r.GetBoolean(5),
        State = r.GetString(6),
        AskedAt = r.GetFieldValue<DateTimeOffset>(7),
        AskedBy = r.GetString(8),
        EndedAt = r.Instant(9),
        KeyId = r.IsDBNull(10) ? null : r.GetInt32(10),
        Sealed = r.IsDBNull(11) ? null : r.GetFieldValue<byte[]>(11),
    };

    /// <summary>What was read; null: nothing yet.</summary>
    /// <exception cref="SealedValueException">The row was changed outside the product.</exception>
    public async Task<RecognitionContent?> OpenAsync(DataKeys keys, CancellationToken cancellationToken) => Sealed is null ? null
        : JsonSerializer.Deserialize<RecognitionContent>((await keys.RingAsync(KeyId!.Value, cancellationToken)).Open(Sealed, Table.At("sealed", Id)), JsonSerializerOptions.Web);
}

/// <summary>What a recognition said, and what became of it. Personal, all of it.</summary>
/// <param name="Said">As the service put it.</param>
/// <param name="Fields">What of it fits the form: path → value.</param>
/// <param name="Filled">The paths that were filled in with it.</param>
/// <param name="Replaced">What stood there before (重新获取).</param>
internal sealed record RecognitionContent(IReadOnlyList<SaidField> Said, IReadOnlyDictionary<string, string> Fields, IReadOnlyList<string> Filled, IReadOnlyDictionary<string, string> Replaced)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => $"{Said.Count} fields";

    public SealedRecognition Seal(Guid id, KeyRing ring)
    {
        var json = CanonicalJson.Of(JsonSerializer.Serialize(this, JsonSerializerOptions.Web));
        return new SealedRecognition(ring.Current, ring.Seal(json, CaseRecognition.Table.At("sealed", id)), Digest.Of(json));
    }
}

/// <param name="Confidence">From 0 to 1, as the service puts it.</param>
internal sealed record SaidField(string Name, string Value, double Confidence);

/// <param name="Sha256">Of the canonical JSON.</param>
internal sealed record SealedRecognition(int KeyId, byte[] Sealed, string Sha256);
