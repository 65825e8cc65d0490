namespace Talent.Workflows.Approvals.PersonalData;

/// <summary>A sealed value can't be opened: it was changed, belongs to another place, or its key isn't in the ring. Nobody who calls can cause it.</summary>
public sealed class SealedValueException(SealedPlace place, string why, Exception? cause = null)
    : Exception($"The sealed value {place} can't be opened: {why}.", cause)
{
    public SealedPlace Place { get; } = place;
}
