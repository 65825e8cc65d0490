namespace Talent.Workflows.Approvals.PersonalData;

/// <summary>Where a sealed value stands. It is sealed for this place alone: in another row or column it can't be opened.</summary>
/// <param name="Column">Table and column, such as <c>people.phone</c>.</param>
/// <param name="Row">Id of the row.</param>
/// <param name="Part">The rest of the row's key, where an id isn't all of it.</param>
public readonly record struct SealedPlace(string Column, Guid Row, string? Part = null)
{
    /// <inheritdoc/>
    public override string ToString() => Part is null ? $"{Column} of {Row}" : $"{Column} of {Row} {Part}";
}
