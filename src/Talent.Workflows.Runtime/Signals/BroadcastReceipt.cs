namespace Talent.Workflows.Runtime.Signals;

/// <summary>A broadcast that is committed: how many waiting instances and how many start triggers it goes to. They get it one by one, after this answer.</summary>
/// <param name="Replayed">The same credential had published this signal id before; nothing was done again.</param>
public sealed record BroadcastReceipt(string SignalId, string Name, int Instances, int Starts, bool Replayed);
