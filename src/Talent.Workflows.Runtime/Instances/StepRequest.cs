using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>Asks for one step of one instance.</summary>
public sealed record StepRequest
{
    /// <summary>May be left out when the stimulus resumes a bookmark: the instance is then found by the bookmark.</summary>
    public Guid InstanceId { get; init; }

    /// <summary>Null changes rows of the domain only: version, audit and parts.</summary>
    public Stimulus? Stimulus { get; init; }

    public required Actor Actor { get; init; }

    /// <summary>Makes a repetition safe: it is answered with what the first one was answered.</summary>
    public Idempotency? Idempotency { get; init; }

    /// <summary>The version that the caller has seen; another one is refused with <c>precondition_failed</c>.</summary>
    public long? IfVersion { get; init; }

    /// <summary>What the domain's parts need; opaque to the runtime.</summary>
    public object? Domain { get; init; }

    /// <summary>The credential whose signal it is, when another one delivers it.</summary>
    internal string? PublishedBy { get; init; }

    /// <summary>The credential to which the signal id belongs.</summary>
    internal string Sender => PublishedBy ?? Actor.Credential;
}

/// <summary>Who acts: the credential that was checked, and the user that it acts for. Ids only.</summary>
public sealed record Actor(string Credential, string? User = null)
{
    /// <summary>The server itself: timers, deliveries.</summary>
    public static Actor System { get; } = new("system");
}

/// <summary>An idempotency key. It belongs to the credential and covers one request, known by its hash.</summary>
public sealed record Idempotency(string Credential, string Key, byte[] RequestHash);
