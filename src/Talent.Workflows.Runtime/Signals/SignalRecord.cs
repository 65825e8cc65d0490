namespace Talent.Workflows.Runtime.Signals;

/// <summary>What became of a signal.</summary>
public enum SignalOutcome : short
{
    Applied = 0,
    Waiting = 1,
    Superseded = 2,
    NotExpected = 3,
}

/// <summary>A signal that an instance was sent, by its id. <see cref="Replayed"/>: it had come before, by whatever route.</summary>
public sealed record SignalRecord(Guid InstanceId, string SignalId, string Name, SignalOutcome Outcome, DateTimeOffset At, bool Replayed = false);
