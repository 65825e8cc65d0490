using Microsoft.Extensions.Options;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Integrations.Face;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.People.RealName;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.People.Faces;

/// <summary>
/// Has faces verified (微警认证): begins a session at the office, shows its QR code, and knows the result from the office's call
/// (<see cref="FaceCallback"/>) or by asking. A result is good for the one thing that it was asked for, once, for a while.
/// </summary>
/// <remarks>Source: R-ACC-4, R-INT-2; docs/adr/0033.</remarks>
public sealed class FaceChecks(
    NpgsqlDataSource database, PersonReader reader, PersonCommands people, FaceStore store, DataKeys keys, IEnumerable<IFaceVerification> verification, IOptions<FaceOptions> face, IOptions<RealNameOptions> options)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private readonly IFaceVerification? office = verification.FirstOrDefault();
    private readonly CodeLimit account = PersonLimits.PerDay("face", options.Value.FacesPerDay);

    /// <summary>Begins one.</summary>
    /// <returns>Its id; the same when the request is repeated.</returns>
    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>, <c>invalid_request</c> (purpose), <c>wrong_state</c>: the person has no identity number; <c>rate_limited</c>;
    /// <c>unavailable</c>: the office is out of reach, with the <c>alternative</c>.</exception>
    public async Task<Guid> BeginAsync(Caller caller, Guid person, NewFaceCheck request, Idempotency? idempotency, CancellationToken cancellationToken)
    {
        var found = await reader.FindOwnAsync(caller, person, cancellationToken);
        var purpose = request.Purpose ?? FacePurposes.LookUp;
        if (!FacePurposes.All.Contains(purpose))
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"The purpose is one of {string.Join(", ", FacePurposes.All)}.", $"用途须为 {string.Join("、", FacePurposes.All)} 之一。")
            { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ProblemError("$.purpose", "invalid_value", "用途无效", "not a purpose") } } };
        var id = RowIds.Of("face-check", idempotency, store.Now);
        if (await store.FindAsync(id, cancellationToken) is { } known)
            return known.Person == person && known.RequestHash.AsSpan().SequenceEqual(idempotency?.RequestHash) ? id
                : throw new WorkflowException(ErrorCodes.IdempotencyKeyReused, "This idempotency key was used for another face check. Use a new one.", "此幂等键已用于其他人脸识别，请更换。");
        var identity = people.Identity(found.Row, await keys.RingAsync(found.KeyId, cancellationToken));
        if (identity.ResidentId is not { } number)
            throw new WorkflowException(ErrorCodes.WrongState, $"Person {person} has no identity number yet: give it, or verify it, first.", "请先填写身份证号码或办理实名认证。");
        if (office is null)
            throw Unreachable(purpose);
        var now = store.Now;
        await PersonLimits.TakeAsync(database, account, PersonLimits.Key(account, person.ToByteArray()), now, cancellationToken);
        switch (await office.BeginAsync(id.ToString("N"), identity.Name, number, cancellationToken))
        {
            case OutsideAnswer<FaceSession>.Answered(var session):
                // By our clock, from before the office was asked: its own may be wrong.
                var row = new FaceRow(id, person, found.Row.IdentityVersion, purpose, FaceState.Waiting, session.Token, session.QrContent, now.AddSeconds(face.Value.LifeSeconds), RequestHash: idempotency?.RequestHash);
                return await store.InsertAsync(row, caller.Credential, cancellationToken) ? id : throw Unreachable(purpose);
            default:
                throw Unreachable(purpose);
        }
    }

    /// <exception cref="WorkflowException"><c>not_found</c>, <c>forbidden</c>.</exception>
    public async Task<FaceCheckView> ReadAsync(Caller caller, Guid person, Guid id, CancellationToken cancellationToken)
    {
        await reader.FindOwnAsync(caller, person, cancellationToken);
        return View(await FindAsync(person, id, cancellationToken));
    }

    /// <summary>The same once it has ended, or the time is over.</summary>
    public async Task<FaceCheckView> WaitAsync(Caller caller, Guid person, Guid id, TimeSpan atMost, CancellationToken cancellationToken)
    {
        await reader.FindOwnAsync(caller, person, cancellationToken);
        var row = await FindAsync(person, id, cancellationToken);
        for (var left = atMost; left > TimeSpan.Zero && row.State == FaceState.Waiting; left -= Poll)
        {
            await Task.Delay(left < Poll ? left : Poll, cancellationToken);
            row = await FindAsync(person, id, cancellationToken);
        }
        return View(row);
    }

    /// <summary>What the office has told of a session.</summary>
    /// <exception cref="WorkflowException"><c>not_found</c>: there is no such session.</exception>
    internal async Task<FaceState> SettleAsync(string token, FaceState state, CancellationToken cancellationToken) =>
        await store.SettleAsync(token, state, cancellationToken) ?? throw new WorkflowException(ErrorCodes.NotFound, "There is no such session.", "没有此次人脸识别。");

    /// <summary>Uses a passed result for one thing, so that it is good for no other.</summary>
    /// <param name="usedFor">Id of what it is used for.</param>
    /// <exception cref="WorkflowException"><c>wrong_state</c> with the <c>reason</c> <c>face_required</c>: not passed, used before, too old, of another name or number, or for something else.</exception>
    public async Task UseAsync(Guid person, Guid id, string purpose, string usedFor, CancellationToken cancellationToken)
    {
        if (!await store.UseAsync(id, person, purpose, usedFor, OldestUsable, cancellationToken))
            throw Required(purpose);
    }

    /// <summary>The same without using it up: for a step on the way.</summary>
    internal async Task RequireAsync(Guid person, Guid id, string purpose, long identityVersion, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(id, cancellationToken) is not { State: FaceState.Passed, UsedAt: null, EndedAt: { } ended } row || row.Person != person || row.Purpose != purpose
            || row.IdentityVersion != identityVersion || ended <= OldestUsable)
            throw Required(purpose);
    }

    /// <summary>Results before this instant are too old.</summary>
    internal DateTimeOffset OldestUsable => store.Now.AddMinutes(-options.Value.FaceResultMinutes);

    /// <summary>As the office's last word has it; the office is asked when it hasn't called.</summary>
    private async Task<FaceRow> FindAsync(Guid person, Guid id, CancellationToken cancellationToken)
    {
        var row = await store.FindAsync(id, cancellationToken);
        if (row is null || row.Person != person)
            throw new WorkflowException(ErrorCodes.NotFound, $"Person {person} has no face check {id}.", "没有此次人脸识别。");
        if (row is not { State: FaceState.Waiting, Token: { } token } || office is null || !await store.TakeTurnAsync(id, cancellationToken))
            return row;
        // Out of reach: it stays as it is, and ends when its time is over.
        if (await office.ReadAsync(token, cancellationToken) is not OutsideAnswer<FaceProgress>.Answered({ State: not FaceState.Waiting and var state }))
            return row;
        await store.SettleAsync(token, state, cancellationToken);
        return (await store.FindAsync(id, cancellationToken))!;
    }

    private FaceCheckView View(FaceRow row)
    {
        var waiting = row.State == FaceState.Waiting;
        var (zh, en) = row.State switch
        {
            FaceState.Waiting => ("请使用微信或微警APP扫描二维码进行人脸识别", "Scan the code with the app"),
            FaceState.Passed => ("人脸识别通过", "The face was verified"),
            FaceState.Failed => ("人脸识别未通过", "The face wasn't verified"),
            _ => ("二维码已过期，人脸识别未完成", "The code has expired"),
        };
        var at = $"/api/v1/people/{row.Person}";
        return new FaceCheckView(row.Id, row.Person, row.Purpose, row.State.ToString().ToLowerInvariant(), zh, en, waiting ? row.QrContent : null, row.ExpiresAt,
            waiting ? Math.Max(0, (int)Math.Ceiling((row.ExpiresAt - store.Now).TotalSeconds)) : 0, row.EndedAt, row.UsedAt,
            row.State is FaceState.Failed or FaceState.Expired ? Instead(row.Purpose) : null,
            row.State is FaceState.Failed or FaceState.Expired ? [new NextAction("face_check", "重新进行人脸识别", "POST", $"{at}/face-checks", Name: row.Purpose)]
            : row is { State: FaceState.Passed, UsedAt: null, Purpose: FacePurposes.Rebinding } ? [new NextAction("rebind", "换绑：短信验证", "POST", $"{at}/rebinding/codes")] : []);
    }

    private static FaceAlternative Instead(string purpose) => purpose == FacePurposes.Rebinding
        ? new("appeal", "可改为提出人工申诉", "Appeal instead")
        : new("questionnaire", "是否跳转问答测试？", "Answer the questionnaire instead?");

    private static WorkflowException Unreachable(string purpose) => new(ErrorCodes.Unavailable, "Face verification can't be reached now. Try again later, or use the alternative.",
        purpose == FacePurposes.LookUp ? "人脸识别服务暂不可用，请稍后再试，或改用问答测试。" : "人脸识别服务暂不可用，请稍后再试，或提出人工申诉。")
    { Facts = new Dictionary<string, object?> { ["alternative"] = Instead(purpose), ["retryAfterSeconds"] = 30 } };

    private static WorkflowException Required(string purpose) => new(ErrorCodes.WrongState, $"This takes a face check for '{purpose}' that was passed lately, of the name and number as they are, and that nothing was done with yet.",
        "须先通过本次办理的人脸识别；已使用、已过期或用于其他事项的结果无效。")
    { Facts = new Dictionary<string, object?> { ["reason"] = "face_required", ["alternative"] = Instead(purpose) } };
}
