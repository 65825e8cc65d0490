using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>Answers whether a text passes a named check, such as a check digit. Must not throw.</summary>
public delegate bool TextCheck(string text);

/// <summary>A form field with everything its validation needs made ready once.</summary>
internal sealed record BoundField
{
    public required FormField Field { get; init; }
    public required FormStep Step { get; init; }
    public Regex? Pattern { get; init; }
    public TextCheck? Check { get; init; }
    public FrozenSet<string>? Codes { get; init; }
    public FrozenDictionary<string, BoundField>? Row { get; init; }
}
