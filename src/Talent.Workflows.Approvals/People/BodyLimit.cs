namespace Talent.Workflows.Approvals.People;

/// <summary>Marks an endpoint that takes larger bodies than others, such as one with files.</summary>
/// <param name="Bytes">Of the whole body.</param>
public sealed record BodyLimit(int Bytes);

/// <summary>Marks an endpoint that reads its body as it comes, and stops where it says itself: nothing of it is held in memory, and an idempotency key covers no body here.</summary>
/// <param name="Most">Bytes after which the server stops at the latest.</param>
public sealed record StreamedBody(Func<IServiceProvider, long> Most);
