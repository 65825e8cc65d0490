using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Clocks;

/// <summary>补正: told once and completely, in time, and not for ever; as far as the service's data says so. What wasn't told in time counts as accepted (视为受理).</summary>
/// <remarks>Source: R-REV-3; docs/adr/0041.</remarks>
internal static class CorrectionRules
{
    /// <summary>Statuses of a case that waits to be taken in; one of any other is further.</summary>
    public static readonly string[] ToBeTakenIn = ["submitted", "pending_review"];

    /// <summary>Counts a return, or refuses it.</summary>
    public static void Count(ActivityContext context, WorkCalendar country)
    {
        if (CaseTerms.Of(context.State) is null)
            return;
        if (Refusal(context, country) is { } refusal)
            throw ActivityContext.Reject(refusal);
        CaseClock.CountReturn(context, context.State.Phase());
    }

    /// <summary>Why the case can't be returned any more; null: it can.</summary>
    public static WorkflowException? Refusal(ActivityContext context, WorkCalendar country)
    {
        var phase = context.State.Phase();
        var returns = CaseClock.Of(context.State).ReturnsIn(phase);
        if (CaseTerms.Of(context.State) is not { } terms)
            return null;
        if (terms.Clock.Corrections is { Rounds: { } rounds } && returns >= rounds)
            return new WorkflowException(ErrorCodes.WrongState,
                $"Case {context.InstanceId} was returned {returns} times in phase {phase}, and its service allows {rounds}. Decide it on what is there.",
                $"本阶段已退回补正 {returns} 次，按规定最多 {rounds} 次，请按现有材料作出决定。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "correction_rounds", ["returns"] = returns, ["allowed"] = rounds } };
        if (phase == 1 && terms.AcceptedFrom(CaseTerms.Calendar(context.State, country)) is { } accepted && context.Now >= accepted)
            return new WorkflowException(ErrorCodes.WrongState,
                $"Case {context.InstanceId} wasn't returned by {accepted:O} and counts as accepted since. Decide it on what is there.",
                "逾期未一次性告知补正，本申报自收到材料之日起视为受理，不能再退回补正。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "deemed_accepted", ["acceptedAt"] = accepted } };
        return null;
    }

    /// <summary>The instant since which the case counts as accepted, because nothing was asked for in time; null: it doesn't.</summary>
    public static DateTimeOffset? DeemedAccepted(ActivityContext context, WorkCalendar country) =>
        context.State.Phase() == 1 && CaseClock.Of(context.State).ReturnsIn(1) == 0 && CaseTerms.Of(context.State)?.AcceptedFrom(CaseTerms.Calendar(context.State, country)) is { } accepted
            && context.Now >= accepted ? accepted : null;

    /// <summary>What counts as accepted isn't refused acceptance any more.</summary>
    /// <exception cref="WorkflowException"><c>wrong_state</c>, reason <c>deemed_accepted</c>.</exception>
    public static void RequireNotAccepted(ActivityContext context, WorkCalendar country)
    {
        if (DeemedAccepted(context, country) is { } accepted)
            throw ActivityContext.Reject(new WorkflowException(ErrorCodes.WrongState,
                $"Case {context.InstanceId} wasn't returned by {accepted:O} and counts as accepted since: acceptance can't be refused any more. Take it in and decide it on what is there.",
                "逾期未一次性告知补正，本申报自收到材料之日起视为受理，不能再作出不予受理的决定，请受理后依法审查。")
            { Facts = new Dictionary<string, object?> { ["reason"] = "deemed_accepted", ["acceptedAt"] = accepted } });
    }

    /// <summary>视为受理: the status of a case that waits to be taken in is 已受理 from then on. One that is further already keeps its own.</summary>
    public static void TakeIn(ActivityContext context, WorkCalendar country)
    {
        if (ToBeTakenIn.Contains(context.State.Status()) && DeemedAccepted(context, country) is not null)
            StageStatus.Enter(context, PositionWords.Accepted);
    }
}
