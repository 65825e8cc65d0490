using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Integrations.Identity;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Runtime.Outbox;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.People.RealName;

/// <summary>
/// Asks the office about a person's name and number, and binds what it confirms. The question has one id at every attempt, so that an
/// office that answered before recognises it; the answer is written by one statement that needs the question to be open, so that a
/// repetition changes nothing. An outage has no end after which it is given up.
/// </summary>
/// <remarks>Source: R-ACC-2, R-INT-1; docs/adr/0033.</remarks>
public sealed class RealNameCalls(IEnumerable<IIdentityVerification> verification, RealNameStore store, PersonStore people, PersonCommands commands, DataKeys keys, BusinessClock clock) : IOutboxHandler
{
    public const string WorkKind = OutsideCalls.KindPrefix + "real-name";

    private const int Attempts = 3;

    private readonly IIdentityVerification? office = verification.FirstOrDefault();

    public string Kind => WorkKind;

    public async Task<OutboxResult> DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        if (await store.OpenAsync(message.Id, cancellationToken) is not { } asked)
            return OutboxResult.Ok; // Answered before, or nobody waits for it: nobody's data is sent anywhere.
        if (await people.RowAsync(asked.Person, cancellationToken) is not { } row || row.IdentityVersion != asked.IdentityVersion)
        {
            await store.EndAsync(message.Id, VerificationState.Changed, cancellationToken);
            return OutboxResult.Ok;
        }
        if (office is null)
            return OutsidePatience.Unconfigured;
        var ring = await keys.RingAsync(asked.KeyId, cancellationToken);
        var number = NumberOf(ring.Open(asked.ResidentId, RealNameStore.Table.At("resident_id", message.Id)));
        var answer = await office.VerifyAsync(message.Id.ToString("N"), asked.Name, number, cancellationToken);
        switch (answer)
        {
            case OutsideAnswer<IdentityResult>.Answered({ Verified: true }):
                return await BindAsync(message.Id, asked, number, cancellationToken);
            case OutsideAnswer<IdentityResult>.Answered:
                await store.EndAsync(message.Id, VerificationState.Mismatch, cancellationToken);
                return OutboxResult.Ok;
            case OutsideAnswer<IdentityResult>.Unavailable(var why, var after):
                return OutsidePatience.AskAgain(message, why, after);
            case OutsideAnswer<IdentityResult>.Refused(var why):
                // The person isn't kept waiting for it; an operator who sends it again has it asked again.
                await store.EndAsync(message.Id, VerificationState.Refused, cancellationToken);
                return new OutboxResult.Dead(why);
            default:
                throw new InvalidOperationException($"Unknown result {answer.GetType().Name}.");
        }
    }

    private async Task<OutboxResult> BindAsync(Guid id, OpenVerification asked, ResidentId number, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            if (await store.OpenAsync(id, cancellationToken) is null || await people.RowAsync(asked.Person, cancellationToken) is not { } row)
                return OutboxResult.Ok;
            if (row.IdentityVersion != asked.IdentityVersion)
            {
                await store.EndAsync(id, VerificationState.Changed, cancellationToken);
                return OutboxResult.Ok;
            }
            var ring = await keys.RingAsync(row.KeyId, cancellationToken);
            var confirmed = commands.Identity(row, ring) with { Name = asked.Name, ResidentId = number };
            if (await TryAsync(id, row, confirmed, ring, cancellationToken))
                return OutboxResult.Ok;
        }
        return new OutboxResult.Retry(null, "the person is being changed by others");
    }

    private async Task<bool> TryAsync(Guid id, PersonRow row, PersonIdentity confirmed, KeyRing ring, CancellationToken cancellationToken)
    {
        try
        {
            return await store.ConfirmAsync(id, row, confirmed, ring, VerificationState.Verified, cancellationToken);
        }
        catch (PostgresException e) when (RealNameStore.IsBoundElsewhere(e))
        {
            // What somebody is verified with stays; who has nothing yet keeps the confirmed claim, to take it over or to appeal.
            if (row.VerifiedAt is null)
                return await store.ConfirmAsync(id, row, confirmed, ring, VerificationState.BoundToAnother, cancellationToken);
            await store.EndAsync(id, VerificationState.BoundToAnother, cancellationToken);
            return true;
        }
    }

    // It was checked when it was sealed.
    private ResidentId NumberOf(string text) => ResidentId.TryParse(text, ChinaTime.DateOf(clock.Now), out var number, out var fault) ? number : throw new InvalidOperationException($"A sealed number isn't one: {fault.Code}.");
}
