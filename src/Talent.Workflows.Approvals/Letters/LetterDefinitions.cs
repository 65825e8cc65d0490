namespace Talent.Workflows.Approvals.Letters;

/// <summary>The content of a <c>letters.json</c>: of a service, or of all (<c>shared/letters</c>). R-DOC-1.</summary>
public sealed record LetterDefinitions
{
    /// <summary>
    /// The letters 文书. A service's list is all that it issues: what an entry leaves out is as in the shared entry of its kind. A service without
    /// a file has the shared ones; an empty list: it issues none.
    /// </summary>
    public required IReadOnlyList<LetterEntry> Letters { get; init; }

    /// <summary>发文机关代字: id of an organisation → what stands for <c>{issuer}</c> in its numbers, such as 示人才. Others stand with their names.</summary>
    public IReadOnlyDictionary<string, string> Codes { get; init; } = new Dictionary<string, string>();

    /// <summary>重新出具: the roles whose holders, at the office that issued a letter, may have it issued again, such as <c>bureau.superior</c>. Null in a service: as the shared file says; empty: nobody.</summary>
    public IReadOnlyList<string>? ReissuedBy { get; init; }
}

/// <summary>A letter as a file says it.</summary>
public sealed record LetterEntry
{
    /// <summary>One of <see cref="LetterKinds"/>, or a word of the service's own: <c>a-z</c>, digits and hyphens.</summary>
    public required string Kind { get; init; }

    /// <summary>Its title, such as 受理通知书.</summary>
    public string? Zh { get; init; }

    /// <inheritdoc cref="Zh"/>
    public string? En { get; init; }

    /// <summary>One of <see cref="LetterEvents.All"/>: it is issued by itself in the step in which that happens; empty: by <see cref="IssueLetter"/> alone.</summary>
    public string? On { get; init; }

    /// <summary>Keys of the stages by whose decisions it is issued by itself; empty: all.</summary>
    public IReadOnlyList<string>? Stages { get; init; }

    /// <summary>Keys of the stages by whose decisions it isn't issued, such as those of the employer's own review where the letter is an authority's. What lapses counts to the stage that had returned the case.</summary>
    public IReadOnlyList<string>? ExceptStages { get; init; }

    /// <summary>文号, such as <c>{issuer}受字〔{year}〕{serial}号</c>: serials count within issuer, rule and year. <c>{notice}</c>: the notice's own number.</summary>
    public string? Number { get; init; }

    /// <summary>Who issues it: one of <see cref="LetterIssuers"/>.</summary>
    public string? Issuer { get; init; }

    /// <summary>Whom it is to: one of <see cref="LetterAddressees"/>.</summary>
    public string? Addressee { get; init; }

    /// <summary>The fields that its text may name, some of <see cref="LetterFields.Known"/> or of the service's <c>messageFacts</c>; a trailing <c>?</c> marks one that may be absent.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>救济途径: how to have the decision reviewed (行政复议、行政诉讼). A refusal by an authority needs it.</summary>
    public LetterWords? Remedy { get; init; }

    /// <summary>What is attached to it.</summary>
    public IReadOnlyList<LetterWords>? Attachments { get; init; }
}

/// <summary>Words in both languages.</summary>
public sealed record LetterWords(string Zh, string En);

/// <summary>Kinds that have a meaning everywhere; a service may name others.</summary>
public static class LetterKinds
{
    /// <summary>受理通知书</summary>
    public const string Acceptance = "acceptance";

    /// <summary>补正告知书</summary>
    public const string Correction = "correction";

    /// <summary>不予受理决定书</summary>
    public const string Refusal = "refusal";

    /// <summary>退案通知</summary>
    public const string Dismissal = "dismissal";

    /// <summary>公示文本</summary>
    public const string Notice = "notice";

    /// <summary>办结通知</summary>
    public const string Completion = "completion";
}

/// <summary>Who issues a letter.</summary>
public static class LetterIssuers
{
    public const string Bureau = "bureau";
    public const string Unit = "unit";
    public const string Employer = "employer";

    /// <summary>The organisation whose stage decided; the bureau, when none did.</summary>
    public const string Stage = "stage";

    public static readonly IReadOnlyList<string> All = [Bureau, Unit, Employer, Stage];
}

/// <summary>Whom a letter is to.</summary>
public static class LetterAddressees
{
    /// <summary>Whom the case is about: the applicant, or the employer when the case is about one.</summary>
    public const string Applicant = "applicant";
    public const string Employer = "employer";

    /// <summary>The public: it names nobody at its head.</summary>
    public const string Public = "public";

    public static readonly IReadOnlyList<string> All = [Applicant, Employer, Public];
}
