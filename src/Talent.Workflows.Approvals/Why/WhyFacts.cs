using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Clocks;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Why;

/// <summary>All that the answer is made of, read at one instant.</summary>
internal sealed record WhyFacts
{
    public required WhyCase Case { get; init; }
    public required WorkflowState State { get; init; }
    public required ExecutableWorkflow Workflow { get; init; }

    /// <summary>What the activities under way say.</summary>
    public required IReadOnlyList<Explained> Said { get; init; }
    public required ServicePackage? Package { get; init; }
    public required IReadOnlyList<WhyTask> Tasks { get; init; }
    public required IReadOnlyList<WhyCandidate> Candidates { get; init; }

    /// <summary>Delegations that lead away from the candidates, of active delegates.</summary>
    public required IReadOnlyList<WhyDelegation> Delegations { get; init; }
    public required IReadOnlyDictionary<string, string> Names { get; init; }

    /// <summary>Of the reviews that the case has had, by stage.</summary>
    public required IReadOnlyDictionary<string, string> StageNames { get; init; }
    public required PromiseReader.Row? Clock { get; init; }
    public required PromiseView? Promise { get; init; }
    public required IReadOnlyList<PauseView> Pauses { get; init; }
    public required IReadOnlyList<WhyDelivery> Undelivered { get; init; }

    /// <summary>Questions to other offices that failed and are asked again by themselves: how often they failed.</summary>
    public required IReadOnlyDictionary<Guid, int> Parked { get; init; }
    public required DateTimeOffset Now { get; init; }

    /// <summary>Who reads it.</summary>
    public required string? Reader { get; init; }

    /// <summary>The reader may know who the officers are.</summary>
    public required bool ShowsNames { get; init; }

    /// <summary>The reader is to know what went wrong, beyond that something did.</summary>
    public required bool ShowsFaults { get; init; }

    public IEnumerable<T> Of<T>() where T : Explained => Said.OfType<T>();

    /// <summary>A stage in English: as the service words it, else its key.</summary>
    public string En(string stage) => Package?.Service.Phases.SelectMany(p => p.Stages).FirstOrDefault(s => s.Key == stage)?.En ?? stage;

    public Named Person(string user) => new(user, Names.GetValueOrDefault(user));
}

internal sealed record WhyCase(Guid Id, string Service, string Status, string ApplicantId, string FiledBy, string Region, bool Ended, long Version, string DefinitionVersionId, byte[] State, string? ServiceVersion, CaseReadership Reader, WordReader As, string[] Acceptance);

/// <param name="TransferredBy">From whom it was handed over last, to who has it now; null: it wasn't.</param>
internal sealed record WhyTask(Guid Id, string Kind, string Stage, string StageName, string? Role, string? OrganisationId, string? OrganisationZh, string? OrganisationEn, string? Assignee, string? ClaimedBy,
    IReadOnlyCollection<string> Excluded, DateTimeOffset? DueAt, string? TransferredBy)
{
    public bool IsSeat => Kind is TaskKinds.Ballot or TaskKinds.PanelInvitation;
}

/// <summary>Somebody whose task it would be.</summary>
/// <param name="Can">As the gate of a step asks.</param>
/// <param name="Excluded">Would be able but for that.</param>
internal sealed record WhyCandidate(Guid TaskId, string User, bool Can, bool Excluded);

internal sealed record WhyDelegation(Delegation Link, bool Active);

internal sealed record WhyDelivery(string Kind, DateTimeOffset Since, string Error);
