using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Talent.Workflows.Approvals.Panels;

namespace Talent.Workflows.Approvals.Tests.Panels;

public sealed class PanelDrawTests
{
    private static readonly PanelSubject Subject = new() { ApplicantId = "P-1", EmployerId = "O-1", KinIds = ["E-07"], CoAuthorIds = ["E-08"], RecusedIds = ["E-09"] };

    private static readonly PanelRules Five = new()
    {
        Size = 5,
        Fields = [new FieldQuota { Field = "theory", AtLeast = 2, AtMost = 3, Fallback = ["history"] }, new FieldQuota { Field = "practice", AtLeast = 1 }],
    };

    private static readonly Gen<Expert[]> Pools =
        from size in Gen.Choose(0, 40)
        from parts in Gen.ArrayOf(Gen.Zip(Gen.SubListOf("theory", "practice", "history", "law"), Gen.Zip(Gen.Choose(1, 6), Gen.Choose(0, 9))), size)
        select parts.Select((p, i) => new Expert
        {
            Id = $"E-{i:00}",
            Fields = [.. p.Item1],
            EmployerId = $"O-{p.Item2.Item1}",
            KinIds = p.Item2.Item2 == 0 ? ["P-1"] : [],
            CoAuthorIds = p.Item2.Item2 == 1 ? ["P-1"] : [],
            Active = p.Item2.Item2 != 2,
        }).ToArray();

    [Fact]
    public void Draw_WhenExpertsAreClose_ThenEachIsExcludedWithItsReasons_R_PAN_1()
    {
        Expert[] pool =
        [
            Person("P-1"), Person("E-01") with { EmployerId = "O-1" }, Person("E-02") with { KinIds = ["P-1"] }, Person("E-03") with { CoAuthorIds = ["P-1"] },
            Person("E-04") with { Active = false, EmployerId = "O-1" }, Person("E-05"), Person("E-07"), Person("E-08"), Person("E-09"),
        ];

        var draw = PanelDraw.Draw(pool, Subject, new PanelRules { Size = 3 }, "seed");

        Assert.Equal(["E-05"], draw.Seats.Select(s => s.ExpertId));
        Assert.Equal(2, draw.Vacant);
        Assert.Equal(
            "E-01:SameEmployer E-02:Kin E-03:CoAuthor E-04:Inactive+SameEmployer E-07:Kin E-08:CoAuthor E-09:Declared P-1:IsApplicant",
            string.Join(' ', draw.Excluded.Select(e => $"{e.Id}:{string.Join('+', e.Reasons)}")));
    }

    [Fact]
    public void Draw_WhenTheApplicantHasNoEmployer_ThenExpertsWithoutOneStay_R_PAN_1() =>
        Assert.Single(PanelDraw.Draw([Person("E-01")], Subject with { EmployerId = null }, new PanelRules { Size = 1 }, "s").Seats);

    [Fact]
    public void Draw_WhenAnyPool_ThenTheOrderCanBeRecomputed_AndThePoolsOrderDoesntMatter_R_PAN_1() =>
        Property.Holds(Gen.Zip(Pools, Gen.Choose(0, int.MaxValue)), pair =>
        {
            var (pool, seed) = (pair.Item1, $"{pair.Item2}");

            var draw = PanelDraw.Draw(pool, Subject, Five, seed);

            var expected = pool.Where(e => Recusal.Reasons(e, Subject).IsEmpty)
                .OrderBy(e => Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(seed), .. Encoding.UTF8.GetBytes(e.Id)])), StringComparer.Ordinal)
                .Select(e => e.Id);
            Assert.Equal(expected, draw.Sequence.Select(e => e.Id));
            var again = PanelDraw.Draw([.. pool.Reverse()], Subject, Five, seed);
            Assert.Equal(draw.Seats.AsEnumerable(), again.Seats.AsEnumerable());
            Assert.Equal(draw.PoolHash, again.PoolHash);
        });

    [Fact]
    public void Draw_WhenAnyPool_ThenSeatsKeepTheQuotas_AndNobodyExcludedSits_R_PAN_1() =>
        Property.Holds(Gen.Zip(Pools, Gen.Choose(0, int.MaxValue)), pair =>
        {
            var draw = PanelDraw.Draw(pair.Item1, Subject, Five, $"{pair.Item2}");
            var fields = draw.Sequence.ToDictionary(e => e.Id, e => e.Fields);
            int Seated(string field) => draw.Seats.Count(s => fields[s.ExpertId].Contains(field));
            int Able(string field) => draw.Sequence.Count(e => e.Fields.Contains(field));

            Assert.Equal(draw.Seats.Length, draw.Seats.Select(s => s.ExpertId).Distinct().Count());
            Assert.True(Seated("theory") <= 3);
            Assert.True(Seated("theory") >= Math.Min(2, Able("theory")));
            Assert.True(draw.Vacant == 0 || draw.Substitutes.All(e => e.Fields.Contains("theory")) && Seated("theory") == 3 || !draw.Substitutes.Any());
            Assert.All(draw.Seats.Where(s => s.Fallback is not null), s => Assert.Equal(("theory", "history"), (s.ForField, s.Fallback)));
            Assert.Equal(pair.Item1.Length, draw.Sequence.Length + draw.Excluded.Length);
        });

    [Fact]
    public void Draw_WhenAFieldHasTooFew_ThenItsFallbackIsDrawn_R_PAN_1()
    {
        var draw = PanelDraw.Draw([Person("E-01", "theory"), Person("E-02", "history"), Person("E-03", "law"), Person("E-04", "practice")], Subject, Five with { Size = 3 }, "x");

        Assert.Equal([new PanelSeat("E-01", "theory", null), new PanelSeat("E-02", "theory", "history"), new PanelSeat("E-04", "practice", null)], draw.Seats.AsEnumerable());
    }

    [Fact]
    public void Draw_WhenOnlyTheNamedFieldsMaySit_ThenNobodyElseIsEverSeatedAndWhatIsMissingStaysVacant_R_PAN_1() =>
        Property.Holds(Gen.Zip(Pools, Gen.ArrayOf(Gen.Choose(0, 4))), pair =>
        {
            var draw = PanelDraw.Draw(pair.Item1, Subject, Five with { OnlyFields = true }, "seed");
            foreach (var pick in pair.Item2.Prepend(-1))
            {
                draw = pick < 0 || draw.Seats.IsEmpty ? draw : draw.Substitute(draw.Seats[pick % draw.Seats.Length].ExpertId);
                var fields = draw.Sequence.ToDictionary(e => e.Id, e => e.Fields);
                Assert.All(draw.Seats, s => Assert.Contains(fields[s.ExpertId], f => f is "theory" or "history" or "practice"));
            }
        });

    [Fact]
    public void Draw_WhenOnlyTheNamedFieldsMaySit_ThenFallbacksComeAfterTheFieldsAndTheSecretaryMayNameAnybody_R_PAN_1()
    {
        Expert[] pool = [Person("E-01", "law"), Person("E-02", "theory"), Person("E-03", "history"), Person("E-04", "theory"), Person("E-05", "law"), Person("E-06", "practice")];
        var rules = new PanelRules { Size = 5, Fields = [new FieldQuota { Field = "theory", AtLeast = 5, Fallback = ["history", "practice"] }], OnlyFields = true };

        for (var seed = 0; seed < 20; seed++)
        {
            var draw = PanelDraw.Draw(pool, Subject, rules, $"{seed}");

            Assert.Equal(["E-02", "E-04"], draw.Seats[..2].Select(s => s.ExpertId).Order());
            Assert.Equal([new PanelSeat("E-03", "theory", "history"), new PanelSeat("E-06", "theory", "practice")], draw.Seats[2..].AsEnumerable());
            Assert.Equal(1, draw.Vacant);
            Assert.Equal(1, draw.Extend(new PoolRecord(Subject, [.. pool], rules), [], [], null).Vacant);
            Assert.Equal("E-05", draw.Extend(new PoolRecord(Subject, [.. pool], rules), [], ["E-05"], "专家库人数不足").Seats[^1].ExpertId);
            // A quota of one, the other seats of any named field: what stands in comes last, in its order.
            var free = PanelDraw.Draw(pool, Subject, rules with { Size = 4, Fields = [rules.Fields[0] with { AtLeast = 1 }] }, $"{seed}");
            Assert.Equal(["E-02", "E-04"], free.Seats[..2].Select(s => s.ExpertId).Order());
            Assert.Equal(["E-03", "E-06"], free.Seats[2..].Select(s => s.ExpertId));
        }
        Assert.Throws<FormatException>(() => PanelDraw.Draw(pool, Subject, new PanelRules { Size = 1, OnlyFields = true }, "s"));
    }

    [Fact]
    public void Substitute_WhenSomeoneLeaves_ThenTheNextOfTheSameSequenceSits_R_PAN_1()
    {
        var draw = PanelDraw.Draw([.. Enumerable.Range(1, 9).Select(i => Person($"E-{i + 10}"))], Subject, new PanelRules { Size = 3 }, "2026-11-21");
        var ids = draw.Sequence.Select(e => e.Id).ToArray();

        var after = draw.Substitute(ids[1]).Substitute(ids[0]);

        Assert.Equal(ids[..3], draw.Seats.Select(s => s.ExpertId));
        Assert.Equal([ids[4], ids[3], ids[2]], after.Seats.Select(s => s.ExpertId));
        Assert.Equal([ids[1], ids[0]], after.Out.AsEnumerable());
        Assert.Equal((draw.Sequence, draw.PoolHash, draw.Seed), (after.Sequence, after.PoolHash, after.Seed));
        Assert.Throws<ArgumentException>(() => after.Substitute(ids[0]));
    }

    [Fact]
    public void Substitute_WhenAllLeaveInTurn_ThenNobodyComesBack_AndNoFieldHasTooMany_R_PAN_1() =>
        Property.Holds(Gen.Zip(Pools, Gen.ArrayOf(Gen.Choose(0, 4))), pair =>
        {
            var draw = PanelDraw.Draw(pair.Item1, Subject, Five, "seed");
            var gone = new HashSet<string>();
            foreach (var pick in pair.Item2)
            {
                if (draw.Seats.IsEmpty)
                {
                    break;
                }

                var leaver = draw.Seats[pick % draw.Seats.Length].ExpertId;
                gone.Add(leaver);
                draw = draw.Substitute(leaver);
                var fields = draw.Sequence.ToDictionary(e => e.Id, e => e.Fields);
                Assert.DoesNotContain(draw.Seats, s => gone.Contains(s.ExpertId));
                Assert.Equal(draw.Seats.Length, draw.Seats.Select(s => s.ExpertId).Distinct().Count());
                Assert.True(draw.Seats.Count(s => fields[s.ExpertId].Contains("theory")) <= 3);
            }
        });

    [Fact]
    public void Substitute_WhenTheSeatWasHeldForAField_ThenTheNextOfThatFieldSits_R_PAN_1()
    {
        Expert[] pool = [.. Enumerable.Range(10, 3).Select(i => Person($"E-{i}", "theory")), .. Enumerable.Range(20, 9).Select(i => Person($"E-{i}", "law"))];
        var rules = new PanelRules { Size = 3, Fields = [new FieldQuota { Field = "theory", AtLeast = 2 }] };
        foreach (var seed in Enumerable.Range(1, 20).Select(i => $"seed {i}"))
        {
            var draw = PanelDraw.Draw(pool, Subject, rules, seed);
            var third = draw.Sequence.Where(e => e.Fields.Contains("theory")).Select(e => e.Id).ElementAt(2);
            var expected = draw.Seats.Any(s => s.ExpertId == third) ? draw.Substitutes.First().Id : third;

            Assert.Equal(expected, draw.Substitute(draw.Seats[0].ExpertId).Seats[0].ExpertId);
        }
    }

    [Fact]
    public void Substitute_WhenTheDrawWasKeptAsJson_ThenTheSameExpertSits_R_PAN_1() =>
        Property.Holds(Pools, pool =>
        {
            var draw = PanelDraw.Draw(pool, Subject, Five, "seed");
            var kept = JsonSerializer.Deserialize<PanelDraw>(JsonSerializer.Serialize(draw))!;

            Assert.Equal(JsonSerializer.Serialize(draw), JsonSerializer.Serialize(kept));
            Assert.Equal(draw.Vacant, kept.Vacant);
            foreach (var seat in draw.Seats)
            {
                Assert.Equal(draw.Substitute(seat.ExpertId).Seats.AsEnumerable(), kept.Substitute(seat.ExpertId).Seats.AsEnumerable());
            }
        });

    [Fact]
    public void PoolHash_WhenAnythingThatCountsChanges_ThenChanges_R_PAN_1()
    {
        Expert[] pool = [Person("E-01", "law", "theory"), Person("E-02")];
        string Hash(params Expert[] experts) => PanelDraw.Draw(experts, Subject, new PanelRules { Size = 1 }, "s").PoolHash;
        var hash = Hash(pool);

        Assert.Equal(hash, Hash(pool[0] with { Fields = ["theory", "law"] }, pool[1]));
        Assert.Equal(6, new[]
        {
            hash, Hash(pool[0]), Hash(pool[0] with { Fields = ["lawtheory"] }, pool[1]), Hash(pool[0] with { Active = false }, pool[1]),
            Hash(pool[0] with { EmployerId = "O-9" }, pool[1]), Hash(pool[0] with { KinIds = ["P-2"] }, pool[1]),
        }.Distinct().Count());
    }

    [Fact]
    public void Draw_WhenRulesOrPoolAreWrong_ThenRefused()
    {
        Assert.Throws<FormatException>(() => PanelDraw.Draw([Person("E-01"), Person("E-01")], Subject, new PanelRules { Size = 1 }, "s"));
        Assert.Throws<FormatException>(() => PanelDraw.Draw([], Subject, new PanelRules { Size = 0 }, "s"));
        Assert.Throws<FormatException>(() => PanelDraw.Draw([], Subject, new PanelRules { Size = 1 }, ""));
        Assert.Throws<FormatException>(() => PanelDraw.Draw([], Subject, Five with { Size = 2 }, "s"));
        Assert.Throws<FormatException>(() => PanelDraw.Draw([], Subject, Five with { Fields = [new FieldQuota { Field = "law", AtLeast = 2, AtMost = 1 }] }, "s"));
        Assert.Throws<FormatException>(() => PanelDraw.Draw([], Subject, Five with { Fields = [new FieldQuota { Field = "law", AtLeast = 1 }, new FieldQuota { Field = "law", AtLeast = 1 }] }, "s"));
    }

    private static Expert Person(string id, params string[] fields) => new() { Id = id, Fields = [.. fields] };
}
