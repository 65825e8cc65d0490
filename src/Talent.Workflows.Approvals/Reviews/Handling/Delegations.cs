using Npgsql;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>Reads delegations from their table.</summary>
internal static class Delegations
{
    public const string Columns = "d.id, d.principal, d.delegate, d.services, d.roles, d.from_at, d.until_at, d.revoked_at";

    /// <summary>A leading clause: the delegations <c>up</c> that lead to a user ($1) at an instant ($2), with their principals.</summary>
    public static readonly string Up = $"""
        with recursive up (id, principal, length) as (
            select d.id, d.principal, 1 from approvals.delegations d where d.delegate = $1 and d.revoked_at is null and d.from_at <= $2 and d.until_at > $2
            union
            select d.id, d.principal, u.length + 1 from up u join approvals.delegations d on d.delegate = u.principal and d.revoked_at is null and d.from_at <= $2 and d.until_at > $2
            where u.length < {DelegationRules.LongestChain})
        """;

    /// <summary>The delegations that may lead to somebody in whose place a user ($1) may decide at an instant ($2).</summary>
    public static readonly string LinksSql = $"{Up} select {Columns} from approvals.delegations d where d.id in (select up.id from up)";

    /// <summary>In whose place a user may decide now, as far as delegations go. One round trip.</summary>
    public static async Task<IReadOnlyList<Principal>> PrincipalsOfAsync(this NpgsqlDataSource database, string user, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var links = await database.QueryAsync(LinksSql, Read, cancellationToken, user, now);
        return links.Count == 0 ? [] : DelegationRules.PrincipalsOf(user, links, now);
    }

    /// <summary>The delegations in force at an instant by which the tasks of these users may have come to others.</summary>
    public static Task<List<Delegation>> LinksFromAsync(this NpgsqlDataSource database, string[] principals, DateTimeOffset at, CancellationToken cancellationToken) => database.QueryAsync($"""
        with recursive down (id, delegate, length) as (
            select d.id, d.delegate, 1 from approvals.delegations d where d.principal = any($1) and d.revoked_at is null and d.from_at <= $2 and d.until_at > $2
            union
            select d.id, d.delegate, w.length + 1 from down w join approvals.delegations d on d.principal = w.delegate and d.revoked_at is null and d.from_at <= $2 and d.until_at > $2
            where w.length < {DelegationRules.LongestChain})
        select {Columns} from approvals.delegations d where d.id in (select down.id from down)
        """, Read, cancellationToken, principals, at);

    public static Delegation Read(NpgsqlDataReader r) => new(r.GetGuid(0), r.GetString(1), r.GetString(2), Texts(r, 3), Texts(r, 4),
        r.GetFieldValue<DateTimeOffset>(5), r.GetFieldValue<DateTimeOffset>(6), r.Instant(7));

    private static string[]? Texts(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetFieldValue<string[]>(column);
}
