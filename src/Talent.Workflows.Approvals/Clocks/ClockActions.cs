using System.Text.Json;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>Who deals with a task stops its clock, on a ground and by a document. The reason goes to the ledger.</summary>
public sealed record ClockStopped : CaseAction
{
    public override string Name => "clock.stopped";
    public required string Ground { get; init; }
    public string? Document { get; init; }
    public string? Reason { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { ground = Ground, document = Document });
}

/// <summary>Lets a clock that was stopped by hand run on.</summary>
public sealed record ClockResumed : CaseAction
{
    public override string Name => "clock.resumed";
    public required Guid PauseId { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { pause = PauseId });
}

/// <summary>Who deals with a task asks that a limit be extended.</summary>
public sealed record ExtensionAsked : CaseAction
{
    public override string Name => "extension.asked";
    public required Guid Id { get; init; }

    /// <summary>One of <see cref="LimitKinds"/>.</summary>
    public required string Limit { get; init; }
    public required string Stage { get; init; }
    public required string Reason { get; init; }
    public string? Document { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { extension = Id, limit = Limit, stage = Stage, document = Document, reasonSha256 = Digest.Of(Reason) });
}

/// <summary>A second pair of eyes grants or refuses it: a superior of who asked, or an administrator; never who asked.</summary>
public sealed record ExtensionDecided : CaseAction
{
    public override string Name => Granted ? "extension.granted" : "extension.refused";
    public required Guid Id { get; init; }
    public required bool Granted { get; init; }
    public required string Opinion { get; init; }

    /// <summary>The task whose limit it is; null: the whole case's.</summary>
    public required Guid? ForTask { get; init; }

    /// <summary>The credential is an administrator's: the office of a superior isn't asked for.</summary>
    public required bool ByAdministrator { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { extension = Id, opinionSha256 = Digest.Of(Opinion) });
}

/// <summary>Something of the case's clock has fallen due. What it was is worked out in the step, from the state it is about.</summary>
public sealed record ClockFellDue : CaseAction
{
    public override string Name => "clock.fell_due";

    /// <summary>What had fallen due before, as the row said when it was found.</summary>
    public required IReadOnlyList<string> Behind { get; init; }

    /// <summary>A review of the case was decided already: it needs no rule to be accepted.</summary>
    public required bool Decided { get; init; }

    internal IReadOnlyList<string> Happened { get; set; } = [];
    public override string AuditDetails => JsonSerializer.Serialize(new { happened = Happened });
}

/// <summary>Another calendar counts: every deadline of the case is computed again.</summary>
public sealed record CalendarRevised : CaseAction
{
    public override string Name => "calendar.revised";
    public required string Calendar { get; init; }

    /// <summary>The end of the total limit that the applicant was told; null: none.</summary>
    public required DateTimeOffset? PromisedAt { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { calendar = Calendar });
}
