using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>A case's form as filled in, in words (R-CASE-1).</summary>
public sealed record CasePreview
{
    public required Guid CaseId { get; init; }

    /// <summary>The ETag's version.</summary>
    public required long Version { get; init; }

    /// <summary>Version of the form by which it is shown.</summary>
    public required string FormVersion { get; init; }

    /// <summary>The draft was saved with an older form: it has to be saved again before it is handed in.</summary>
    public required bool FormChanged { get; init; }

    /// <summary>Steps that can be handed in, of those that the phase asks for; null: the reader doesn't fill it in.</summary>
    public required PreviewProgress? Progress { get; init; }

    /// <summary>The steps in their order, of the phases that are open, without those that don't apply.</summary>
    public required IReadOnlyList<PreviewStep> Steps { get; init; }

    /// <summary>What is wrong beyond single steps; empty for who doesn't fill it in.</summary>
    public required IReadOnlyList<FormError> Errors { get; init; }

    public required IReadOnlyList<PreviewMaterial> Materials { get; init; }
}

/// <param name="Done">Steps without an error.</param>
/// <param name="Total">Steps that the phase asks for.</param>
public sealed record PreviewProgress(int Done, int Total);

/// <summary>A step as filled in.</summary>
/// <param name="State"><c>empty</c>, <c>partial</c> or <c>complete</c>; null for who doesn't fill it in.</param>
/// <param name="Missing">What is missing or wrong; empty for who doesn't fill it in.</param>
public sealed record PreviewStep(string Key, string Zh, string En, int Phase, string? State, IReadOnlyList<PreviewField> Fields, IReadOnlyList<FormError> Missing);

/// <summary>A field as filled in.</summary>
/// <param name="Type">As form.json writes it.</param>
/// <param name="Value">As the reader may see it; null: empty.</param>
/// <param name="TextZh">The value in words, such as the word of a code; null: it is empty, a list of rows, or a file.</param>
/// <param name="Rows">Of a group: the fields of each row.</param>
public sealed record PreviewField(string Key, string Zh, string En, string Type, JsonElement? Value, string? TextZh, string? TextEn, IReadOnlyList<IReadOnlyList<PreviewField>>? Rows);

/// <summary>A material in short.</summary>
/// <param name="Required">Without it the phase can't be handed in.</param>
/// <param name="Files">How many are there.</param>
/// <param name="Errors">What is wrong with it; empty for who doesn't hand it in.</param>
public sealed record PreviewMaterial(string Slot, string Zh, string En, int Phase, bool Required, int Files, IReadOnlyList<FormError> Errors);
