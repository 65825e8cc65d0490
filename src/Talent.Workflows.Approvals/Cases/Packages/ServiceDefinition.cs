using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Clocks;

namespace Talent.Workflows.Approvals.Cases.Packages;

/// <summary>The content of a service's <c>service.json</c>: what the catalogue, the numbering and the routing need.</summary>
public sealed record ServiceDefinition
{
    /// <summary>The folder's name, such as <c>political-work-title</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Two to six capital letters at the head of the case number (R-CASE-10).</summary>
    public required string NumberCode { get; init; }

    public required string Zh { get; init; }
    public required string En { get; init; }

    /// <summary>One or two sentences for the catalogue.</summary>
    public required string SummaryZh { get; init; }

    /// <inheritdoc cref="SummaryZh"/>
    public required string SummaryEn { get; init; }

    /// <summary>Who may file: <c>applicant</c>, <c>employer</c> (R-CASE-7).</summary>
    public required IReadOnlyList<string> FiledBy { get; init; }

    /// <summary>Whom its cases are about: one of <see cref="CaseSubjects"/>.</summary>
    public string Subject { get; init; } = CaseSubjects.Person;

    /// <summary>The service for which it gives an employer the permission (业务权限); null: none (R-PRM-1).</summary>
    public string? Opens { get; init; }

    /// <summary>What has to be so before anybody files.</summary>
    public ServiceConditions Conditions { get; init; } = new();

    /// <summary>Shown in messages and letters.</summary>
    public required ServiceHotline Hotline { get; init; }

    /// <summary>The filing phases and, in each, the stages in the order of the flow; the definition holds their rules.</summary>
    public required IReadOnlyList<ServicePhase> Phases { get; init; }

    public required ServiceRouting Routing { get; init; }

    /// <summary>Switches that the definition takes as inputs of type Boolean, such as <c>bureauPrecheck</c>; set at submission.</summary>
    public IReadOnlyDictionary<string, bool> Switches { get; init; } = new Dictionary<string, bool>();

    /// <summary>The limit of a case from its filing, such as <c>20wd+10wd</c>; null: only stages have limits.</summary>
    public DeadlineRule? TotalLimit { get; init; }

    /// <summary>Office hours, marks, corrections, grounds that stop the clock.</summary>
    public ServiceClock Clock { get; init; } = new();

    /// <summary>Fields of messages that come from the form: name in <c>messages.json</c> → field of <c>form.json</c>, none personal. A choice is shown by its word.</summary>
    public IReadOnlyDictionary<string, string> MessageFacts { get; init; } = new Dictionary<string, string>();

    /// <summary>Event names that may reach a case before it waits for them; every other early signal is refused. The same as <c>customProperties.earlyEvents</c> of the definition.</summary>
    public IReadOnlyList<string> EarlyEvents { get; init; } = [];

    /// <summary>What people may do with its tasks besides deciding them, and how often.</summary>
    public ServiceHandling Handling { get; init; } = new();

    /// <summary>Which word each reader sees where a case stands, in the words of the service's own manual; what isn't listed keeps its status' word (R-CASE-9).</summary>
    public IReadOnlyList<PositionWord> Words { get; init; } = [];

    /// <summary>When an ended case may be filed again as its next round 重新申请/重新申报; null: never (R-CASE-6).</summary>
    public RefileRule? Refile { get; init; }

    /// <summary>Stages that accept a case (受理); null: none is named, and the bureau's decision does.</summary>
    internal string[]? Acceptance => Phases.SelectMany(p => p.Stages).Where(s => s.Acceptance).Select(s => s.Key).ToArray() is { Length: > 0 } stages ? stages : null;

    /// <summary>Texts of the service, such as <c>integrityDeclaration</c> 诚信声明.</summary>
    public required IReadOnlyDictionary<string, ServiceText> Texts { get; init; }
}

/// <param name="AddressZh">Where to go or write to; null: not given.</param>
public sealed record ServiceHotline(string Phone, string HoursZh, string HoursEn, string? AddressZh = null);

public sealed record ServicePhase
{
    /// <summary>1 = 资格审核, 2 = 完善材料.</summary>
    public required int Phase { get; init; }
    public required string Zh { get; init; }
    public required string En { get; init; }
    public required IReadOnlyList<ServiceStage> Stages { get; init; }
}

public sealed record ServiceStage
{
    public required string Key { get; init; }
    public required string Zh { get; init; }
    public required string En { get; init; }

    /// <summary><c>applicant</c> or a role of the directory, such as <c>employer.reviewer</c>.</summary>
    public required string Role { get; init; }

    /// <summary>Whose people: a name of <see cref="ServiceRouting.Organisations"/>; absent for the applicant.</summary>
    public string? Organisation { get; init; }

    /// <summary>The stage runs only when this switch is on.</summary>
    public string? Switch { get; init; }

    /// <summary>受理: once the stage has passed a case, it can't be withdrawn any more.</summary>
    public bool Acceptance { get; init; }

    /// <summary>A return from the stage names what to correct, and nothing else can be changed, unless the reviewer says otherwise.</summary>
    public bool OnlyCorrections { get; init; }
}

/// <summary>What the process may know of a case: ids and routing facts, never personal data.</summary>
public sealed record ServiceRouting
{
    /// <summary>Form fields copied into the workflow's variables; none may be personal.</summary>
    public required IReadOnlyList<string> Facts { get; init; }

    /// <summary>Variable name → how the organisation is found: one of <see cref="Sources"/>.</summary>
    public required IReadOnlyDictionary<string, string> Organisations { get; init; }

    /// <summary>The employer whose 关联代码 the applicant gives, instead of their own.</summary>
    public const string ByCode = "association.code";

    /// <summary>The applicant's employer; of who works for nobody, the city's bureau itself, which then stands for unit and bureau too.</summary>
    public const string EmployerOrBureau = "applicant.employerOrBureau";

    /// <summary>The applicant's employer or that of a code, the unit responsible for it, and the bureau above that.</summary>
    public static readonly IReadOnlyList<string> Sources = ["applicant.employer", EmployerOrBureau, ByCode, "employer.responsibleUnit", "responsibleUnit.bureau"];

    /// <summary>Whether the employer of a case is the one whose code the applicant gives.</summary>
    public bool EmployerByCode => Organisations.Values.Contains(ByCode, StringComparer.Ordinal);

    /// <summary>Whether people without an employer file too.</summary>
    public bool BureauIfNone => Organisations.Values.Contains(EmployerOrBureau, StringComparer.Ordinal);
}

/// <summary>A text in paragraphs, Chinese first.</summary>
public sealed record ServiceText(string TitleZh, string TitleEn, IReadOnlyList<string> Zh, IReadOnlyList<string> En);

/// <summary>The figures of urging and jumping, and the canned opinions 常用意见 of its stages.</summary>
public sealed record ServiceHandling
{
    /// <summary>催办: at most once in this time, as a deadline is written: <c>24h</c>, <c>1wd</c>.</summary>
    public string UrgeEvery { get; init; } = "24h";

    /// <summary>催办: at most so often for each time that a stage is open.</summary>
    public int UrgesPerStage { get; init; } = 3;

    /// <summary>跳转: days in which a second administrator confirms or refuses.</summary>
    public int JumpDays { get; init; } = 3;

    public IReadOnlyList<CannedOpinion> Opinions { get; init; } = [];

    /// <summary>Whether the applicant is told who can act on their case by name; else how many can, and in which role.</summary>
    public bool ShowReviewers { get; init; }
}

/// <summary>A ready text for an opinion.</summary>
/// <param name="Stage">The stage's key; null: all.</param>
/// <param name="Outcome">approve, return, reject or refuse; null: all.</param>
public sealed record CannedOpinion(string Zh, string? En = null, string? Stage = null, string? Outcome = null);

/// <summary>The word for one position of a case.</summary>
/// <param name="At">Key of a stage that is open (<see cref="ServiceStage.Key"/>), or the code of a status such as <c>rejected</c>. A stage goes before a status.</param>
/// <param name="Zh">What the applicant sees, and everybody who has no word of their own here.</param>
public sealed record PositionWord(string At, string Zh, string En)
{
    /// <summary>What the employer's people see; null: the applicant's word.</summary>
    public ReaderWord? Employer { get; init; }

    /// <summary>What reviewers see; null: the applicant's word.</summary>
    public ReaderWord? Reviewer { get; init; }

    /// <summary>A note shown beside the word, such as 仅表示区级审核通过，还需报市级部门研究审批.</summary>
    public string? NoteZh { get; init; }

    /// <inheritdoc cref="NoteZh"/>
    public string? NoteEn { get; init; }
}

/// <summary>A word for some readers.</summary>
public sealed record ReaderWord(string Zh, string En);

/// <summary>Filing an ended case again.</summary>
/// <param name="After">Statuses after which it is possible: <c>rejected</c>, <c>refused</c>, <c>withdrawn</c>.</param>
public sealed record RefileRule(IReadOnlyList<string> After)
{
    /// <summary>What the act is called: 重新申请 or 重新申报.</summary>
    public string Zh { get; init; } = "重新申报";

    /// <inheritdoc cref="Zh"/>
    public string En { get; init; } = "File again";
}
