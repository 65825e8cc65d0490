using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Why;

/// <summary>Makes the answer of what was read. Pure.</summary>
internal static class WhyAnswer
{
    /// <summary>People and instants that the sentences name; the data has them all.</summary>
    private const int Told = 3;

    public static CaseWhyView Of(WhyFacts facts, WorkCalendar country)
    {
        var (people, states) = (new WhyPeople(facts), new WhyStates(facts));
        var (actors, excluded, waits, instants, stops) = (people.CanAct(), people.Excluded(), states.WaitsFor(), new WhyTimes(facts, country).All(), states.Stopped());
        return new CaseWhyView
        {
            CaseId = facts.Case.Id, Version = facts.Case.Version, At = facts.Now, Running = !facts.Case.Ended, Status = PositionWords.Of(facts.Package?.Service.Words ?? [], facts.Case.Status, PositionWords.Open(facts.Tasks.Select(t => t.Stage), facts.Case.Status, facts.Case.Acceptance), facts.Case.As),
            CanAct = actors, Excluded = excluded, WaitsFor = waits, ByItself = instants, Stopped = stops,
            TextZh = facts.Case.Ended ? "业务已结束。"
                : string.Concat([.. stops.Select(s => s.TextZh), .. waits.Select(w => w.TextZh), .. actors.Take(Told).Select(a => a.TextZh), .. More(actors.Count, "另有", "人可以办理。"), .. instants.Take(Told).Select(i => i.TextZh)]),
            TextEn = facts.Case.Ended ? "The case has ended."
                : string.Join(' ', [.. stops.Select(s => s.TextEn), .. waits.Select(w => w.TextEn), .. actors.Take(Told).Select(a => a.TextEn), .. More(actors.Count, "", " more can act."), .. instants.Take(Told).Select(i => i.TextEn)]),
        };
    }

    private static IEnumerable<string> More(int count, string before, string after) => count > Told ? [$"{before}{count - Told}{after}"] : [];
}
