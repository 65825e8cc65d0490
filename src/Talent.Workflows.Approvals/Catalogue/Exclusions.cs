using System.Collections.Frozen;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>Which services exclude which, both ways, whichever of two says it.</summary>
public sealed class Exclusions
{
    private static readonly FrozenSet<string> None = [];
    private readonly FrozenDictionary<string, FrozenSet<string>> excluding;

    /// <exception cref="ContentException">Two that exclude each other are about different subjects: no case of one could be found for the other.</exception>
    public Exclusions(IReadOnlyCollection<ServiceDefinition> services)
    {
        var subjects = services.ToDictionary(s => s.Id, s => s.Subject, StringComparer.Ordinal);
        var pairs = services.SelectMany(s => s.Conditions.Excludes.SelectMany(other => new[] { (Of: s.Id, By: other), (Of: other, By: s.Id) })).Distinct().ToList();
        if (pairs.FirstOrDefault(p => subjects.TryGetValue(p.Of, out var one) && subjects.TryGetValue(p.By, out var two) && one != two) is { Of: not null } odd)
            throw new ContentException("service.json", "conditions.excludes", $"'{odd.Of}' and '{odd.By}' exclude each other, but one is about persons and the other about employers");
        excluding = pairs.GroupBy(p => p.Of, p => p.By, StringComparer.Ordinal).ToFrozenDictionary(g => g.Key, g => g.ToFrozenSet(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    /// <summary>The services of which an open case keeps this one from being filed.</summary>
    public IReadOnlySet<string> Of(string service) => excluding.GetValueOrDefault(service, None);
}
