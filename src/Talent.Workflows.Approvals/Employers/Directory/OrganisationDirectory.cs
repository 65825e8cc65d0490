using System.Collections.Frozen;
using System.Security.Cryptography;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Employers.Directory;

/// <summary>Organisations and their people, as read from a file and checked; immutable and pure.</summary>
public sealed class OrganisationDirectory
{
    private readonly FrozenDictionary<string, Organisation> _organisations;
    private readonly FrozenDictionary<string, DirectoryUser> _users;
    private readonly FrozenDictionary<string, Organisation> _responsible;

    private OrganisationDirectory(DirectoryDefinition definition, string file, string hash)
    {
        (File, Hash) = (file, hash);
        _organisations = definition.Organisations.ToFrozenDictionary(o => o.Id, StringComparer.Ordinal);
        _users = definition.Users.ToFrozenDictionary(u => u.Id, StringComparer.Ordinal);
        _responsible = definition.Organisations
            .SelectMany(unit => unit.ResponsibleFor.Select(employer => (employer, unit)))
            .ToFrozenDictionary(p => p.employer, p => p.unit, StringComparer.Ordinal);
        Organisations = definition.Organisations;
        Users = definition.Users;
    }

    /// <summary>The name of the file.</summary>
    public string File { get; }

    /// <summary>SHA-256 of the file without carriage returns, in lower-case hexadecimal.</summary>
    public string Hash { get; }

    public IReadOnlyList<Organisation> Organisations { get; }

    public IReadOnlyList<DirectoryUser> Users { get; }

    /// <summary>Reads a directory file.</summary>
    /// <param name="utf8">JSON text.</param>
    /// <param name="file">The name to show in errors.</param>
    /// <exception cref="ContentException">Wrong shape, an id twice, an unknown parent, a cycle, an employer without exactly one responsible unit.</exception>
    public static OrganisationDirectory Load(ReadOnlySpan<byte> utf8, string file = "organisations.json")
    {
        DirectoryDefinition definition = ContentFile.Parse<DirectoryDefinition>(file, utf8);
        List<ContentError> errors = DirectoryChecks.Errors(definition, file);
        return errors.Count == 0 ? new OrganisationDirectory(definition, file, HashOf(utf8)) : throw new ContentException(errors);
    }

    private static string HashOf(ReadOnlySpan<byte> utf8) => Convert.ToHexStringLower(SHA256.HashData([.. utf8.ToArray().Where(b => b != (byte)'\r')]));

    public Organisation? Organisation(string id) => _organisations.GetValueOrDefault(id);

    public DirectoryUser? User(string id) => _users.GetValueOrDefault(id);

    /// <summary>Everyone who holds the role, in the organisation when one is given; in the order of the file.</summary>
    public IEnumerable<DirectoryUser> WithRole(string role, string? organisation = null) =>
        Users.Where(u => u.Roles.Contains(role, StringComparer.Ordinal) && (organisation is null || u.Organisation == organisation));

    /// <summary>The way of a case: the employer, the unit responsible for it, the bureau above; null when the id is no employer.</summary>
    public OrganisationRoute? RouteFor(string employerId)
    {
        if (!_organisations.TryGetValue(employerId, out Organisation? employer) || !_responsible.TryGetValue(employerId, out Organisation? unit))
        {
            return null;
        }

        Organisation above = unit;
        while (above.Kind is not OrganisationKind.Bureau)
        {
            above = _organisations[above.Parent!];
        }

        return new OrganisationRoute(employer, unit, above);
    }
}
