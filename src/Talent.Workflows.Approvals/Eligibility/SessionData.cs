using System.Text.Json;
using Talent.Workflows.Approvals.Integrations.Recognition;
using Talent.Workflows.Approvals.Integrations.Records;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>What a session holds, as it is sealed in its row.</summary>
internal sealed record SessionData
{
    /// <summary>SHA-256 of the notice that was confirmed; null: none yet.</summary>
    public string? Notice { get; init; }

    /// <summary>The face check that was used for it; null: none yet.</summary>
    public Guid? FaceCheck { get; init; }
    public DateTimeOffset? FaceAt { get; init; }

    /// <summary>The person's name and number then: a face says nothing of another.</summary>
    public long IdentityVersion { get; init; }
    public CertificateNumbers? Certificates { get; init; }

    /// <summary>Null: nothing was looked up yet, or the office couldn't be reached.</summary>
    public LookUpFound? Found { get; init; }

    /// <summary>The degrees and titles that were found, for the form that is opened from here; null: none, or nothing was looked up yet.</summary>
    public SharedRecords? Records { get; init; }

    /// <summary>The person's name and number that these are about.</summary>
    public long RecordsOf { get; init; }

    /// <summary>The last look-up reached nobody.</summary>
    public bool Outage { get; init; }
    public IReadOnlyDictionary<string, KeptFact> Facts { get; init; } = new Dictionary<string, KeptFact>();
    public IReadOnlyList<GivenAnswer> Answers { get; init; } = [];

    /// <summary>Documents that were read, the last of each material.</summary>
    public IReadOnlyList<SessionRecognition> Recognitions { get; init; } = [];

    /// <summary>Facts that can still be read by the rules as they are.</summary>
    public Dictionary<string, KnownFact> Known(EligibilityRules rules)
    {
        var known = new Dictionary<string, KnownFact>(StringComparer.Ordinal);
        foreach (var (key, kept) in Facts)
            if (rules.Fact(key) is { } fact && kept.Known(rules.File, fact) is { } there)
                known[key] = there;
        foreach (var (key, read) in RecognisedFacts.Of(rules.File, Recognitions))
            if (!known.TryGetValue(key, out var there) || RecordFacts.IsAbsent(there))
                known[key] = read;
        // What was found goes before what somebody says; that nothing was found, and what a machine read, doesn't.
        if (rules.Questionnaire is { } tree)
            foreach (var (_, option) in tree.Follow(Answers).Given)
                foreach (var (key, said) in option.Facts ?? new Dictionary<string, JsonElement>())
                    if (SaidFacts.Read(rules.File, rules.Fact(key)!, said) is { } value && (!known.TryGetValue(key, out var found) || RecordFacts.IsAbsent(found) || found.Source == FactSource.Recognition && !found.Value.Equals(value)))
                        known[key] = new KnownFact(value, FactSource.Applicant);
        return known;
    }

    /// <summary>Names nobody.</summary>
    public override string ToString() => nameof(SessionData);
}

/// <param name="Slot">The material of the service that it was read as.</param>
/// <param name="Kind">One of <see cref="DocumentKinds"/>.</param>
internal sealed record SessionRecognition(string Slot, Guid Material, string Kind, RecognisedDocument Document);

internal sealed record LookUpFound(bool Degree, bool Title);

/// <summary>A fact as it is kept.</summary>
internal sealed record KeptFact(JsonElement Value, string Source)
{
    /// <summary>Null: the rules have changed, and it says nothing any more.</summary>
    public KnownFact? Known(EligibilityFile file, FactDeclaration fact) =>
        SaidFacts.Read(file, fact, Value) is { } value && FactSources.Parse(Source) is { } source ? new KnownFact(value, source) : null;

    public static KeptFact Of(KnownFact fact) => new(JsonSerializer.SerializeToElement(fact.Value.Plain, JsonSerializerOptions.Web), FactSources.Code(fact.Source));
}

/// <summary>The page of certificate numbers (Guangzhou 1.2.2).</summary>
/// <param name="Skip">跳过: degrees count as none, only titles are looked up.</param>
/// <param name="Abroad">国（境）外: only the degree has a number. 国内: either number.</param>
public sealed record CertificateNumbers(bool Skip = false, bool Abroad = false, string? DiplomaNumber = null, string? DegreeNumber = null)
{
    internal const int Longest = 40;

    /// <summary>What is wrong with them; empty: nothing.</summary>
    internal IReadOnlyList<ProblemError> Errors() =>
    [
        .. Skip && (DiplomaNumber ?? DegreeNumber) is not null ? (ProblemError[])[Error("skip", "跳过时不填写证书编号", "leave the numbers out to skip")] : [],
        .. !Skip && Abroad && DiplomaNumber is not null ? (ProblemError[])[Error("diplomaNumber", "国（境）外学位只需输入学位证书编号", "a foreign degree has a degree number only")] : [],
        .. !Skip && Abroad && DegreeNumber is null ? (ProblemError[])[Error("degreeNumber", "请输入学位证书编号", "give the number of the degree")] : [],
        .. !Skip && !Abroad && (DiplomaNumber ?? DegreeNumber) is null ? (ProblemError[])[Error("diplomaNumber", "请任选一项证书输入编号，或跳过", "give one of both numbers, or skip")] : [],
        .. Wrong("diplomaNumber", DiplomaNumber), .. Wrong("degreeNumber", DegreeNumber),
    ];

    /// <summary>Tells no number.</summary>
    public override string ToString() => nameof(CertificateNumbers);

    private static IEnumerable<ProblemError> Wrong(string path, string? number) => number is null || number.Length is > 0 and <= Longest && number.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? []
        : [Error(path, $"证书编号为 1 至 {Longest} 位字母、数字或连字符", $"1 to {Longest} letters, digits or hyphens")];

    private static ProblemError Error(string path, string zh, string en) => new($"$.{path}", "invalid_value", zh, en);
}
