using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Catalogue;
using Talent.Workflows.Approvals.Catalogue.Documents;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Employers.Directory;
using Talent.Workflows.Approvals.Employers.Profiles;
using Talent.Workflows.Approvals.Filings.Sources;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Profiles;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>The product's content as read from <c>workflows/</c>: services, the calendar, sample organisations. Immutable.</summary>
public sealed class ApprovalContent
{
    private readonly Dictionary<string, ServicePackage> services;

    public ApprovalContent(IEnumerable<ServicePackage> services, WorkCalendar calendar, IReadOnlyList<OrganisationDirectory> directories)
    {
        this.services = services.ToDictionary(s => s.Service.Id, StringComparer.Ordinal);
        Calendar = calendar;
        Directories = directories;
        Exclusions = new Exclusions([.. this.services.Values.Select(s => s.Service)]);
    }

    public IReadOnlyCollection<ServicePackage> Services => services.Values;
    public WorkCalendar Calendar { get; }

    /// <summary>The files of <c>shared/organisations</c>, for <see cref="DirectoryImport"/>.</summary>
    public IReadOnlyList<OrganisationDirectory> Directories { get; }

    /// <summary>Which services exclude which.</summary>
    public Exclusions Exclusions { get; }

    /// <summary>What all services have in common.</summary>
    public required SharedContent Shared { get; init; }

    /// <summary>What files say of documents (<c>documents/*.md</c> of a service, <c>shared/documents</c>) and of rounds (<c>rounds.json</c>), for <see cref="CatalogueImport"/>.</summary>
    public IReadOnlyList<ServiceDocument> Documents { get; init; } = [];

    /// <inheritdoc cref="Documents"/>
    public IReadOnlyList<(string Id, RoundChange Round)> Rounds { get; init; } = [];

    /// <summary>What a person's profile consists of; null: the content has no <c>shared/people</c>, and nobody has a profile.</summary>
    public ProfileForm? Profile { get; init; }

    /// <summary>What an employer's profile consists of; null: the content has no <c>shared/employers</c>, and no employer has a profile.</summary>
    public EmployerForm? EmployerProfile { get; init; }

    public ServicePackage? Find(string service) => services.GetValueOrDefault(service);

    /// <exception cref="WorkflowException"><c>not_found</c>.</exception>
    public ServicePackage Get(string service) => Find(service) ?? throw new WorkflowException(ErrorCodes.NotFound,
        $"There is no service '{service}'. Use one of {string.Join(", ", services.Keys.Order(StringComparer.Ordinal))}.", $"没有事项“{service}”。");

    /// <summary>Named checks that forms may use.</summary>
    public static IReadOnlyDictionary<string, TextCheck> Checks(TimeProvider time) => new Dictionary<string, TextCheck>
    {
        ["residentId"] = text => ResidentId.TryParse(text, ChinaTime.DateOf(time.GetUtcNow()), out _, out _),
        ["phone"] = text => PhoneNumber.TryParse(text, out _, out _),
        ["uscc"] = text => UnifiedSocialCreditCode.TryParse(text, out _, out _),
    };

    /// <summary>Reads a <c>workflows</c> folder: each folder in it with a <c>service.json</c> is a service.</summary>
    /// <exception cref="ContentException">A service or directory that can't be used.</exception>
    /// <exception cref="FormatException">A calendar that can't be used.</exception>
    public static ApprovalContent Load(string folder, TimeProvider time)
    {
        var checks = Checks(time);
        var shared = SharedContent.Read(Path.Combine(folder, "shared"), checks);
        var calendars = Files(Path.Combine(folder, "calendars"), "cn-*.json").Select(f => WorkCalendarReader.Read(File.ReadAllText(f))).ToArray();
        var regions = Files(Path.Combine(folder, "calendars"), "region-*.json").Select(f => WorkCalendarReader.ReadRegion(File.ReadAllText(f)));
        var directories = Files(Path.Combine(folder, "shared", "organisations"), "*.json").Select(f => OrganisationDirectory.Load(File.ReadAllBytes(f), Path.GetFileName(f)));
        string[] folders = [.. Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).Where(f => File.Exists(Path.Combine(f, "service.json")))];
        ServicePackage[] services = [.. folders.Select(f => ServicePackage.Load(f, shared))];
        // Numbers are counted by code, region and year: two services would share them.
        if (services.GroupBy(s => s.Service.NumberCode, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.ToArray() is [var one, var other, ..])
            throw new ContentException($"{other.Service.Id}/service.json", "numberCode", $"'{one.Service.NumberCode}' is the code of the service '{one.Service.Id}' too, and their cases would be numbered as one; give it another");
        var profile = Files(Path.Combine(folder, "shared", "people"), ProfileForm.FileName).Select(f => ProfileForm.Parse(File.ReadAllBytes(f), checks, shared.CodeTables)).FirstOrDefault();
        if (profile is null && services.FirstOrDefault(s => s.Service.Conditions.Person.Contains(ServiceConditions.Profile)) is { } asks)
            throw new ContentException($"{asks.Service.Id}/service.json", "conditions.person", $"it asks for a profile, and the content has no shared/people/{ProfileForm.FileName}");
        foreach (var service in services)
            foreach (var field in Prefill.Fields(service.Form, 1).Concat(Prefill.Fields(service.Form, 2)))
                if (profile is null || !profile.Has(field.Prefill!))
                    throw new ContentException($"{service.Service.Id}/form.json", field.Key, $"prefill names '{field.Prefill}', which profiles don't have (shared/people/{ProfileForm.FileName}; identity has name, residentId, phone, email)");
        return new ApprovalContent(services, WorkCalendar.Of(calendars, regions), [.. directories])
        {
            Shared = shared,
            Profile = profile,
            EmployerProfile = EmployerForm.Load(Path.Combine(folder, "shared", "employers"), checks, shared.CodeTables),
            Documents = [.. folders.SelectMany(f => ServiceDocument.ReadAll(Path.Combine(f, "documents"), Path.GetFileName(f))), .. ServiceDocument.ReadAll(Path.Combine(folder, "shared", "documents"), DocumentKinds.Shared)],
            Rounds = [.. folders.SelectMany(f => RoundFile.ReadAll(f, Path.GetFileName(f)))],
        };
    }

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal) : [];
}
