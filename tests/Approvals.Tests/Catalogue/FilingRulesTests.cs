using FsCheck.Fluent;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Testing;
using Codes = Talent.Workflows.Approvals.Catalogue.FilingReasonCodes;

namespace Talent.Workflows.Approvals.Tests.Catalogue;

/// <summary>The one evaluator, over everything that can be so of a person, an employer, a service and the time.</summary>
public sealed class FilingRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 9, 21, 1, 0, 0, TimeSpan.Zero);
    private static readonly ProfileGap Gap = new("general", "gender", "required", "请填写性别", "Give the gender");

    /// <summary>A world in bits, so that every combination can come up and each can be changed alone.</summary>
    private sealed record World(int Bits)
    {
        public const int All = 25;

        public bool this[int bit] => (Bits >> bit & 1) == 1;

        public World With(int bit, bool value) => new(value ? Bits | 1 << bit : Bits & ~(1 << bit));

        public bool ByEmployer => this[0];
        public bool HasApplicant => !ByEmployer || this[1];
        public string? AssociatedWith => this[2] ? "emp-metro" : this[3] ? "emp-water" : null;
        public bool ProfileGaps => this[4];
        public bool HasEmployer => this[5];
        public bool Certified => this[6];
        public bool EmployerGaps => this[7];
        public bool Permitted => this[8];
        public bool Talent => this[9];
        public bool RoundOpen => this[10];
        public bool RoundAhead => this[11];
        public bool PersonBarred => this[12];
        public bool EmployerBarred => this[13];
        public bool BarIsOfAnother => this[14];
        public bool SameCaseOpen => this[15];
        public bool OtherCaseOpen => this[16];
        public bool Shut => this[17];
        public bool Published => this[18];
        public bool ForPersons => this[19];
        public bool ForEmployers => this[20];
        public bool Asks => this[21];
        public bool PerEmployer => this[22];
        public bool BarIsOver => this[23];
        public bool Associates => this[24];

        public ServiceDefinition Service => new()
        {
            Id = "tested", Subject = PerEmployer ? CaseSubjects.Employer : CaseSubjects.Person, NumberCode = "CSSX", Zh = "测试事项", En = "Tested", SummaryZh = "测试", SummaryEn = "Tested", FiledBy = [.. ForPersons ? ["applicant"] : Array.Empty<string>(), .. ForEmployers ? ["employer"] : Array.Empty<string>()],
            Hotline = new ServiceHotline("0199-0000-8300", "工作日", "working days"), Phases = [], Routing = new ServiceRouting { Facts = [], Organisations = Associates ? new Dictionary<string, string> { ["employer"] = "association.code" } : [] }, Texts = new Dictionary<string, ServiceText>(),
            Conditions = !Asks ? new ServiceConditions() : new ServiceConditions
            {
                Person = PerEmployer ? [] : Associates ? ["profile"] : ["profile", "associated"], Employer = ["certified", "profile", "permission"], Rounds = "yearly", PermissionBy = "tested-permission",
            },
        };

        public FilingFacts Facts => new()
        {
            Now = Now,
            Filer = ByEmployer ? Filer.Employer : Filer.Person,
            Applicant = HasApplicant ? new ApplicantFacts("li", AssociatedWith, ProfileGaps ? [Gap] : []) { OrganisationId = AssociatedWith } : null,
            Employer = HasEmployer ? new EmployerFacts("emp-metro", Certified, EmployerGaps ? [Gap] : [], Permitted ? new HashSet<string> { "tested" } : new HashSet<string> { "another" }) : null,
            TalentCertified = Talent,
            Rounds = [.. RoundOpen ? [Round("open", -1, 1)] : Array.Empty<FilingRound>(), .. RoundAhead ? [Round("second", 10, 20), Round("first", 5, 8)] : Array.Empty<FilingRound>(), Round("foreign", -1, 1) with { Series = "another" }],
            Bars = [.. PersonBarred ? [Bar("li", null)] : Array.Empty<FilingBar>(), .. EmployerBarred ? [Bar(null, "emp-metro")] : Array.Empty<FilingBar>()],
            Cases = [.. SameCaseOpen ? [Case("tested")] : Array.Empty<OpenCase>(), .. OtherCaseOpen ? [Case("excluding")] : Array.Empty<OpenCase>(), Case("harmless")],
            Closures = Shut ? [new ServiceClosure("tested", "系统维护", "maintenance", null)] : [new ServiceClosure("another", "系统维护", "maintenance", null)],
            Published = Published ? new HashSet<string> { "tested" } : new HashSet<string> { "another" },
        };

        private static FilingRound Round(string id, int from, int to) => new(id, "yearly", 2026, id, id, Now.AddDays(from), Now.AddDays(to));

        private FilingBar Bar(string? user, string? employer) =>
            new(Guid.Empty, user, employer, BarIsOfAnother ? ["another"] : null, Now.AddDays(-10), BarIsOver ? Now : Now.AddDays(30), "示人才处〔2026〕3号", "处理决定");

        private static OpenCase Case(string service) => new(Guid.NewGuid(), "CSSX-119900-2026-000001-01", service, "li", "emp-metro");
    }

    private static readonly HashSet<string> Excluding = ["tested", "excluding"];

    private static IReadOnlyList<FilingReason> Check(World world) => FilingRules.Check(world.Service, Excluding, world.Facts);

    private static FsCheck.Gen<World> Worlds => from bits in Gen.Choose(0, (1 << World.All) - 1) select new World(bits);

    [Fact]
    public void Reasons_WhenAnythingIsSo_ThenEachIsThereExactlyWhenItsFactSaysSo_R_CAT_1() => Property.Holds(Worlds, world =>
    {
        var person = world.HasApplicant && !world.PerEmployer;
        var asksEmployer = world.Asks && world.HasEmployer;
        var barred = !world.BarIsOfAnother && !world.BarIsOver;
        var about = world.PerEmployer ? world.HasEmployer : world.HasApplicant;
        var joined = world.AssociatedWith is { } employer && (world.ByEmployer || !world.HasEmployer || employer == "emp-metro");
        var expected = new List<string>();
        void When(bool so, string code)
        {
            if (so)
                expected.Add(code);
        }

        When(world.Shut, Codes.ServiceClosed);
        When(!world.Published, Codes.ServiceClosed);
        When(world.ByEmployer ? !world.ForEmployers : !world.ForPersons, Codes.WrongFiler);
        When(world.Asks && !world.RoundOpen, Codes.NotInRound);
        When(world.PersonBarred && barred && person, Codes.Barred);
        When(world.EmployerBarred && barred && world.ByEmployer && world.HasEmployer, Codes.Barred);
        When(world.Asks && person && !joined && !world.Associates, Codes.NotAssociated);
        When(world.Associates && person && world.AssociatedWith is not null, Codes.AssociatedElsewhere);
        When(world.ByEmployer && person && !(world.HasEmployer && world.AssociatedWith == "emp-metro"), Codes.NotAssociatedWithApplicant);
        When(world.Asks && person && world.ProfileGaps, Codes.ProfileIncomplete);
        When(asksEmployer && !world.Certified && !world.Talent, Codes.NotCertified);
        When(asksEmployer && !world.Certified && world.Talent, Codes.WrongCertification);
        When(asksEmployer && world.EmployerGaps, Codes.EmployerProfileIncomplete);
        When(asksEmployer && !world.Permitted, Codes.NoPermission);
        When(world.SameCaseOpen && about, Codes.ExcludedByCase);
        When(world.OtherCaseOpen && about, Codes.ExcludedByCase);

        var reasons = Check(world);

        Assert.Equal(expected.Order(), reasons.Select(r => r.Code).Order());
        Assert.All(reasons, r => Assert.True(r.Zh.Any(c => c is >= '一' and <= '龥') && r.En.Length > 0 && r.Remedy.Zh.Length > 0 && r.Remedy.En.Length > 0 && r.Remedy.Target.Length > 0, r.ToString()));
    }, 2000);

    [Fact]
    public void Reasons_WhenOneThingIsMended_ThenNoneIsAdded_R_CAT_1()
    {
        // What is so when it is well: associated, profiles complete, certified, permitted, in a round, nothing barred, open or shut.
        (int Bit, bool Well)[] mends = [(2, true), (4, false), (6, true), (7, false), (8, true), (10, true), (12, false), (13, false), (14, true), (15, false), (16, false), (17, false), (18, true), (23, true)];
        Property.Holds(Worlds, world =>
        {
            var before = Check(world).Select(r => r.Code).ToList();
            // Who is to be associated is well without an association, and nobody files that for them.
            foreach (var (bit, well) in mends.Where(m => m.Bit != 2 || !world.Associates))
            {
                var after = Check(world.With(bit, well)).Select(r => r.Code).ToList();
                Assert.True(after.Count <= before.Count && after.GroupBy(c => c).All(g => g.Count() <= before.Count(c => c == g.Key)), $"Bit {bit} of {world.Bits}: {string.Join(", ", before)} became {string.Join(", ", after)}.");
            }
        }, 1000);
    }

    [Fact]
    public void Reasons_WhenTheApplicantIsNotTheirs_ThenNothingOfThePersonIsTold_R_CAT_1() => Property.Holds(Worlds, world =>
    {
        var all = Check(world);
        var told = FilingRules.WithoutPerson(all);

        if (all.All(r => r.Code != Codes.NotAssociatedWithApplicant))
            Assert.Equal(all, told);
        else
            Assert.DoesNotContain(told, r => r.Code is Codes.ProfileIncomplete or Codes.NotAssociated or Codes.AssociatedElsewhere or Codes.ExcludedByCase || (r.Code == Codes.Barred && r.EmployerId is null));
        Assert.Subset(all.ToHashSet(), told.ToHashSet());
    }, 1000);

    [Fact]
    public void Reasons_WhenOutsideARound_ThenTheNextOneIsNamed_R_CAT_1()
    {
        var world = new World(0).With(2, true).With(5, true).With(11, true).With(18, true).With(19, true).With(21, true);

        var reason = Check(world).Single(r => r.Code == Codes.NotInRound);

        Assert.Equal("first", reason.NextRound!.Id);
        Assert.Contains("2026年9月26日至2026年9月29日", reason.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void Bar_WhenItHasAnEnd_ThenTheReasonSaysUntilWhenAndByWhichDocument_R_CAT_1()
    {
        var reason = Check(new World(0).With(12, true).With(18, true).With(19, true)).Single();

        Assert.Equal((Codes.Barred, Now.AddDays(30), "示人才处〔2026〕3号"), (reason.Code, reason.Until, reason.Bar!.DocumentNumber));
        Assert.Contains("《处理决定》（示人才处〔2026〕3号）", reason.Zh, StringComparison.Ordinal);
    }

    [Fact]
    public void Exclusion_WhenOneOfTwoSaysIt_ThenItHoldsBothWays_R_CAT_1()
    {
        ServiceDefinition Named(string id, params string[] excludes) => new World(0).Service with { Id = id, Conditions = new ServiceConditions { Excludes = excludes } };
        var exclusions = new Exclusions([Named("one", "two"), Named("two"), Named("alone", "alone"), Named("free")]);

        Assert.Equal(["two"], exclusions.Of("one"));
        Assert.Equal(["one"], exclusions.Of("two"));
        Assert.Equal(["alone"], exclusions.Of("alone"));
        Assert.Empty(exclusions.Of("free"));
        Assert.Throws<ContentException>(() => new Exclusions([Named("one", "two"), Named("two") with { Subject = "employer" }]));
    }
}
