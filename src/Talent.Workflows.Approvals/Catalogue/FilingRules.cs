using System.Globalization;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>
/// Who may file what now (R-CAT-1): the one place that decides it, for the catalogue and for filing alike. Pure and total; every
/// reason at once, each for a fact of its own, so that mending one never adds another.
/// </summary>
public static class FilingRules
{
    /// <summary>The services of S5 and S6, where certifications and associations come from.</summary>
    private const string CertificationService = "employer-certification", AssociationService = "association", DissociationService = "dissociation";

    /// <summary>A case goes by way of an employer: without one there is none, whatever the service asks for.</summary>
    internal static FilingReason Unassociated { get; } = new(FilingReasonCodes.NotAssociated, "您未关联单位", "You aren't associated with an employer",
        new("请点击进行关联：输入用人单位提供的单位关联代码并提交关联申请。", "Enter the association code of your employer and apply for the association.", "service", Href(AssociationService)));

    /// <param name="excluding">Services of which an open case excludes this one, <see cref="Exclusions"/>.</param>
    /// <returns>Empty: it can be filed.</returns>
    public static IReadOnlyList<FilingReason> Check(ServiceDefinition service, IReadOnlySet<string> excluding, FilingFacts facts) =>
    [
        .. Closed(service, facts), .. WrongFiler(service, facts), .. OutsideRounds(service, facts), .. Barred(service, facts), .. Associated(service, facts), .. Elsewhere(service, facts),
        .. Profile(service, facts), .. Certified(service, facts), .. EmployerProfile(service, facts), .. Permitted(service, facts), .. Excluded(service, excluding, facts),
    ];

    /// <summary>What somebody learns who asks for a person that isn't theirs to file for: nothing of that person.</summary>
    public static IReadOnlyList<FilingReason> WithoutPerson(IReadOnlyList<FilingReason> reasons) => reasons.Any(r => r.Code == FilingReasonCodes.NotAssociatedWithApplicant)
        ? [.. reasons.Where(r => r.Code is not (FilingReasonCodes.ProfileIncomplete or FilingReasonCodes.NotAssociated or FilingReasonCodes.AssociatedElsewhere or FilingReasonCodes.ExcludedByCase) && !(r.Code == FilingReasonCodes.Barred && r.EmployerId is null))]
        : reasons;

    private static IEnumerable<FilingReason> Closed(ServiceDefinition service, FilingFacts facts)
    {
        foreach (var closure in facts.Closures.Where(c => c.Service == service.Id && !(c.Until <= facts.Now)))
            yield return new(FilingReasonCodes.ServiceClosed, $"“{service.Zh}”暂停申报：{closure.Zh}", $"{service.En} takes no cases at present: {closure.En}",
                closure.Until is { } until ? new($"请于{Day(until)}以后申报，或拨打咨询电话 {service.Hotline.Phone}。", $"File after {Date(until)}, or call {service.Hotline.Phone}.", "hotline") : Call(service)) { Until = closure.Until };
        if (!facts.Published.Contains(service.Id))
            yield return new(FilingReasonCodes.ServiceClosed, $"“{service.Zh}”尚未开放申报", $"{service.En} isn't open for filing", Call(service));
    }

    private static IEnumerable<FilingReason> WrongFiler(ServiceDefinition service, FilingFacts facts)
    {
        if (service.FiledBy.Contains(facts.Filer == Filer.Person ? "applicant" : "employer", StringComparer.Ordinal))
            yield break;
        yield return facts.Filer == Filer.Person
            ? new(FilingReasonCodes.WrongFiler, $"“{service.Zh}”仅支持单位填报，不支持个人填报", $"{service.En} is filed by employers only", new("请联系用人单位经办人申报。", "Ask the handler of your employer to file it.", "service", Href(service.Id)))
            : new(FilingReasonCodes.WrongFiler, $"“{service.Zh}”须由申报人本人申报", $"{service.En} is filed by the person it is about", new("请由申报人登录个人账号申报。", "Let the applicant file it with an account of their own.", "service", Href(service.Id)));
    }

    private static IEnumerable<FilingReason> OutsideRounds(ServiceDefinition service, FilingFacts facts)
    {
        if (service.Conditions.Rounds is not { } series || facts.Rounds.Any(r => r.Series == series && r.IsOpen(facts.Now)))
            yield break;
        var next = facts.Rounds.Where(r => r.Series == series && r.OpensAt > facts.Now).MinBy(r => (r.OpensAt, r.Id));
        yield return next is null
            ? new(FilingReasonCodes.NotInRound, "当前不在申报时间内，下一批次的申报时间尚未公布", "This isn't a time of filing, and the next round isn't announced yet", new("请留意通知公告。", "Watch the notices.", "calendar", Href(service.Id)))
            : new(FilingReasonCodes.NotInRound, $"当前不在申报时间内，下一批次为“{next.Zh}”（{Day(next.OpensAt)}至{Day(next.ClosesAt.AddTicks(-1))}）",
                $"This isn't a time of filing; the next round is {next.En} ({Date(next.OpensAt)} to {Date(next.ClosesAt.AddTicks(-1))})", new($"请于{Day(next.OpensAt)}以后申报。", $"File from {Date(next.OpensAt)} on.", "calendar", Href(service.Id)))
            { NextRound = next };
    }

    private static IEnumerable<FilingReason> Barred(ServiceDefinition service, FilingFacts facts)
    {
        foreach (var bar in facts.Bars.Where(b => b.Covers(service.Id, facts.Now) && IsOn(b, service, facts)))
        {
            var (zh, en) = bar.UserId is not null ? ("申报人", "The applicant") : ("用人单位", "The employer");
            yield return new(FilingReasonCodes.Barred,
                $"依据《{bar.DocumentTitle}》（{bar.DocumentNumber}），{zh}{(bar.Until is { } end ? $"在{Day(end.AddTicks(-1))}前（含当日）" : "")}被限制申报此事项",
                $"{en} is barred from filing this{(bar.Until is { } last ? $" up to and including {Date(last.AddTicks(-1))}" : "")} by {bar.DocumentNumber}, {bar.DocumentTitle}",
                bar.Until is { } until ? new($"请于{Day(until)}以后申报；有异议的，请拨打 {service.Hotline.Phone}。", $"File from {Date(until)} on; if you disagree, call {service.Hotline.Phone}.", "hotline") : Call(service))
            { Bar = new BarNote(bar.DocumentNumber, bar.DocumentTitle, bar.From, bar.Until), EmployerId = bar.EmployerId, Until = bar.Until };
        }
    }

    private static IEnumerable<FilingReason> Associated(ServiceDefinition service, FilingFacts facts)
    {
        if (facts.Applicant is not { } applicant || IsOfEmployer(service))
            yield break;
        var joined = applicant.AssociatedWith is { } employer && (facts.Filer == Filer.Employer || facts.Employer is null || facts.Employer.Id == employer);
        if (service.Conditions.Person.Contains(ServiceConditions.Associated, StringComparer.Ordinal) && !joined)
            yield return Unassociated;
        if (facts.Filer == Filer.Employer && (facts.Employer is null || applicant.AssociatedWith != facts.Employer.Id))
            yield return new(FilingReasonCodes.NotAssociatedWithApplicant, "该申报人未关联本单位，不能由本单位代为申报", "The applicant isn't associated with this employer, which can't file for them",
                new("请由申报人申请关联本单位，通过后再申报。", "Let the applicant apply for the association with this employer first.", "service", Href(AssociationService))) { EmployerId = facts.Employer?.Id };
    }

    /// <summary>Where an association is asked for: nobody has two, and who holds office somewhere has none to ask for.</summary>
    private static IEnumerable<FilingReason> Elsewhere(ServiceDefinition service, FilingFacts facts)
    {
        if (service.Routing.EmployerByCode && facts.Applicant?.OrganisationId is { } employer && !IsOfEmployer(service))
            yield return new(FilingReasonCodes.AssociatedElsewhere, "申报人已关联用人单位", "The applicant is associated with an employer already",
                new("请先解除原关联，再申请关联其他单位。", "Have that association dissolved first.", "service", Href(DissociationService))) { EmployerId = employer };
    }

    private static IEnumerable<FilingReason> Profile(ServiceDefinition service, FilingFacts facts)
    {
        if (facts.Applicant is { Gaps: { Count: > 0 } gaps } && !IsOfEmployer(service) && service.Conditions.Person.Contains(ServiceConditions.Profile, StringComparer.Ordinal))
            yield return new(FilingReasonCodes.ProfileIncomplete, $"个人信息未完善（{gaps.Count}处）：{gaps[0].Zh}", $"The personal profile has {gaps.Count} gaps, the first: {gaps[0].En}",
                new("请完善个人信息，预览并提交后再申报。", "Complete the profile, preview it and submit it.", "profile", "/api/v1/people/me")) { Gaps = gaps };
    }

    private static IEnumerable<FilingReason> Certified(ServiceDefinition service, FilingFacts facts)
    {
        if (facts.Employer is not { Certified: false } employer || !service.Conditions.Employer.Contains(ServiceConditions.Certified, StringComparer.Ordinal))
            yield break;
        yield return facts.TalentCertified
            ? new(FilingReasonCodes.WrongCertification, "您办理的是“人才认证”，此事项须办理“单位认证”", "You have a certification of a person; this needs one of an employer",
                new("请在“我的认证”中选择“单位认证”办理。", "Apply for the employer's certification.", "service", Href(CertificationService))) { EmployerId = employer.Id }
            : new(FilingReasonCodes.NotCertified, "单位尚未通过单位认证", "The employer isn't certified", new("请上传营业执照办理单位认证。", "Apply for the employer's certification with its licence.", "service", Href(CertificationService))) { EmployerId = employer.Id };
    }

    private static IEnumerable<FilingReason> EmployerProfile(ServiceDefinition service, FilingFacts facts)
    {
        if (facts.Employer is { Gaps: { Count: > 0 } gaps } employer && service.Conditions.Employer.Contains(ServiceConditions.Profile, StringComparer.Ordinal))
            yield return new(FilingReasonCodes.EmployerProfileIncomplete, $"单位信息未完善（{gaps.Count}处）：{gaps[0].Zh}", $"The employer's profile has {gaps.Count} gaps, the first: {gaps[0].En}",
                new("请由单位经办人完善单位信息。", "Let the employer's handler complete its profile.", "employer-profile")) { Gaps = gaps, EmployerId = employer.Id };
    }

    private static IEnumerable<FilingReason> Permitted(ServiceDefinition service, FilingFacts facts)
    {
        if (facts.Employer is { } employer && service.Conditions.Employer.Contains(ServiceConditions.Permission, StringComparer.Ordinal) && !employer.Permissions.Contains(service.Id))
            yield return new(FilingReasonCodes.NoPermission, $"单位尚未开通“{service.Zh}”业务权限", $"The employer has no permission for {service.En}",
                service.Conditions.PermissionBy is { } by ? new("请先申请开通业务权限；其他事项的权限不能代替。", "Apply for the permission first; one for another service doesn't count.", "service", Href(by)) : Call(service)) { EmployerId = employer.Id };
    }

    private static IEnumerable<FilingReason> Excluded(ServiceDefinition service, IReadOnlySet<string> excluding, FilingFacts facts)
    {
        foreach (var open in facts.Cases.Where(c => excluding.Contains(c.Service) && (IsOfEmployer(service) ? c.EmployerId == facts.Employer?.Id : facts.Applicant is { } a && c.ApplicantId == a.UserId)))
            yield return new(FilingReasonCodes.ExcludedByCase, $"{(open.Service == service.Id ? "此事项已有在办业务" : "有在办业务与此事项不能同时办理")}（{open.Number ?? open.Id.ToString()}）",
                $"{(open.Service == service.Id ? "A case of this service" : "A case that excludes this service")} is under way ({open.Number ?? open.Id.ToString()})",
                new("请待该业务办结，或撤回后再申报。", "Wait until it has ended, or withdraw it.", "case", $"/api/v1/cases/{open.Id}")) { Case = new CaseNote(open.Id, open.Number, open.Service) };
    }

    /// <summary>A bar on an employer is one for what the employer files; what its people file themselves isn't its own doing.</summary>
    internal static bool IsOn(FilingBar bar, ServiceDefinition service, FilingFacts facts) => bar.UserId is { } user
        ? !IsOfEmployer(service) && user == facts.Applicant?.UserId
        : facts.Filer == Filer.Employer && bar.EmployerId == facts.Employer?.Id;

    internal static bool IsOfEmployer(ServiceDefinition service) => service.Subject == CaseSubjects.Employer;

    private static FilingRemedy Call(ServiceDefinition service) =>
        new($"请拨打咨询电话 {service.Hotline.Phone}（{service.Hotline.HoursZh}）。", $"Call {service.Hotline.Phone} ({service.Hotline.HoursEn}).", "hotline");

    private static string Href(string service) => $"/api/v1/catalogue/{service}";

    private static string Day(DateTimeOffset at) => ChinaTime.DateOf(at).ToString("yyyy年M月d日", CultureInfo.InvariantCulture);

    private static string Date(DateTimeOffset at) => ChinaTime.DateOf(at).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
