using System.Collections.Frozen;

namespace Talent.Workflows.Server.Security;

/// <summary>What a service key may be used for. A scope with <c>:read</c> behind it covers GET only.</summary>
public static class Scopes
{
    /// <summary>Cases, tasks, panels, notices, messages.</summary>
    public const string Cases = "cases";

    /// <summary>Workflow instances and signals.</summary>
    public const string Workflows = "workflows";

    /// <summary>Workflow definitions.</summary>
    public const string Definitions = "definitions";

    /// <summary>Keys, intake, failed deliveries.</summary>
    public const string Admin = "admin";

    private const string ReadOnly = ":read";

    /// <summary>Every scope that a key may have.</summary>
    public static FrozenSet<string> All { get; } = new[] { Cases, Workflows, Definitions, Admin }
        .SelectMany(scope => new[] { scope, scope + ReadOnly }).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether these scopes cover a request that needs <paramref name="scope"/>.</summary>
    public static bool Cover(IReadOnlySet<string> scopes, string scope, bool reads) =>
        scopes.Contains(scope) || (reads && scopes.Contains(scope + ReadOnly));
}
