using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People.Profiles;

namespace Talent.Workflows.Approvals.People;

/// <summary>A person in a list; numbers and addresses masked, as everywhere but in a reveal.</summary>
/// <param name="UserId">The account.</param>
/// <param name="Verified">Whether name and identity number were verified (实名认证).</param>
public sealed record PersonSummary(Guid Id, string UserId, string Name, string? ResidentId, string? Phone, string? Email, bool Verified, DateTimeOffset? SubmittedAt);

/// <summary>A person with the whole profile, as for a preview; numbers and addresses masked.</summary>
public sealed record PersonView
{
    public required Guid Id { get; init; }

    /// <summary>The account.</summary>
    public required string UserId { get; init; }

    /// <summary>Goes up with every change; as an entity tag it is what <c>If-Match</c> takes.</summary>
    public required long Version { get; init; }
    public required string Name { get; init; }
    public string? ResidentId { get; init; }
    public string? Phone { get; init; }
    public string? Email { get; init; }

    /// <summary>When name and identity number were verified (实名认证); null: not yet.</summary>
    public DateTimeOffset? VerifiedAt { get; init; }
    public required IReadOnlyList<ProfileStepView> Steps { get; init; }
    public required ProgressView Progress { get; init; }

    /// <summary>What is missing or wrong; empty: complete.</summary>
    public required IReadOnlyList<ProfileGap> Gaps { get; init; }

    /// <summary>Null: never submitted, or changed since.</summary>
    public DateTimeOffset? SubmittedAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>What the acting user can do now.</summary>
    public required IReadOnlyList<NextAction> NextActions { get; init; }
}

/// <summary>One step of a profile.</summary>
/// <param name="Data">By field; null: never saved.</param>
public sealed record ProfileStepView(string Key, string Zh, string En, StepState State, JsonElement? Data, DateTimeOffset? SavedAt);

/// <summary>How many of the steps are complete.</summary>
public sealed record ProgressView(int Done, int Total, bool Complete);

/// <summary>Who is to be found: exactly one of the four.</summary>
/// <param name="Name">A fragment of the name, of one character or more.</param>
/// <param name="ResidentId">The whole identity number.</param>
/// <param name="Phone">The whole mobile number.</param>
/// <param name="Email">The whole address, in either case.</param>
/// <param name="Limit">1 to 200; 50 when it is left out.</param>
public sealed record PersonSearch(string? Name = null, string? ResidentId = null, string? Phone = null, string? Email = null, string? Cursor = null, int? Limit = null)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => nameof(PersonSearch);
}

/// <summary>Somebody who registers. The identity number may follow later (暂不认证).</summary>
/// <param name="UserId">For a request that acts for nobody: the account that is opened for them, with no organisation. 3 to 60 lower-case letters, digits and hyphens, the first a letter.</param>
public sealed record NewPerson(string Name, string? ResidentId = null, string? Phone = null, string? Email = null, string? UserId = null)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => nameof(NewPerson);
}

/// <summary>What changes of who somebody is; what is left out stays.</summary>
/// <param name="Phone">Another number takes the code that was sent to it for <c>phone-change</c> (R-ACC-1).</param>
/// <param name="CodeId">Of the answer that the code was sent with.</param>
public sealed record PersonChange(string? Name = null, string? ResidentId = null, string? Phone = null, string? Email = null, Guid? CodeId = null, string? Code = null)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => nameof(PersonChange);
}

/// <summary>What is to be shown in full, and why.</summary>
/// <param name="Fields"><c>residentId</c>, <c>phone</c>, <c>email</c>, or a field of the profile that is shown masked.</param>
/// <param name="Reason">Recorded.</param>
public sealed record RevealRequest(IReadOnlyList<string> Fields, string Reason);

/// <summary>What was asked for, in full. A field that has no value isn't in it.</summary>
public sealed record Revealed(Guid PersonId, IReadOnlyDictionary<string, JsonElement> Fields)
{
    /// <summary>Shows nothing.</summary>
    public override string ToString() => nameof(Revealed);
}

/// <summary>One read of personal data in full, as it was recorded.</summary>
/// <param name="Fields">Their names, never their values.</param>
/// <param name="Purpose">What the reader was about: <c>reveal</c>, <c>objection</c>, or what they could do with the case.</param>
public sealed record DataRead(long Id, DateTimeOffset At, Guid? CaseId, Guid? PersonId, string Credential, string? User, IReadOnlyList<string> Fields, string Purpose, string? Reason);
