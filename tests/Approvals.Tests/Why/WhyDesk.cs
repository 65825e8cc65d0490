using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Why;

namespace Talent.Workflows.Approvals.Tests.Why;

/// <summary>Asks why, and says the answer shortly.</summary>
internal static class WhyDesk
{
    public static Task<CaseWhyView> WhyAsync(this FiledCase filed, string? user = null) =>
        filed.Desk.Get<WhyReader>().ReadAsync((user is null ? filed.Applicant : filed.Desk.As(user)).Caller, filed.Id, default);

    /// <summary>"ground user" of each who can act; a number where nobody is named.</summary>
    public static IEnumerable<string> Who(this CaseWhyView why) => why.CanAct.Select(a => $"{a.Ground} {a.User?.Id ?? $"×{a.People}"}");

    /// <summary>"kind local instant" of what happens by itself.</summary>
    public static IEnumerable<string> When(this CaseWhyView why) =>
        why.ByItself.Select(i => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{i.Kind} {Approvals.Calendars.ChinaTime.ToLocal(i.At):MM-dd HH:mm}"));

    public static IEnumerable<string> What(this CaseWhyView why) => why.WaitsFor.Select(w => w.Kind);
}
