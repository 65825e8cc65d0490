using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Employers.Directory;
using Talent.Workflows.Approvals.Messages.Templates;
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
    }

    public IReadOnlyCollection<ServicePackage> Services => services.Values;
    public WorkCalendar Calendar { get; }

    /// <summary>The files of <c>shared/organisations</c>, for <see cref="DirectoryImport"/>.</summary>
    public IReadOnlyList<OrganisationDirectory> Directories { get; }

    /// <summary>Messages that every service has (<c>shared/messages</c>).</summary>
    public required MessageSource Messages { get; init; }

    /// <summary>Named checks that forms may use.</summary>
    public required IReadOnlyDictionary<string, TextCheck> TextChecks { get; init; }

    /// <summary>What a person's profile consists of; null: the content has no <c>shared/people</c>, and nobody has a profile.</summary>
    public ProfileForm? Profile { get; init; }

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
        var messages = MessageSource.Read(Path.Combine(folder, "shared", "messages"));
        var calendars = Files(Path.Combine(folder, "calendars"), "cn-*.json").Select(f => WorkCalendarReader.Read(File.ReadAllText(f))).ToArray();
        var regions = Files(Path.Combine(folder, "calendars"), "region-*.json").Select(f => WorkCalendarReader.ReadRegion(File.ReadAllText(f)));
        var directories = Files(Path.Combine(folder, "shared", "organisations"), "*.json").Select(f => OrganisationDirectory.Load(File.ReadAllBytes(f), Path.GetFileName(f)));
        var services = Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)
            .Where(f => File.Exists(Path.Combine(f, "service.json"))).Select(f => ServicePackage.Load(f, checks, messages));
        var profile = Files(Path.Combine(folder, "shared", "people"), ProfileForm.FileName).Select(f => ProfileForm.Parse(File.ReadAllBytes(f), checks)).FirstOrDefault();
        return new ApprovalContent(services, WorkCalendar.Of(calendars, regions), [.. directories]) { Messages = messages, TextChecks = checks, Profile = profile };
    }

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal) : [];
}
