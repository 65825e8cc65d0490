using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>One round of a service's <c>rounds.json</c>; its series is the service's id.</summary>
public sealed record RoundFile(string Id, short Year, string NameZh, string NameEn, DateOnly OpensOn, DateOnly ClosesOn, bool Cancelled = false)
{
    public const string FileName = "rounds.json";

    /// <exception cref="ContentException">The file can't be used.</exception>
    internal static IEnumerable<(string, RoundChange)> ReadAll(string folder, string service)
    {
        if (!File.Exists(Path.Combine(folder, FileName)))
            return [];
        var rounds = ContentFile.Read<List<RoundFile>>(folder, FileName);
        if (rounds.FirstOrDefault(r => CatalogueDesk.Id("id", r.Id) is not null || r.ClosesOn < r.OpensOn || r.NameZh.Length == 0 || r.NameEn.Length == 0) is { } wrong)
            throw new ContentException($"{service}/{FileName}", wrong.Id, "a round has an id of letters, digits and hyphens, names, and a last day that isn't before the first");
        return rounds.Select(r => (r.Id, new RoundChange { Series = service, Year = r.Year, NameZh = r.NameZh, NameEn = r.NameEn, OpensOn = r.OpensOn, ClosesOn = r.ClosesOn, Cancelled = r.Cancelled, Reason = FileName }));
    }
}
