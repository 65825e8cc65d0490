using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Filings.Recognitions;
using Talent.Workflows.Approvals.Filings.Sources;

namespace Talent.Workflows.Approvals.Filings;

/// <summary>What a step does with that which a case carries besides its form; goes to the domain's tables (<see cref="FilingPart"/>).</summary>
internal sealed record FilingWrite
{
    /// <summary>Whose materials a case may take: its applicant's, and its employer's.</summary>
    public required string ApplicantId { get; init; }

    /// <summary>Null: the case is no employer's.</summary>
    public required string? EmployerId { get; init; }

    /// <summary>Materials that come into the case: each must still be in a library that the user may take it from, or the step is refused.</summary>
    public IReadOnlyList<TakenMaterial> Taken { get; init; } = [];

    /// <summary>Materials that leave it.</summary>
    public IReadOnlyList<DroppedMaterial> Dropped { get; init; } = [];

    public HandIn? HandIn { get; init; }
    public TakenProfile? Profile { get; init; }
    public Confirmed? Confirmed { get; init; }

    /// <summary>Where the values of the form came from, after the step; null: as before.</summary>
    public SourceWrite? Sources { get; init; }

    /// <summary>What it does with recognitions of materials; null: nothing.</summary>
    public RecognitionWrite? Recognition { get; init; }

    /// <summary>Whether only what is scanned and clean may be handed in.</summary>
    public bool Scans { get; init; }

    /// <summary>For the audit: digests and counts, no names. Null: nothing of it concerns the audit.</summary>
    internal JsonObject? Audit
    {
        get
        {
            var audit = new JsonObject();
            if (Taken.Count > 0)
                audit["taken"] = new JsonObject { ["count"] = Taken.Count, ["sha256"] = MaterialDigest.Of(Taken.Select(t => (t.Slot, t.Material, t.Hash))) };
            if (Dropped.Count > 0)
                audit["dropped"] = new JsonObject { ["count"] = Dropped.Count, ["sha256"] = MaterialDigest.Of(Dropped.Select(d => (d.Slot, d.Material, d.Hash))) };
            if (HandIn is not null)
                audit["handIn"] = new JsonObject { ["number"] = HandIn.Number, ["materials"] = HandIn.Materials, ["sha256"] = HandIn.Sha256 };
            if (Profile is not null)
                audit["profile"] = new JsonObject { ["sha256"] = Profile.Sha256 };
            if (Confirmed is not null)
                audit["confirmed"] = new JsonObject { ["key"] = Confirmed.Key, ["textSha256"] = Confirmed.TextSha256 };
            if (Sources is not null)
                audit["sources"] = new JsonObject { ["sha256"] = Sources.Sha256 };
            if (Recognition is RecognitionWrite.Asked asked)
                audit["reading"] = new JsonObject { ["id"] = asked.Id, ["slot"] = asked.Slot, ["material"] = asked.Material, ["rotation"] = asked.Rotation, ["replaces"] = asked.Replaces };
            else if (Recognition is RecognitionWrite.Ended ended)
                audit["reading"] = new JsonObject { ["id"] = ended.Id, ["state"] = ended.State, ["sha256"] = ended.Content?.Sha256 };
            else if (Recognition is RecognitionWrite.Cancelled cancelled)
                audit["reading"] = new JsonObject { ["id"] = cancelled.Id, ["state"] = RecognitionStates.Cancelled };
            return audit.Count == 0 ? null : audit;
        }
    }
}

/// <param name="Carried">By itself, not because somebody said so.</param>
/// <param name="File">What it is, as the check of a hand-in needs it.</param>
internal sealed record TakenMaterial(string Slot, Guid Material, bool Carried, LibraryFile File)
{
    public string Hash => File.Hash;
}

/// <summary>A material of a library, as far as cases need it.</summary>
/// <param name="Size">In bytes.</param>
internal sealed record LibraryFile(string Hash, string Name, string Kind, long Size, string Scan);

/// <param name="By">The user; null: by itself, because nothing asks for it any more.</param>
internal sealed record DroppedMaterial(string Slot, Guid Material, string Hash, string? By);

/// <summary>The applicant hands in: what is in the case then is what was filed.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Slots">Slots of the phase that is handed in: what is in them must be without a find.</param>
internal sealed record HandIn(short Number, short Phase, IReadOnlyList<string> Slots, int Materials, string Sha256);

/// <summary>A profile as a row will hold it.</summary>
internal sealed record TakenProfile(Guid Id, Guid PersonId, long PersonVersion, int KeyId, byte[] Sealed, string Sha256);

/// <param name="TextSha256">Of the text that was confirmed.</param>
internal sealed record Confirmed(string Key, string TextSha256);

/// <summary>The digest of a set of materials: SHA-256 over its lines "slot, id, SHA-256 of the content", in their order.</summary>
internal static class MaterialDigest
{
    public static string Of(IEnumerable<(string Slot, Guid Material, string Hash)> materials) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', materials.Select(m => $"{m.Slot}\t{m.Material}\t{m.Hash}").Order(StringComparer.Ordinal)))));
}
