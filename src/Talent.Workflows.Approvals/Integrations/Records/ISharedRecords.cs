using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Integrations.Records;

/// <summary>Looks up what other offices know of a person: degrees, professional titles, months of insurance (政务共享数据). Implementations are safe to share between callers.</summary>
/// <remarks>Source: R-INT-3, R-ELG-1. Only after the person was verified by face (R-ACC-4); who calls sees to that.</remarks>
public interface ISharedRecords
{
    /// <param name="requestId">The same when the same question is asked again.</param>
    Task<OutsideAnswer<SharedRecords>> FindAsync(string requestId, RecordQuestion question, CancellationToken cancellationToken);
}

/// <summary>Whose records, and which.</summary>
/// <param name="Name">At most 100 characters.</param>
public sealed record RecordQuestion(string Name, ResidentId Number)
{
    /// <summary>False where the person skipped the page of certificate numbers (跳过): degrees count as none.</summary>
    public bool Degrees { get; init; } = true;
    public bool Titles { get; init; } = true;
    public bool Insurance { get; init; }

    /// <summary>Of a diploma (学历证书); null: not given.</summary>
    public string? DiplomaNumber { get; init; }

    /// <summary>Of a degree (学位证书); the only one there is of a foreign degree. Null: not given.</summary>
    public string? DegreeNumber { get; init; }

    /// <summary>Names nobody.</summary>
    public override string ToString() => nameof(RecordQuestion);
}

/// <summary>What was found; a list is empty where nothing was, or where it wasn't asked for.</summary>
public sealed record SharedRecords(IReadOnlyList<DegreeRecord> Degrees, IReadOnlyList<TitleRecord> Titles, IReadOnlyList<InsurancePeriod> Insurance);

/// <param name="Level">学历层次, such as <c>bachelor</c>.</param>
/// <param name="Mode">学习形式: <c>fullTime</c> 普通全日制, <c>partTime</c> 非全日制（在职）, <c>adult</c> 成人高等教育（脱产、业余、函授、夜大学）, <c>distance</c> 网络教育、开放教育, <c>selfTaught</c> 自学考试. Null, or another word: nobody knows.</param>
public sealed record DegreeRecord(string CertificateNumber, string School, string Level, DateOnly AwardedOn, string? Mode = null);

/// <param name="Grade">职称级别: <c>junior</c>, <c>intermediate</c>, <c>senior</c>.</param>
public sealed record TitleRecord(string CertificateNumber, string Title, string Grade, DateOnly AwardedOn);

/// <summary>Insured without a gap from the first day to the last.</summary>
public sealed record InsurancePeriod(DateOnly From, DateOnly To);
