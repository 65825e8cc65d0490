using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Outbox;

namespace Talent.Workflows.Approvals.Integrations.Outside;

/// <summary>
/// Asks one service for workflows, and resumes what waits for the answer, once. A service that can't be reached is asked again by
/// the outbox's back-off and then every hour, for as long as it takes: that makes no dead letter. One that doesn't take the question
/// does, for an operator to see.
/// </summary>
public abstract class OutsideCalls(WorkflowRuntime runtime, NpgsqlDataSource database, CaseVault vault) : IOutboxHandler
{
    /// <summary>What the kinds of all services begin with.</summary>
    public const string KindPrefix = "outside.";

    public abstract string Kind { get; }

    /// <param name="caseId">Whose question it is.</param>
    /// <param name="id">The question's, the same at every attempt.</param>
    /// <param name="values">What the case has for each name of <see cref="OutsideActivity"/>'s sources; null: nothing.</param>
    /// <returns>Null: the service isn't configured.</returns>
    protected abstract Task<OutsideAnswer<OutsideOutcome>?> AskAsync(Guid caseId, string id, IReadOnlyDictionary<string, string?> values, CancellationToken cancellationToken);

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.Deserialize<OutsideOrder>(message.Payload, JsonSerializerOptions.Web)!;
        if (await runtime.ReadAsync(message.InstanceId, cancellationToken) is not { } instance || !instance.State.Bookmarks.Exists(b => b.Id == order.ReportTo))
            return OutboxResult.Ok; // Nobody waits for it any more: nobody's data is sent anywhere.
        if (instance.State.Halted)
            return OutboxResult.Halted;
        if (await CaseValues.ReadAsync(database, vault, message.InstanceId, cancellationToken) is not { } known)
            return new OutboxResult.Dead($"Instance {message.InstanceId} is no case, so that there is nobody to ask about.");
        var answer = await AskAsync(message.InstanceId, message.Id.ToString("N"), order.Sources.ToDictionary(s => s.Key, s => known.GetValueOrDefault(s.Value), StringComparer.Ordinal), cancellationToken);
        return answer switch
        {
            null => OutsidePatience.Unconfigured,
            OutsideAnswer<OutsideOutcome>.Answered(var outcome) => await TellAsync(message.InstanceId, order.ReportTo, outcome, cancellationToken),
            OutsideAnswer<OutsideOutcome>.Unavailable(var why, var after) => OutsidePatience.AskAgain(message, why, after),
            OutsideAnswer<OutsideOutcome>.Refused(var why) => new OutboxResult.Dead(why),
            _ => throw new InvalidOperationException($"Unknown result {answer.GetType().Name}."),
        };
    }

    private async Task<OutboxResult> TellAsync(Guid instance, Guid bookmark, OutsideOutcome outcome, CancellationToken cancellationToken)
    {
        try
        {
            await runtime.ApplyAsync(new StepRequest { InstanceId = instance, Stimulus = new Stimulus.Resume(bookmark, outcome.Write()), Actor = Actor.System }, cancellationToken);
            return OutboxResult.Ok;
        }
        catch (WorkflowException e) when (e.Code is ErrorCodes.BookmarkGone)
        {
            return OutboxResult.Ok; // Told before, or cancelled meanwhile.
        }
        catch (WorkflowException e) when (e.Code is not (ErrorCodes.Busy or ErrorCodes.Unavailable) && !e.IsHalted)
        {
            return new OutboxResult.Dead(e.Message);
        }
    }
}
