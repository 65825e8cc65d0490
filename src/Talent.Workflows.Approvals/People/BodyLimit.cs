namespace Talent.Workflows.Approvals.People;

/// <summary>Marks an endpoint that takes larger bodies than others, such as one with files.</summary>
/// <param name="Bytes">Of the whole body.</param>
public sealed record BodyLimit(int Bytes);
