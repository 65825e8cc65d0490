using System.Collections.Frozen;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>The letters of a service, checked at load (R-DOC-1).</summary>
public sealed class LetterCatalogue
{
    private readonly FrozenDictionary<string, Letter> letters;

    internal LetterCatalogue(IEnumerable<Letter> letters, IReadOnlyDictionary<string, string> codes, IReadOnlyList<string> reissuedBy)
    {
        ReissuedBy = reissuedBy;
        All = [.. letters];
        this.letters = All.ToFrozenDictionary(l => l.Kind, StringComparer.Ordinal);
        Codes = codes;
    }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<Letter> All { get; }

    /// <summary>发文机关代字: id of an organisation → what stands in its numbers.</summary>
    public IReadOnlyDictionary<string, string> Codes { get; }

    /// <summary>Roles whose holders at the issuing office may have a letter issued again.</summary>
    public IReadOnlyList<string> ReissuedBy { get; }

    public Letter? Find(string kind) => letters.GetValueOrDefault(kind);
}

/// <summary>A letter that a service issues.</summary>
public sealed record Letter
{
    internal Letter(LetterBody zh, LetterBody en) => (BodyZh, BodyEn) = (zh, en);

    public required string Kind { get; init; }
    public required string Zh { get; init; }
    public required string En { get; init; }

    /// <summary>Null: issued by <see cref="IssueLetter"/> alone.</summary>
    public string? On { get; init; }

    /// <summary>Empty: whatever stage decided.</summary>
    public required IReadOnlyList<string> Stages { get; init; }

    /// <summary>Stages whose decisions issue none.</summary>
    public required IReadOnlyList<string> ExceptStages { get; init; }
    public required LetterNumberRule Number { get; init; }
    public required string Issuer { get; init; }
    public required string Addressee { get; init; }
    public required IReadOnlyList<string> Fields { get; init; }
    public LetterWords? Remedy { get; init; }
    public required IReadOnlyList<LetterWords> Attachments { get; init; }

    /// <summary>Whether it is issued on what a stage decided.</summary>
    /// <param name="stage">Null: no stage did.</param>
    public bool Covers(string? stage) => (Stages.Count == 0 || stage is not null && Stages.Contains(stage)) && (stage is null || !ExceptStages.Contains(stage));

    internal LetterBody BodyZh { get; }
    internal LetterBody BodyEn { get; }
}
