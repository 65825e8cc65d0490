using System.Text.Json;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>A service's <c>conditions.json</c>: who may file by which condition 入户条件, as data (R-ELG-3).</summary>
public sealed record EligibilityFile
{
    /// <summary>The choice field of the form that holds the condition's id; null: the form doesn't ask for it.</summary>
    public string? ConditionField { get; init; }

    /// <summary>办理须知, confirmed before anything is looked up.</summary>
    public required ServiceText Notice { get; init; }

    public IReadOnlyDictionary<string, EligibilityCodes> CodeTables { get; init; } = new Dictionary<string, EligibilityCodes>();
    public required IReadOnlyList<FactDeclaration> Facts { get; init; }

    /// <summary>What follows from facts; each may name facts and what stands before it.</summary>
    public IReadOnlyList<DerivedFact> Derived { get; init; } = [];

    /// <summary>学历类, 职称类 and so on, in the order in which they are shown.</summary>
    public required IReadOnlyList<CodeEntry> Categories { get; init; }
    public required IReadOnlyList<ConditionFile> Conditions { get; init; }
    public required IReadOnlyList<TableFile> Tables { get; init; }
}

/// <summary>A code table with its name, such as 技术技能人才职业目录.</summary>
/// <param name="Source">Which document it is taken from.</param>
public sealed record EligibilityCodes(string Zh, string En, string Source, IReadOnlyList<CodeEntry> Entries);

/// <summary>What a fact holds, and how it looks in JSON.</summary>
public enum FactType
{
    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A number.</summary>
    Number,

    /// <summary><c>2026-05-31</c></summary>
    Date,

    /// <summary>A code of its table, or <c>other</c> for what isn't in it.</summary>
    Code,

    /// <summary>A whole number of months.</summary>
    Months,

    /// <summary>Free text: no table tests it, it only fills in the form.</summary>
    Text,

    /// <summary>Times of insurance: <c>[{"from": "2020-01-01", "to": "2026-08-31"}]</c>, both days included.</summary>
    Periods,
}

/// <summary>Whose word a fact is (R-ELG-5). In JSON in lower snake case.</summary>
public enum FactSource
{
    /// <summary>实名信息: the identity number that was verified.</summary>
    Identity,

    /// <summary>政务共享数据.</summary>
    SharedData,

    /// <summary>证照识别.</summary>
    Recognition,

    /// <summary>申报人自述, in the questionnaire or the form.</summary>
    Applicant,

    /// <summary>跳过: the page of certificate numbers was skipped, so degrees count as none.</summary>
    Skipped,
}

/// <summary>A fact that the tables may test.</summary>
public sealed record FactDeclaration
{
    public required string Key { get; init; }
    public required FactType Type { get; init; }
    public required string Zh { get; init; }
    public required string En { get; init; }

    /// <summary>Where it may come from; what isn't listed is not taken from there.</summary>
    public required IReadOnlyList<FactSource> From { get; init; }

    /// <summary>Code: its table.</summary>
    public string? CodeTable { get; init; }

    /// <summary>The form field that says it, and that it fills in; null: none.</summary>
    public string? Field { get; init; }

    /// <summary>How the field says it where it isn't the value itself: one of <see cref="FormFacts.Readings"/>.</summary>
    public string? FieldAs { get; init; }

    /// <summary>What each code of the field says of the fact, where choosing it says so, such as the condition that one files by; null: the field is the value itself.</summary>
    public IReadOnlyDictionary<string, JsonElement>? FieldCodes { get; init; }

    /// <summary>What of the shared data it is: one of <see cref="RecordFacts.Names"/>; null: it isn't in them.</summary>
    public string? Record { get; init; }

    /// <summary>What of a recognised document it is; null: nothing that is read says it.</summary>
    public FactRecognition? Recognised { get; init; }

    /// <summary>Its value is masked for whoever the case isn't about.</summary>
    public bool Personal { get; init; }
}

/// <summary>How a document says a fact (证照识别).</summary>
/// <param name="Kind">One of <see cref="Integrations.Recognition.DocumentKinds"/>.</param>
/// <param name="Field">Of what is read on it, such as <c>grade</c>.</param>
/// <param name="Codes">What each word says of the fact; null: the word is the value itself.</param>
public sealed record FactRecognition(string Kind, string Field, IReadOnlyDictionary<string, JsonElement>? Codes = null);

/// <summary>A fact that follows from others. Exactly one of <see cref="AgeOf"/>, <see cref="InsuredMonths"/>, <see cref="FirstKnown"/>.</summary>
public sealed record DerivedFact
{
    public required string Key { get; init; }
    public required string Zh { get; init; }
    public required string En { get; init; }

    /// <summary>A date of birth: 周岁 on the day.</summary>
    public string? AgeOf { get; init; }
    public InsuredMonthsOf? InsuredMonths { get; init; }

    /// <summary>Facts of one kind: the first that is known.</summary>
    public IReadOnlyList<string>? FirstKnown { get; init; }
}

/// <summary>Whole months of insurance up to the day.</summary>
/// <param name="Of">A fact of type periods.</param>
/// <param name="After">A date, such as the certificate's: only what comes after it counts, its own day doesn't. Null: all counts.</param>
/// <param name="Count">Of the longest time without a gap, or of all in sum.</param>
public sealed record InsuredMonthsOf(string Of, string? After, MonthCount Count);

/// <summary>How months are counted.</summary>
public enum MonthCount
{
    /// <summary>累计</summary>
    Sum,

    /// <summary>连续</summary>
    Continuous,
}

/// <summary>One condition to file by.</summary>
/// <param name="Zh">As the manual words it.</param>
/// <param name="Source">Where it stands.</param>
/// <param name="ByOffice">No table can say it: the office decides when it is filed.</param>
public sealed record ConditionFile(string Id, string Category, string Zh, string En, string Source, bool ByOffice = false);

/// <summary>What a table's answer is for.</summary>
public enum TableUse
{
    /// <summary>It says whether a condition is met.</summary>
    Filing,

    /// <summary>It is told beside that, and decides nothing.</summary>
    Hint,
}

/// <summary>What several matching rows mean (OMG DMN 1.3, 8.2.8).</summary>
public enum HitPolicy
{
    /// <summary>Rows never overlap: at most one matches.</summary>
    Unique,

    /// <summary>The first that matches counts.</summary>
    First,

    /// <summary>Rows may overlap where they say the same.</summary>
    Any,

    /// <summary>All that match count.</summary>
    Collect,
}

/// <summary>A decision table.</summary>
public sealed record TableFile
{
    public required string Id { get; init; }
    public required string Zh { get; init; }
    public required string En { get; init; }
    public required string Source { get; init; }
    public required TableUse Use { get; init; }
    public required HitPolicy Hit { get; init; }

    /// <summary>Its columns: facts, given or derived.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }
    public required IReadOnlyList<RowFile> Rows { get; init; }
}

/// <summary>A row: what has to be so, and the conditions that are met then.</summary>
/// <param name="When">By input; one that is left out may be anything.</param>
public sealed record RowFile(IReadOnlyDictionary<string, CellFile> When, IReadOnlyList<string> Then);

/// <summary>A cell: one of <c>is</c>, <c>in</c>, <c>notIn</c>, <c>inTable</c>, or bounds.</summary>
public sealed record CellFile
{
    public JsonElement? Is { get; init; }
    public IReadOnlyList<string>? In { get; init; }
    public IReadOnlyList<string>? NotIn { get; init; }

    /// <summary>Any code of this table.</summary>
    public string? InTable { get; init; }
    public JsonElement? AtLeast { get; init; }
    public JsonElement? AtMost { get; init; }
    public JsonElement? Above { get; init; }
    public JsonElement? Below { get; init; }
}

/// <summary>A service's <c>questionnaire.json</c>: 问答测试 (R-ELG-2).</summary>
public sealed record QuestionnaireFile
{
    public required string Zh { get; init; }
    public required string En { get; init; }

    /// <summary>The question that it begins with.</summary>
    public required string First { get; init; }
    public required IReadOnlyList<QuestionFile> Questions { get; init; }
    public required IReadOnlyList<QuestionnaireResult> Results { get; init; }
}

/// <param name="CodeTable">A table of <c>conditions.json</c> that is shown beside it, such as the 职业目录; null: none.</param>
public sealed record QuestionFile(string Id, string Zh, string En, string Source, IReadOnlyList<OptionFile> Options, string? CodeTable = null);

/// <summary>Leads to a question or to a result.</summary>
/// <param name="Facts">What choosing it says, as the applicant's word.</param>
public sealed record OptionFile(string Id, string Zh, string En, string? Next = null, string? Result = null, IReadOnlyDictionary<string, JsonElement>? Facts = null);

/// <param name="Conditions">What one may file by; empty: none, and the text says what else there is.</param>
public sealed record QuestionnaireResult(string Id, string Zh, string En, IReadOnlyList<string> Conditions);
