using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Letters;

/// <summary>
/// 重新出具: a letter is issued again in the place of one that is wrong, with a number of its own. The earlier one stays as it was and names what has replaced it. It is a
/// step of the case, also of one that has ended: audited, and carried out once.
/// </summary>
/// <remarks>Source: R-DOC-1; docs/adr/0041.</remarks>
public sealed class LetterReissuing(WorkflowRuntime runtime, NpgsqlDataSource database, ServiceCatalogue services, BusinessClock clock)
{
    private const int LongestReason = 500;

    /// <returns>The letter that replaces it, which is there a moment later.</returns>
    /// <exception cref="WorkflowException"><c>not_found</c>; <c>invalid_request</c>: no reason; <c>forbidden</c>: the user holds none of the service's <c>reissuedBy</c> at the office that issued the letter;
    /// <c>wrong_state</c>: it was replaced already (reason <c>replaced</c>), is being issued again (<c>being_issued</c>), is a public notice, or its service has no such letter any more.</exception>
    public async Task<LetterReissue> ReissueAsync(Caller caller, Guid caseId, Guid id, string? reason, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var user = caller.RequireUser();
        var why = reason?.Trim();
        if (string.IsNullOrEmpty(why) || why.Length > LongestReason || why.Contains('\0'))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"Say why the letter is issued again in 'reason', in at most {LongestReason} characters.", $"请填写重新出具的理由（不超过{LongestReason}字）。");
        var meeting = await CaseMeeting.ReadAsync(database, caller, caseId, clock.Now, cancellationToken);
        var old = await database.SingleAsync("select l.kind, l.number, c.service from approvals.letters l join approvals.cases c on c.id = l.case_id where l.id = $1 and l.case_id = $2",
            r => new { Kind = r.GetString(0), Number = r.GetString(1), Service = r.GetString(2) }, cancellationToken, id, caseId);
        if (meeting.IsBlind || old is null)
            throw LetterReader.NotFound(caseId, id);
        var package = await services.GetAsync(old.Service, cancellationToken);
        if (package.Letters.Find(old.Kind) is not { Number.IsNotice: false })
            throw new WorkflowException(ErrorCodes.WrongState, $"Letter {old.Number} can't be issued again: it is a public notice, which is corrected where it is posted, or service '{old.Service}' has no letter '{old.Kind}' any more.",
                "该文书不能重新出具：公示请通过公示更正办理；或者该事项已不再出具此类文书。");
        var again = new LetterReissued
        {
            User = user, Limits = CredentialLimits.Of(caller), LetterId = id, NewId = DerivedId.For(caseId, $"letter:{id}", 1, "reissued"), Kind = old.Kind, Reason = why, IssuedBy = package.Letters.ReissuedBy,
        };
        var answer = await runtime.ApplyAsync(new StepRequest { InstanceId = caseId, Actor = caller.Actor, Idempotency = idempotency, Domain = again }, cancellationToken);
        return answer.Applied ? new LetterReissue(again.NewId, caseId, new LetterLink(id, old.Number), why) : throw (answer.GateFailed switch
        {
            LettersPart.OfficeGate => new WorkflowException(ErrorCodes.Forbidden,
                $"Letter {old.Number} isn't '{user}''s to have issued again: that is for {string.Join(" or ", again.IssuedBy)} at the office that issued it, with a key for it, and never in one's own case.",
                "仅出具该文书的单位的负责人可以重新出具，且不能办理本人的业务。"),
            LettersPart.CurrentGate => Replaced(),
            LettersPart.PendingGate => BeingIssued(null),
            _ => CaseRefusal.Of(answer, caller),
        });
    }

    internal static WorkflowException BeingIssued(Exception? cause) => Refused("being_issued",
        "The letter is being issued again already: another was asked for, and isn't there yet. Read the case's letters in a moment; if it doesn't come, its delivery has failed and the administrator can send it again.",
        "该文书正在重新出具，请稍后查看文书列表；如长时间未生成，请联系系统管理员重新发送。", cause);

    private static WorkflowException Replaced() => Refused("replaced", "The letter was replaced already. Read the case's letters, and have the last one issued again.", "该文书已被取代，请查看文书列表，对最新一份办理。", null);

    private static WorkflowException Refused(string reason, string message, string zh, Exception? cause) => new(ErrorCodes.WrongState, message, zh, cause) { Facts = new Dictionary<string, object?> { ["reason"] = reason } };
}

/// <summary>Somebody of the issuing office has a letter issued again. The reason goes to the domain's tables.</summary>
public sealed record LetterReissued : CaseAction
{
    public override string Name => LetterEvents.Reissued;
    public required Guid LetterId { get; init; }
    public required Guid NewId { get; init; }
    public required string Kind { get; init; }
    public required string Reason { get; init; }

    /// <summary>Roles of which the user must hold one at the office that issued it.</summary>
    public required IReadOnlyList<string> IssuedBy { get; init; }
    public override string AuditDetails => JsonSerializer.Serialize(new { letter = LetterId, replacement = NewId, kind = Kind, reasonSha256 = Digest.Of(Reason) });
}
