using System.Text.Json;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>A notice is put up. The audit holds the hash of what is shown.</summary>
public sealed record NoticePosted : CaseAction
{
    public override string Name => "notice.posted";
    public required Guid NoticeId { get; init; }
    public required string Number { get; init; }
    public required NoticeContent Content { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { notice = NoticeId, number = Number, contentSha256 = Content.Hash() });
}

/// <summary>Somebody objects. Who and what goes to the objection's row; the audit holds the statement's hash.</summary>
public sealed record ObjectionFiled : CaseAction
{
    public override string Name => "notice.objection";
    public required Guid NoticeId { get; init; }
    public required Guid ObjectionId { get; init; }
    public required string Number { get; init; }
    public required Objection Objection { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { notice = NoticeId, objection = ObjectionId, number = Number, statementSha256 = Digest.Of(Objection.Statement) });

    /// <summary>Names nobody: what is logged by accident tells nothing.</summary>
    public override string ToString() => Name;
}
