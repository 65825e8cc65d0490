using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>Answers whether a text passes a named check, such as a check digit. Must not throw.</summary>
public delegate bool TextCheck(string text);

/// <summary>What the number of a kind of document looks like.</summary>
internal sealed record DocumentKind(CodeEntry Entry, Regex? Pattern, TextCheck? Check);

/// <summary>A form field with everything its validation needs made ready once.</summary>
internal sealed record BoundField
{
    public required FormField Field { get; init; }
    public required FormStep Step { get; init; }
    public Regex? Pattern { get; init; }
    public TextCheck? Check { get; init; }
    public FrozenDictionary<string, CodeEntry>? Codes { get; init; }

    /// <summary>Of a document number: what numbers of each kind look like.</summary>
    public FrozenDictionary<string, DocumentKind>? Kinds { get; init; }
    public FrozenDictionary<string, BoundField>? Row { get; init; }
}
