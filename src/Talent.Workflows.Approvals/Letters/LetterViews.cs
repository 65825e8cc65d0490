using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>A letter of a case, without what it says of people.</summary>
public record LetterSummary
{
    public required Guid Id { get; init; }
    public required Guid CaseId { get; init; }

    /// <summary>Such as <c>acceptance</c>; the service says which there are.</summary>
    public required string Kind { get; init; }
    public required string TitleZh { get; init; }
    public required string TitleEn { get; init; }

    /// <summary>文号</summary>
    public required string Number { get; init; }
    public required Named Issuer { get; init; }

    /// <summary>The instant of the step that issued it: its date.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>Who acted in that step; null: the server, or somebody whom the reader isn't to know.</summary>
    public Named? IssuedBy { get; init; }

    /// <summary>What it was issued on by itself; null: the definition asked for it.</summary>
    public string? Event { get; init; }

    /// <summary>The version of the case that it speaks of.</summary>
    public required long CaseVersion { get; init; }

    /// <summary>Of its HTML, in hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The letter that it corrects and replaces.</summary>
    public LetterLink? Supersedes { get; init; }

    /// <summary>The letter that has replaced it.</summary>
    public LetterLink? SupersededBy { get; init; }

    /// <summary>Why it was issued in the place of another; null: it wasn't, or the flow corrected it.</summary>
    public string? ReissueReason { get; init; }

    /// <summary>Where it is printed from: HTML, and PDF with <c>.pdf</c> or <c>Accept: application/pdf</c>.</summary>
    public string Content => $"/api/v1/cases/{CaseId}/letters/{Id}/content";
}

/// <summary>Another letter.</summary>
public sealed record LetterLink(Guid Id, string Number);

/// <summary>A letter with what it says.</summary>
public sealed record LetterView : LetterSummary
{
    /// <summary>Whether the reader may see whom it names: then addressee and fields are there.</summary>
    public required bool Full { get; init; }

    /// <summary>Null: the public, or kept from the reader.</summary>
    public string? Addressee { get; init; }

    /// <summary>By name, in Chinese.</summary>
    public IReadOnlyDictionary<string, string>? Fields { get; init; }

    /// <summary>By name, in English.</summary>
    public IReadOnlyDictionary<string, string>? FieldsEn { get; init; }
}

/// <summary>A letter to print.</summary>
/// <param name="FileName">Without extension: title and number.</param>
public sealed record LetterContent(byte[] Html, string Sha256, string FileName);

/// <summary>Whether there is a letter of a number whose content has a hash, and whether it still holds; nothing else of it.</summary>
/// <param name="ReplacedBy">Number of the letter that has replaced it; absent: none has.</param>
public sealed record LetterVerification(string Number, string Sha256, bool Genuine, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ReplacedBy);

/// <param name="Reason">Why it is issued again.</param>
public sealed record ReissueLetter(string? Reason);

/// <summary>A letter that is being issued again.</summary>
/// <param name="Id">Of the new letter.</param>
public sealed record LetterReissue(Guid Id, Guid CaseId, LetterLink Replaces, string Reason)
{
    /// <summary>Where the new letter is read.</summary>
    public string Letter => $"/api/v1/cases/{CaseId}/letters/{Id}";
}
