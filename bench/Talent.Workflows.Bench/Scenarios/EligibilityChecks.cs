using System.Diagnostics;
using Talent.Workflows.Approvals.Eligibility;
using Talent.Workflows.Approvals.Integrations.Records;
using Talent.Workflows.Bench.Measuring;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>Everybody's conditions of 在职人才引进入户, each explained, on one core and without a database.</summary>
internal static class EligibilityChecks
{
    private const double FewestPerSecond = 10_000;

    public static void Run(Report report, string workflows, int checks)
    {
        var rules = EligibilityFiles.Read(Path.Combine(workflows, "in-service-settlement"), null, new Dictionary<string, byte[]>())
            ?? throw new InvalidOperationException("in-service-settlement has no conditions.json.");
        var day = new DateOnly(2026, 9, 21);
        var people = Enumerable.Range(0, 512).Select(i => Of(i, day)).ToArray();
        var met = 0L;
        // Once for the compiler.
        for (var i = 0; i < checks / 10; i++)
            met += rules.Evaluate(people[i % people.Length], day).Met.Count();
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < checks; i++)
            met += rules.Evaluate(people[i % people.Length], day).Met.Count();
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        report.Add(new Row("eligibility_checks_per_second", "inprocess", 1, checks / seconds, "per second") { Limit = FewestPerSecond, Ratio = checks / seconds / FewestPerSecond });
        Report.Note($"{checks:N0} people against {rules.File.Conditions.Count} conditions, {met:N0} of them met; the limit is the goal");
    }

    private static Dictionary<string, KnownFact> Of(int i, DateOnly day)
    {
        var facts = new Dictionary<string, KnownFact>(StringComparer.Ordinal)
        {
            ["birthDate"] = new(new FactValue.Date(day.AddDays(-9_000 - i * 23)), FactSource.Identity),
            ["bachelorWithDegree"] = new(new FactValue.Boolean(i % 2 == 0), FactSource.SharedData),
            ["titleGrade"] = new(new FactValue.Code((i % 3) switch { 0 => "senior", 1 => "intermediate", _ => "other" }), FactSource.SharedData),
            ["insurance"] = new(new FactValue.Periods([new InsurancePeriod(new DateOnly(2018, 1, 1), new DateOnly(2021, 6, 30)), new InsurancePeriod(new DateOnly(2022, 1, 1).AddDays(i), day)]), FactSource.SharedData),
        };
        if (i % 4 > 0)
        {
            facts["occupation"] = new(new FactValue.Code("6-31-01-03"), FactSource.Applicant);
            facts["skillQualification"] = new(new FactValue.Code((i % 4) switch { 1 => "technician", 2 => "senior-technician", _ => "senior-worker" }), FactSource.Applicant);
            facts["qualifiedOn"] = new(new FactValue.Date(day.AddDays(-i * 4)), FactSource.Applicant);
            facts["worksInCity"] = new(new FactValue.Boolean(true), FactSource.Applicant);
        }
        return facts;
    }
}
