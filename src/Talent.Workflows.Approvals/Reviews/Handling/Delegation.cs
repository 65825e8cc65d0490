namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>委托: for a time, one person may decide what another could, in some services and roles (R-REV-7).</summary>
/// <param name="Services">Null: all.</param>
/// <param name="Roles">Null: all, and what is assigned to the principal by name too.</param>
/// <param name="Until">Exclusive.</param>
public sealed record Delegation(
    Guid Id, string Principal, string Delegate, IReadOnlyCollection<string>? Services, IReadOnlyCollection<string>? Roles,
    DateTimeOffset From, DateTimeOffset Until, DateTimeOffset? RevokedAt = null)
{
    public DelegationScope Scope => new(Services, Roles, From, RevokedAt < Until ? RevokedAt.Value : Until);
}

/// <summary>Where and when a right to act for somebody holds; that of a chain is what all its links share.</summary>
public readonly record struct DelegationScope(IReadOnlyCollection<string>? Services, IReadOnlyCollection<string>? Roles, DateTimeOffset From, DateTimeOffset Until)
{
    public bool IsEmpty => From >= Until || Services is { Count: 0 } || Roles is { Count: 0 };

    public bool HoldsAt(DateTimeOffset instant) => From <= instant && instant < Until;

    public bool Covers(string service, string? role) => (Services is null || Services.Contains(service)) && (Roles is null || role is not null && Roles.Contains(role));

    public DelegationScope With(DelegationScope other) => new(
        Both(Services, other.Services), Both(Roles, other.Roles), From > other.From ? From : other.From, Until < other.Until ? Until : other.Until);

    private static IReadOnlyCollection<string>? Both(IReadOnlyCollection<string>? one, IReadOnlyCollection<string>? two) =>
        one is null ? two : two is null ? one : [.. one.Intersect(two, StringComparer.Ordinal)];
}

/// <summary>Somebody in whose place a user may decide.</summary>
/// <param name="Chain">The delegations that lead to the principal, the user's own first.</param>
public sealed record Principal(string User, IReadOnlyList<Guid> Chain, DelegationScope Scope);
