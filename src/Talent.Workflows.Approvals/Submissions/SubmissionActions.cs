using System.Text.Json;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Submissions;

/// <summary>What happens to a case that goes to the city on a list.</summary>
public abstract record SubmissionAction : CaseAction
{
    public required Guid EntryId { get; init; }

    /// <summary>The task that ends by it and takes the reason; null: none.</summary>
    public Guid? Closes { get; init; }

    /// <summary>Kept with the row and the task, for people; never in the audit.</summary>
    public string? Reason { get; init; }
}

/// <summary>The case's list was sealed. The audit holds its checksum.</summary>
public sealed record CaseListed : SubmissionAction
{
    public override string Name => "submission.sealed";
    public required Guid SubmissionId { get; init; }
    public required string Number { get; init; }
    public required string Checksum { get; init; }
    public required string By { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { submission = SubmissionId, number = Number, sha256 = Checksum, by = By });
}

/// <summary>The city has decided on the case.</summary>
public sealed record CaseSettled : SubmissionAction
{
    public override string Name => "submission.settled";
    public required Guid SubmissionId { get; init; }
    public required string Number { get; init; }

    /// <summary>批复文号</summary>
    public required string Document { get; init; }
    public required bool Approved { get; init; }
    public required string By { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new
    {
        submission = SubmissionId, number = Number, document = Document, outcome = Approved ? SubmissionStates.Approved : SubmissionStates.Rejected, by = By, reasonSha256 = Reason is null ? null : Digest.Of(Reason),
    });
}

/// <summary>The office takes a case off its list, or doesn't list it at all, and sends it back.</summary>
public sealed record CaseReturned : SubmissionAction
{
    public override string Name => "submission.returned";
    public override string AuditDetails => JsonSerializer.Serialize(new { entry = EntryId, reasonSha256 = Reason is null ? null : Digest.Of(Reason) });
}
