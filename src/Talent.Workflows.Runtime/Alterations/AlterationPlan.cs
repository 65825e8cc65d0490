using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Alterations;

/// <summary>Elsa's AlterationPlanStatus and AlterationJobStatus.</summary>
public enum AlterationStatus { Pending, Running, Completed, Failed }

/// <summary>The same changes by hand for many instances, each in a step of its own.</summary>
public sealed record AlterationPlan
{
    /// <summary>Most instances of one plan.</summary>
    public const int MostInstances = 1000;

    /// <summary>Why more of them are refused.</summary>
    public static WorkflowException TooMany() =>
        new(ErrorCodes.TooLarge, $"One plan takes up to {MostInstances} instances, and more fit. Narrow the filter.", $"一个计划最多处理 {MostInstances} 个流程实例，请缩小范围。");

    /// <summary>1 to 100 characters, chosen by the caller or made here.</summary>
    public required string Id { get; init; }

    public required IReadOnlyList<Alteration> Alterations { get; init; }

    /// <summary>How the instances were chosen, as the caller wrote it: UTF-8 JSON.</summary>
    public required byte[] Filter { get; init; }

    /// <summary>Who ordered it, and acts in every step of it.</summary>
    public required Actor Actor { get; init; }

    /// <summary>Business clock.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>What became of a plan in one instance.</summary>
/// <param name="Message">Why it failed, or what was made; null before.</param>
/// <param name="StartedAt">Business clock.</param>
public sealed record AlterationJob(Guid Id, Guid InstanceId, AlterationStatus Status, string? Message, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt);
