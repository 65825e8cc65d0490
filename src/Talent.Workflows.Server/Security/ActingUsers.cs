using System.Collections.Concurrent;
using Npgsql;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Server.Security;

/// <summary>
/// Checks the user that a request acts for: the user exists, is active, and is one that the key may act for. What the user
/// may do is checked where it is done, in the step.
/// </summary>
internal sealed class ActingUsers(NpgsqlDataSource database, TimeProvider time)
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(2);
    private readonly ConcurrentDictionary<string, (Person Person, DateTimeOffset Until)> known = new(StringComparer.Ordinal);

    /// <exception cref="WorkflowException"><c>unknown_user</c>, <c>user_not_allowed</c>.</exception>
    public async ValueTask CheckAsync(ServiceKey key, string user, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (!known.TryGetValue(user, out var entry) || entry.Until <= now)
        {
            if (known.Count >= MaxRemembered)
                known.Clear();
            entry = (await FindAsync(user, cancellationToken) ?? throw KeyErrors.NoSuchUser(user), now + Remembered);
            known[user] = entry;
        }
        var person = entry.Person;
        if (key.Organisations is { } organisations && (person.Organisation is null || !organisations.Contains(person.Organisation)) && !person.Roles.Any(r => organisations.Contains(r.Organisation)))
            throw KeyErrors.MayNotActFor(key, user, "organisations");
        // Who isn't associated with an employer is an applicant all the same, at none.
        if (key.Roles is { } roles && !person.Roles.Any(r => roles.Contains(r.Role) && (key.Organisations is null || key.Organisations.Contains(r.Organisation)))
            && !(person.Organisation is null && roles.Contains("applicant")))
            throw KeyErrors.MayNotActFor(key, user, "roles");
    }

    private async Task<Person?> FindAsync(string user, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select u.organisation_id, array(select r.role from approvals.user_roles r where r.user_id = u.id order by r.role, r.organisation_id),
                array(select r.organisation_id from approvals.user_roles r where r.user_id = u.id order by r.role, r.organisation_id)
            from approvals.users u where u.id = $1 and u.active
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = user });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new Person(reader.IsDBNull(0) ? null : reader.GetString(0), [.. reader.GetFieldValue<string[]>(1).Zip(reader.GetFieldValue<string[]>(2))])
            : null;
    }

    private sealed record Person(string? Organisation, (string Role, string Organisation)[] Roles);
}
