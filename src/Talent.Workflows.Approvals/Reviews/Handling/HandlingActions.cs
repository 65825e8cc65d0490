using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Messages;

namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>转办: the task goes to another user who can do it. By its holder <see cref="CaseAction.TaskId"/> is set; in a handover it isn't.</summary>
internal sealed record TaskTransferred : CaseAction
{
    public override string Name => "task.transferred";
    public required Guid Id { get; init; }
    public required Guid Task { get; init; }
    public required string To { get; init; }

    /// <summary>离职转办: whose task it must still be. Null: whoever hands it on.</summary>
    public string? From { get; init; }

    /// <summary>Kept with the transfer; the audit holds its hash.</summary>
    public required string Reason { get; init; }

    public override IEnumerable<MessageOrder> Tells =>
        ((string?[])[To, From ?? User]).OfType<string>().Distinct(StringComparer.Ordinal).Select(who => Telling.Of("task.transferred", Recipient.User(who), Task));

    public override string AuditDetails => JsonSerializer.Serialize(new { task = Task, to = To, from = From ?? User, reasonSha256 = Digest.Of(Reason) });
}

/// <summary>离职转办 of a part in a stage of several whose turn hasn't come; the reason is with the handover.</summary>
internal sealed record SeatTransferred : CaseAction
{
    public override string Name => "task.seat_transferred";
    public required string From { get; init; }
    public required string To { get; init; }
    public required string Reason { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { to = To, from = From, reasonSha256 = Digest.Of(Reason) });
}

/// <summary>撤回: somebody takes their own decision back. It stays in the history.</summary>
internal sealed record DecisionRecalled : CaseAction
{
    public override string Name => "task.recalled";
    public required Guid Task { get; init; }
    public required string Stage { get; init; }
    public required IReadOnlyList<Guid> Undone { get; init; }

    /// <summary>One of several took it back before the stage was decided: the applicant never heard of it.</summary>
    public bool Unheard { get; init; }

    public override IEnumerable<MessageOrder> Tells =>
        [.. Unheard ? (MessageOrder[])[] : [Telling.Of("stage.recalled", Recipient.Applicant, Task)], .. Undone.Select(task => Telling.Of("stage.recalled", Recipient.Task(task), Task))];

    public override string AuditDetails => JsonSerializer.Serialize(new { task = Task, stage = Stage });
}

/// <summary>跳转, first half: an administrator asks.</summary>
internal sealed record JumpAsked : CaseAction
{
    public override string Name => "jump.asked";
    public required Guid Id { get; init; }
    public required string Stage { get; init; }
    public required string Reason { get; init; }
    public required IReadOnlyList<Guid> Waiting { get; init; }
    public required IReadOnlyList<string> Leaving { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { jump = Id, stage = Stage, reasonSha256 = Digest.Of(Reason) });
}

/// <summary>跳转, second half: another administrator lets it be carried out, or refuses it.</summary>
internal sealed record JumpSettled : CaseAction
{
    public override string Name => Confirmed ? "jump.confirmed" : "jump.refused";
    public required Guid Id { get; init; }
    public required string Stage { get; init; }
    public required bool Confirmed { get; init; }
    public string? Answer { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { jump = Id, stage = Stage });
}

/// <summary>催办 by the applicant or who filed the case.</summary>
internal sealed record CaseUrged : CaseAction
{
    public override string Name => "case.urged";
    public required IReadOnlyList<Guid> Tasks { get; init; }
    public override IEnumerable<MessageOrder> Tells => Tasks.Select(task => Telling.Of("task.urged", Recipient.Task(task), task));
    public override string AuditDetails => JsonSerializer.Serialize(new { tasks = Tasks });
}

/// <summary>抄送 by somebody who deals with the task.</summary>
internal sealed record TaskCopied : CaseAction
{
    public override string Name => "task.copied";
    public required IReadOnlyList<CopyOrder> Copies { get; init; }
    public override IEnumerable<MessageOrder> Tells => Copies.Select(copy => Telling.Of("task.copied", copy.Recipient, copy.TaskId));
    public override string AuditDetails => JsonSerializer.Serialize(new { to = Copies.Select(c => c.User ?? $"role:{c.Role}@{c.Organisation}") });
}

/// <summary>沟通: something that one says to the others who deal with the case.</summary>
internal sealed record CommentMade : CaseAction
{
    public override string Name => "case.commented";
    public required Guid Id { get; init; }
    public required string Text { get; init; }
    public required bool ForApplicant { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { comment = Id, sha256 = Digest.Of(Text), forApplicant = ForApplicant });
}

internal static class Telling
{
    /// <summary>Of a task whose stage the message names when it is delivered.</summary>
    public static MessageOrder Of(string message, Recipient to, Guid task) => new(message, to, new Dictionary<string, string> { ["taskId"] = task.ToString() });
}
