using System.Text.Json;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>What a sealed list says: personal data, as it was when it was sealed. Never changed afterwards.</summary>
/// <param name="Cases">In the order of the case numbers.</param>
/// <remarks>Source: R-REV-10, R-INT-6.</remarks>
public sealed record SubmissionContent(
    string Number, string Title, SubmissionParty Service, SubmissionParty Office, DateTimeOffset SealedAt, string SealedBy, IReadOnlyList<SubmissionColumn> Columns, IReadOnlyList<SubmittedCase> Cases)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <summary>The one text that is kept and hashed: canonical JSON.</summary>
    public string Text() => CanonicalJson.Of(JsonSerializer.Serialize(this, Options));

    public static SubmissionContent Read(string text) => JsonSerializer.Deserialize<SubmissionContent>(text, Options)!;

    /// <summary>SHA-256 of a content's text in UTF-8, hexadecimal.</summary>
    public static string Checksum(string text) => Digest.Of(text);

    /// <summary>The same with numbers that identify a person, or by which they are reached, masked (R-AUD-2).</summary>
    public SubmissionContent Masked() => this with { Cases = [.. Cases.Select(c => c with { Values = [.. c.Values.Zip(Columns, Mask)] })] };

    private static string? Mask(string? value, SubmissionColumn column) => column.Kind switch
    {
        NoticeFieldKind.ResidentId => Masking.ResidentId(value, MaskingProfile.Officer),
        NoticeFieldKind.Phone => Masking.Phone(value, MaskingProfile.Officer),
        NoticeFieldKind.Email => Masking.Email(value, MaskingProfile.Officer),
        NoticeFieldKind.Name => Masking.Name(value, MaskingProfile.Officer),
        _ => Masking.Text(value, MaskingProfile.Officer),
    };
}

public sealed record SubmissionParty(string Id, string Name);

/// <param name="Kind">Decides how much of it is shown where it isn't shown in full.</param>
public sealed record SubmissionColumn(string Label, NoticeFieldKind Kind);

/// <summary>One case of a sealed list.</summary>
/// <param name="Place">From 1.</param>
/// <param name="Values">One for each column; null or empty: there was none.</param>
public sealed record SubmittedCase(int Place, Guid CaseId, IReadOnlyList<string?> Values);
