using System.ComponentModel.DataAnnotations;

namespace Talent.Workflows.Runtime;

/// <summary>Settings of the durable runtime, section <c>Runtime</c>.</summary>
public sealed class RuntimeOptions
{
    public const string Section = "Runtime";

    /// <summary>Connections kept for steps; more callers wait their turn. Default 16.</summary>
    [Range(1, 500)]
    public int StepConnections { get; set; } = 16;

    /// <summary>Seconds after which the database's answer to a step is given up. Default 15.</summary>
    [Range(1, 600)]
    public int CommandTimeoutSeconds { get; set; } = 15;

    /// <summary>Attempts at a step that others overtake before it is answered with <c>busy</c>. Default 8.</summary>
    [Range(1, 100)]
    public int StepAttempts { get; set; } = 8;

    /// <summary>Requests that may queue for one instance in a node. Default 200.</summary>
    [Range(1, 10_000)]
    public int QueuePerInstance { get; set; } = 200;

    /// <summary>Instances in the cache of a node. Default 20,000; 0 switches it off.</summary>
    [Range(0, 10_000_000)]
    public int CachedInstances { get; set; } = 20_000;

    /// <summary>Snapshot bytes in the cache of a node; in memory they are about four times as many. Default 64 MB.</summary>
    [Range(0, long.MaxValue)]
    public long CachedBytes { get; set; } = 64L << 20;

    /// <summary>Steps of due timers that a node runs at once. Default 8.</summary>
    [Range(1, 500)]
    public int TimerConcurrency { get; set; } = 8;

    /// <summary>Due instances claimed at once. Default 200.</summary>
    [Range(1, 10_000)]
    public int TimerBatch { get; set; } = 200;

    /// <summary>Failures after which the timers of an instance are set aside for an operator. Default 5.</summary>
    [Range(1, 100)]
    public int TimerAttempts { get; set; } = 5;

    /// <summary>Messages claimed at once. Default 200.</summary>
    [Range(1, 10_000)]
    public int OutboxBatch { get; set; } = 200;

    /// <summary>Failed deliveries after which a message becomes a dead letter. Default 80, which is 67 to 134 hours: a weekend and more.</summary>
    [Range(1, 1000)]
    public int OutboxAttempts { get; set; } = 80;

    /// <summary>Seconds that a claimed timer or message belongs to its node. Deliveries are cancelled a little earlier. Default 60.</summary>
    [Range(5, 3600)]
    public int LeaseSeconds { get; set; } = 60;

    /// <summary>Days for which idempotency keys are remembered. Default 45.</summary>
    [Range(30, 3650)]
    public int ReceiptDays { get; set; } = 45;

    /// <summary>Days for which signals that moved nothing (not expected, superseded) are remembered; business clock. Default 30.</summary>
    [Range(1, 3650)]
    public int RefusedSignalDays { get; set; } = 30;

    /// <summary>Signals that moved nothing and are remembered of one instance; more are answered <c>too_many_signals</c>. Default 1000.</summary>
    [Range(1, 1_000_000)]
    public int RefusedSignalsPerInstance { get; set; } = 1000;

    /// <summary>
    /// Hosts that workflows may send HTTP requests to: <c>api.example.org</c>, <c>api.example.org:8443</c> or <c>*.example.org</c>. Default none:
    /// who designs workflows doesn't decide what this server can reach.
    /// </summary>
    public IReadOnlyList<string> HttpHosts { get; set; } = [];

    /// <summary>Seconds that a workflow's HTTP request may take. Default 30.</summary>
    [Range(1, 50)]
    public int HttpTimeoutSeconds { get; set; } = 30;

    /// <summary>Bytes of an answer that a workflow takes; a larger one is cut off. Default 256 KB.</summary>
    [Range(0, 4 << 20)]
    public int HttpAnswerBytes { get; set; } = 256 << 10;

    /// <summary>Seconds that running jobs of the scheduler may take to end when the node stops. Default 10.</summary>
    [Range(1, 300)]
    public int SchedulerStopSeconds { get; set; } = 10;

    /// <summary>Runs the sweep and maintenance on clustered Quartz. Off in tests that turn the wheels themselves. Default true.</summary>
    public bool UseQuartz { get; set; } = true;
}
