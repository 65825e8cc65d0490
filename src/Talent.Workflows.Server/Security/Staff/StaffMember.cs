using System.Collections.Frozen;

namespace Talent.Workflows.Server.Security.Staff;

/// <summary>Somebody who may sign in to Studio.</summary>
/// <param name="Id">The name to sign in with.</param>
/// <param name="Name">What others see.</param>
/// <param name="Role">One of <see cref="StaffRoles.All"/>.</param>
public sealed record StaffMember(string Id, string Name, string Role, DateTimeOffset CreatedAt, DateTimeOffset? DisabledAt)
{
    public const string CredentialPrefix = "staff:";

    /// <summary>Who acts, in audit and as author of drafts.</summary>
    public string Credential => CredentialPrefix + Id;
}

/// <summary>What members of staff may do. A role is a bundle of the scopes that service keys have.</summary>
public static class StaffRoles
{
    public const string Viewer = "viewer";
    public const string Designer = "designer";
    public const string Operator = "operator";
    public const string Administrator = "administrator";

    private const string Read = ":read";

    private static readonly FrozenDictionary<string, FrozenSet<string>> Bundles = new Dictionary<string, FrozenSet<string>>
    {
        [Viewer] = Set(Scopes.Definitions + Read, Scopes.Workflows + Read),
        [Designer] = Set(Scopes.Definitions, Scopes.Workflows + Read),
        [Operator] = Set(Scopes.Definitions + Read, Scopes.Workflows),
        [Administrator] = Set(Scopes.Definitions, Scopes.Workflows, Scopes.Admin),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Every role, the weakest first.</summary>
    public static IReadOnlyList<string> All { get; } = [Viewer, Designer, Operator, Administrator];

    /// <summary>What a role covers.</summary>
    public static FrozenSet<string> Covered(string role) => Bundles[role];

    private static FrozenSet<string> Set(params string[] scopes) => scopes.ToFrozenSet(StringComparer.Ordinal);
}
