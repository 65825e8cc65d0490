namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>Who may act for whom. Pure.</summary>
/// <remarks>Source: R-REV-7.</remarks>
public static class DelegationRules
{
    /// <summary>Delegations that may follow one another: from the one who decides to the one whose task it is.</summary>
    public const int LongestChain = 3;

    /// <summary>Links that one search follows; people who pass everything on to everybody are told to tidy up.</summary>
    public const int MostLinks = 10_000;

    /// <summary>In whose place somebody may decide at an instant; the shortest way to each scope first.</summary>
    public static IReadOnlyList<Principal> PrincipalsOf(string user, IEnumerable<Delegation> delegations, DateTimeOffset instant)
    {
        var byDelegate = delegations.Where(d => d.Principal != d.Delegate && d.Scope.HoldsAt(instant)).ToLookup(d => d.Delegate, StringComparer.Ordinal);
        var found = new List<Principal>();
        var ends = new List<Principal> { new(user, [], new(null, null, DateTimeOffset.MinValue, DateTimeOffset.MaxValue)) };
        for (var length = 1; length <= LongestChain && found.Count < MostLinks; length++)
        {
            var longer = new List<Principal>();
            foreach (var end in ends)
                foreach (var link in byDelegate[end.User])
                {
                    var scope = end.Scope.With(link.Scope);
                    // Whoever tidied their delegations by hand may have left a circle: nobody acts for themselves.
                    if (link.Principal != user && !scope.IsEmpty && found.Count + longer.Count < MostLinks)
                        longer.Add(new Principal(link.Principal, [.. end.Chain, link.Id], scope));
                }
            found.AddRange(longer);
            ends = longer;
        }
        return found;
    }

    /// <summary>
    /// The delegations with which a new one would close a circle: at some instant, in some service and role, somebody would
    /// act for themselves. However long the way is. Null: none.
    /// </summary>
    /// <exception cref="InvalidOperationException">More than <see cref="MostLinks"/> links would have to be followed.</exception>
    public static IReadOnlyList<Guid>? Circle(Delegation added, IEnumerable<Delegation> existing)
    {
        var byPrincipal = existing.ToLookup(d => d.Principal, StringComparer.Ordinal);
        var links = 0;
        var way = new List<Guid>();
        return Reaches(added.Delegate, added.Scope, []) ? way : null;

        bool Reaches(string from, DelegationScope scope, HashSet<string> passed)
        {
            if (from == added.Principal)
                return true;
            if (!passed.Add(from))
                return false;
            foreach (var link in byPrincipal[from])
            {
                if (++links > MostLinks)
                    throw new InvalidOperationException("Too many delegations overlap.");
                if (scope.With(link.Scope) is { IsEmpty: false } shared)
                {
                    way.Add(link.Id);
                    if (Reaches(link.Delegate, shared, passed))
                        return true;
                    way.RemoveAt(way.Count - 1);
                }
            }
            passed.Remove(from);
            return false;
        }
    }
}
