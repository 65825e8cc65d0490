using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.People.RealName;

/// <summary>Where somebody's verification stands.</summary>
/// <param name="State">A code of <see cref="VerificationState"/>.</param>
/// <param name="VerifiedAt">Since when name and number of the account are verified; null: they aren't. A try to change them leaves it as it is until it succeeds.</param>
/// <param name="AskedAt">Machine clock, like all instants but <c>verifiedAt</c>.</param>
/// <param name="Parked">The office can't be reached now: it is asked again by itself. Null: it isn't waited for.</param>
/// <param name="NextActions">The ways on, for the person themselves.</param>
public sealed record VerificationView(
    Guid PersonId, string State, string Zh, string En, DateTimeOffset? VerifiedAt, DateTimeOffset? AskedAt, DateTimeOffset? AnsweredAt, ParkedVerification? Parked, IReadOnlyList<NextAction> NextActions);

/// <summary>Reads verifications, of those whom the caller may see.</summary>
public sealed class RealNameReader(PersonStore people, RealNameStore store)
{
    /// <summary>The service that decides appeals (workflows/identity-appeal).</summary>
    public const string AppealService = "identity-appeal";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <exception cref="WorkflowException"><c>not_found</c>: there is no such person, or not for the caller; <c>forbidden</c>.</exception>
    public async Task<VerificationView> ReadAsync(Caller caller, Guid person, CancellationToken cancellationToken)
    {
        CaseReader.RequireActing(caller);
        if (await people.FindAsync(caller, person, PersonReach.AnyOffice, cancellationToken) is not { } found || await store.NewestAsync(person, cancellationToken) is not { } newest)
            throw PersonReader.NotFound(person);
        var state = newest.State;
        if (newest.VerifiedAt is not null && newest.Id is null)
            state = VerificationState.Verified;
        else if (newest.VerifiedAt is null && state == VerificationState.Verified)
            state = VerificationState.Released;
        else if (state == VerificationState.BoundToAnother && !newest.Current)
            state = newest.VerifiedAt is null ? VerificationState.Unverified : VerificationState.Verified;
        return new VerificationView(person, state.Code, state.Zh, state.En, newest.VerifiedAt, newest.AskedAt, newest.AnsweredAt, newest.Parked, found.Own ? Actions(person, state, newest) : []);
    }

    /// <summary>The same once the answer is there, or the time is over.</summary>
    public async Task<VerificationView> WaitAsync(Caller caller, Guid person, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var view = await ReadAsync(caller, person, cancellationToken);
        if (view.State != VerificationState.Pending.Code || atMost <= TimeSpan.Zero)
            return view;
        for (var left = atMost; left > TimeSpan.Zero && (await store.NewestAsync(person, cancellationToken))?.State == VerificationState.Pending; left -= Poll)
            await Task.Delay(left < Poll ? left : Poll, cancellationToken);
        return await ReadAsync(caller, person, cancellationToken);
    }

    private static IReadOnlyList<NextAction> Actions(Guid person, VerificationState state, NewestVerification newest)
    {
        var at = $"/api/v1/people/{person}";
        var verify = new NextAction("verify", state == VerificationState.Unverified ? "实名认证" : "重新认证", "POST", $"{at}/verification");
        if (state == VerificationState.Pending || state == VerificationState.Verified)
            return [];
        return state == VerificationState.BoundToAnother && newest.VerifiedAt is null
            ?
            [
                new NextAction("face_check", "换绑：人脸识别", "POST", $"{at}/face-checks", Name: "rebinding"), new NextAction("rebind", "换绑：短信验证", "POST", $"{at}/rebinding/codes"),
                new NextAction("appeal", "人工申诉", "POST", "/api/v1/cases", Name: AppealService), verify,
            ]
            : [verify];
    }
}
