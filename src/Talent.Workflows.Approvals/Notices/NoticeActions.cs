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

    /// <summary>The list that it is part of; null: it stands alone.</summary>
    public NoticeListKey? List { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { notice = NoticeId, number = Number, contentSha256 = Content.Hash(), list = List?.Id });
}

/// <summary>A clerk corrects an open notice, or extends it. The reason is public; the audit holds hashes.</summary>
public sealed record NoticeChanged : CaseAction
{
    public override string Name => Content is null ? "notice.extended" : "notice.corrected";
    public required Guid NoticeId { get; init; }

    /// <summary>How many editions there were when it was asked for: another clerk's correction isn't overwritten.</summary>
    public required int Editions { get; init; }

    /// <summary>What is shown from now on; null: the same, for longer.</summary>
    public NoticeContent? Content { get; init; }

    /// <summary>Masked already.</summary>
    public required string Reason { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { notice = NoticeId, edition = Editions + 1, contentSha256 = Content?.Hash(), reasonSha256 = Digest.Of(Reason) });
}

/// <summary>Somebody objects. Who and what goes to the objection's row; the audit holds the statement's hash.</summary>
public sealed record ObjectionFiled : CaseAction
{
    public override string Name => "notice.objection";
    public required Guid NoticeId { get; init; }
    public required Guid ObjectionId { get; init; }
    public required string Number { get; init; }
    public required Objection Objection { get; init; }

    /// <summary>What who and what are sealed with; null: they are kept in clear.</summary>
    public PersonalData.KeyRing? Ring { get; init; }

    /// <summary>Opens the page on which whoever objected sees what became of it: not guessable.</summary>
    public required string Receipt { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new
    {
        notice = NoticeId, objection = ObjectionId, number = Number, statementSha256 = Digest.Of(Objection.Statement), evidenceSha256 = Objection.Evidence.Select(e => e.Sha256),
    });

    /// <summary>Names nobody: what is logged by accident tells nothing.</summary>
    public override string ToString() => Name;
}
