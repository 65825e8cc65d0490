using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Reviews.Handling;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

public sealed class DelegationRulesTests
{
    private static readonly DateTimeOffset Day = new(2026, 9, 21, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] People = ["a", "b", "c", "d", "e"];
    private static readonly string[] Services = ["title", "subsidy"];
    private static readonly string[] Roles = ["reviewer", "clerk"];

    /// <summary>Delegations as they are asked for, one after the other; some are revoked later.</summary>
    private static readonly Gen<Delegation[]> Asked = Gen.Choose(0, int.MaxValue - 1).Select(seed =>
    {
        var random = new Random(seed);
        return Enumerable.Range(0, random.Next(1, 25)).Select(i =>
        {
            var from = random.Next(0, 10);
            return new Delegation(new Guid(i, 0, 0, new byte[8]), People[random.Next(5)], People[random.Next(5)], Some(random, Services), Some(random, Roles),
                Day.AddDays(from), Day.AddDays(from + random.Next(1, 8)), random.Next(4) == 0 ? Day.AddDays(random.Next(0, 15)) : null);
        }).ToArray();
    });

    [Fact]
    public void PrincipalsOf_WhenCirclesWereRefused_ThenNobodyEverActsForThemselvesNorInACircle_R_REV_7() => Property.Holds(Asked, asked =>
    {
        var kept = new List<Delegation>();
        foreach (var added in asked.Where(d => d.Principal != d.Delegate))
            if (DelegationRules.Circle(added, kept) is null)
                kept.Add(added);

        for (var day = -1; day < 20; day++)
            foreach (var service in Services)
                foreach (var role in Roles)
                {
                    var edges = kept.Where(d => d.Scope.HoldsAt(Day.AddDays(day)) && d.Scope.Covers(service, role)).ToLookup(d => d.Delegate, d => d.Principal);
                    Assert.All(People, person => Assert.DoesNotContain(person, Ahead(edges, person)));
                    foreach (var person in People)
                        foreach (var principal in DelegationRules.PrincipalsOf(person, kept, Day.AddDays(day)).Where(p => p.Scope.Covers(service, role)))
                        {
                            Assert.NotEqual(person, principal.User);
                            Assert.Contains(principal.User, Ahead(edges, person));
                        }
                }
    });

    [Fact]
    public void PrincipalsOf_WhenALinkIsRevokedOrOutsideItsPeriodOrScope_ThenItGivesNothing_R_REV_7() => Property.Holds(Asked, asked =>
    {
        for (var day = -1; day < 20; day++)
            foreach (var person in People)
                foreach (var principal in DelegationRules.PrincipalsOf(person, asked, Day.AddDays(day)))
                {
                    var chain = principal.Chain.Select(id => asked.Single(d => d.Id == id)).ToArray();
                    var at = Day.AddDays(day);
                    Assert.All(chain, d => Assert.True(d.From <= at && at < d.Until && !(d.RevokedAt <= at)));
                    Assert.Equal([person, .. chain.Select(d => d.Principal)], [.. chain.Select(d => d.Delegate), principal.User]);
                    Assert.InRange(chain.Length, 1, DelegationRules.LongestChain);
                    foreach (var service in Services)
                        foreach (var role in Roles)
                            Assert.Equal(chain.All(d => d.Scope.Covers(service, role)), principal.Scope.Covers(service, role));
                }
    });

    [Fact]
    public void Circle_WhenItCloses_ThenItsWayIsRealAndOtherwiseThereIsNone_R_REV_7() => Property.Holds(Asked, asked =>
    {
        var others = asked[1..].Where(d => d.Principal != d.Delegate).ToArray();
        var added = asked[0] with { Delegate = asked[0].Principal == "a" ? "b" : "a" };

        var circle = DelegationRules.Circle(added, others);

        var closes = Enumerable.Range(-1, 40).Any(half => Services.Any(service => Roles.Any(role =>
            added.Scope.HoldsAt(Day.AddDays(half / 2.0)) && added.Scope.Covers(service, role)
            && Ahead(others.Where(d => d.Scope.HoldsAt(Day.AddDays(half / 2.0)) && d.Scope.Covers(service, role)).ToLookup(d => d.Principal, d => d.Delegate), added.Delegate).Contains(added.Principal))));
        Assert.Equal(closes, circle is not null);
    });

    private static HashSet<string> Ahead(ILookup<string, string> edges, string from)
    {
        var found = new HashSet<string>();
        var next = new Queue<string>([from]);
        while (next.TryDequeue(out var person))
            foreach (var other in edges[person])
                if (found.Add(other))
                    next.Enqueue(other);
        return found;
    }

    private static string[]? Some(Random random, string[] all) => random.Next(3) switch { 0 => null, 1 => [all[random.Next(2)]], _ => all };
}
