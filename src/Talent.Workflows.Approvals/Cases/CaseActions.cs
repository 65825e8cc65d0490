using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Employers.Associations;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>A draft is begun. The data goes to the domain's tables.</summary>
public sealed record CaseCreated : CaseAction
{
    public override string Name => "case.created";
    public required string Service { get; init; }
    public required string ApplicantId { get; init; }
    public required string EmployerId { get; init; }
    public required string UnitId { get; init; }
    public required string BureauId { get; init; }
    public required string Region { get; init; }
    public required string FiledBy { get; init; }
    public required CaseData Data { get; init; }

    /// <summary>关联代码 of the employer, where the service asks it to be associated; null: others.</summary>
    public string? AssociationCode { get; init; }

    /// <summary>One of <see cref="CaseSubjects"/>.</summary>
    public string Subject { get; init; } = CaseSubjects.Person;

    /// <summary>From 1; each filing again is the next (<see cref="CaseRound"/>).</summary>
    public short Round { get; init; } = 1;

    /// <summary>The case that this one follows; null: none.</summary>
    public Guid? PreviousId { get; init; }

    /// <summary>The first of a person's rounds; null: this is it, or the case is an employer's.</summary>
    public Guid? SeriesId { get; init; }

    /// <summary>What the earlier round said in the second phase, for when this one comes to it; null: nothing.</summary>
    public CaseData? Carried { get; init; }

    public override string StatusAfter(WorkflowState before) => "draft";
    public override string AuditDetails => Data.AuditWith(Filing, PreviousId is { } previous ? new JsonObject { ["round"] = Round, ["previous"] = previous, ["carriedSha256"] = Carried is null ? null : Digest.Of(Carried.Json) } : null);
}

/// <summary>What was filled in is saved; only by who filed the case, while it is a draft or waits for them.</summary>
public sealed record DataSaved : CaseAction
{
    public override string Name => "case.saved";
    public override short? EditsPhase => Data.Phase;
    public required CaseData Data { get; init; }
    public override string AuditDetails => Data.AuditWith(Filing);
}

/// <summary>The draft is handed in and gets its number.</summary>
public sealed record CaseSubmitted : CaseAction
{
    public override string Name => "case.submitted";
    public required string NumberCode { get; init; }
    public required string Region { get; init; }
    public required short Year { get; init; }

    /// <summary>Stages of which an approval accepts the case (受理); null: none is named, and the bureau's decision does.</summary>
    public IReadOnlyCollection<string>? Acceptance { get; init; }

    /// <summary>What the step ends the applicant's association with; null: it ends none.</summary>
    internal LeavingOrder? Leaving { get; init; }

    /// <summary>What it was judged by; null: it was no draft.</summary>
    internal FilingGate? Gate { get; init; }

    public override string? AuditDetails => Eligibility?.Audit.ToJsonString();
}

/// <summary>The case is taken back before acceptance; a draft is dropped.</summary>
public sealed record CaseWithdrawn : CaseAction
{
    public override string Name => "case.withdrawn";
    public override string StatusAfter(WorkflowState before) => before.SubStatus == WorkflowSubStatus.Pending ? "cancelled" : "withdrawn";
    public override string? TellsApplicant(WorkflowState before) => before.SubStatus == WorkflowSubStatus.Pending ? null : "case.withdrawn";

    /// <summary>Kept in the case's row.</summary>
    public required string? Reason { get; init; }
}

/// <summary>The applicant hands in the correction or the materials: data and task in one step. The note is kept with the task.</summary>
public sealed record SupplementGiven : CaseAction
{
    public override string Name => "case.supplemented";
    public required CaseData? Data { get; init; }
    public string? Note { get; init; }
    public override string? AuditDetails => Data?.AuditWith(Filing, Eligibility?.Audit) ?? Eligibility?.Audit.ToJsonString();
}

/// <summary>The form data of one phase as it will be stored, in canonical form. The audit holds its hash, so that a later change of the row shows.</summary>
public sealed record CaseData(short Phase, string Json, string SavedBy)
{
    /// <summary>What its personal fields are sealed with; null: it is kept in clear.</summary>
    public CaseSeal? Seal { get; init; }

    /// <summary>Version of the form that it was checked by.</summary>
    public string? FormVersion { get; init; }

    /// <summary>As the row will hold it. Each time with another nonce.</summary>
    internal SealedPhase For(Guid caseId) => Seal is null ? new SealedPhase(Json, null, null) : SealedPhase.Of(Seal.Ring, Seal.Form, caseId, Phase, Json);

    /// <summary>Tells nothing of the data: what is logged by accident tells nothing.</summary>
    public override string ToString() => $"data of phase {Phase}";

    internal string AuditWith(FilingWrite? filing, JsonObject? beside = null)
    {
        var audit = new JsonObject { ["phase"] = Phase, ["sha256"] = Digest.Of(Json) };
        if (filing?.Audit is { } more)
            audit["filing"] = more;
        foreach (var (name, value) in beside ?? [])
            if (value is not null)
                audit[name] = value.DeepClone();
        return audit.ToJsonString();
    }
}

/// <summary>What a phase said before a step changed it.</summary>
/// <param name="TaskId">For which the applicant changes it.</param>
internal sealed record CaseBefore(Guid TaskId, CaseData Data)
{
    /// <summary>As the row will hold it.</summary>
    /// <param name="seq">Version of the case that the step makes.</param>
    public SealedPhase Row(long seq) => SealedPhase.Of(Data.Seal!.Ring, Data.Seal.Form, TaskId, Data.Phase, Data.Json, SealedPhase.Before, seq);
}

internal static class Digest
{
    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
