using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>A service with conditions: 全部申报条件, by category.</summary>
public sealed record EligibilityServiceView(string Service, string Zh, string En, string Rules, ServiceText Notice, string NoticeSha256, IReadOnlyList<ConditionCategoryView> Categories, bool HasQuestionnaire,
    IReadOnlyList<FactQuestionView> Facts, IReadOnlyDictionary<string, EligibilityCodes> CodeTables);

public sealed record ConditionCategoryView(string Category, string Zh, string En, IReadOnlyList<ConditionView> Conditions);

public sealed record ConditionView(string Id, string Zh, string En, string Source);

/// <summary>A fact that the applicant may tell.</summary>
public sealed record FactQuestionView(string Fact, string Type, string Zh, string En, string? CodeTable);

public sealed record EligibilitySummary(string Service, string Zh, string En, int Conditions, bool HasQuestionnaire);

public sealed record NewEligibilitySession(string Service);

/// <param name="TextSha256">Of the notice that was shown; another one isn't confirmed. Null: whatever it is.</param>
public sealed record ConfirmNotice(string? TextSha256 = null);

/// <summary>A face check for <c>look-up</c> that has passed.</summary>
public sealed record UseFace(Guid FaceCheckId);

/// <summary>What the applicant says, by fact; null takes it back.</summary>
public sealed record SayFacts(IReadOnlyDictionary<string, JsonElement> Facts)
{
    /// <summary>Tells nothing.</summary>
    public override string ToString() => nameof(SayFacts);
}

public sealed record ChooseOption(string Option);

/// <param name="Condition">The condition to file by: any of the service's (自主选择); null: the one that matches.</param>
public sealed record FileByCondition(string? Condition = null);

/// <summary>A test as it stands.</summary>
/// <param name="Step">一键测试: <c>notice</c>, <c>face</c>, <c>certificates</c>, <c>unavailable</c> or <c>found</c>.</param>
/// <param name="Found">What shared data has: <c>neither</c>, <c>degree</c>, <c>title</c> or <c>both</c>; null: not looked up.</param>
/// <param name="Facts">What is known, and whose word it is.</param>
/// <param name="Shared">What shared data has for fields of the form, which 一键申报 fills in.</param>
/// <param name="Matching">Conditions that can be filed by at a click: those that are met, and those of the questionnaire's result that aren't known to fail.</param>
/// <param name="Answer">Every condition, explained.</param>
public sealed record EligibilitySessionView(
    Guid Id, long Version, string Service, DateTimeOffset ExpiresAt, string Step, string StepZh, string StepEn, Worded? Found, IReadOnlyList<SessionFactView> Facts, IReadOnlyList<SessionFieldView> Shared, QuestionnaireView? Questionnaire,
    IReadOnlyList<MatchView> Matching, EligibilityAnswer Answer, IReadOnlyList<NextAction> NextActions);

public sealed record SessionFactView(string Fact, string Zh, string En, object Value, string Source);

/// <param name="Path">Of the form field, such as <c>school</c>.</param>
/// <param name="Value">As the office says it.</param>
public sealed record SessionFieldView(string Path, string Zh, string En, string Value);

/// <param name="By"><c>rules</c> or <c>questionnaire</c>.</param>
public sealed record MatchView(string Id, string Zh, string En, string By);

/// <param name="Answers">已选择, in the order of the questions.</param>
/// <param name="Open">The question to answer; null: there is a result.</param>
public sealed record QuestionnaireView(string Zh, string En, IReadOnlyList<AnswerView> Answers, QuestionView? Open, QuestionnaireResult? Result);

/// <param name="Number">From 1.</param>
public sealed record AnswerView(int Number, string Question, string Zh, string En, string Option, string OptionZh, string OptionEn);

public sealed record QuestionView(int Number, string Question, string Zh, string En, string Source, IReadOnlyList<Worded> Options, IReadOnlyList<CodeEntry>? Codes);

/// <summary>What the rules said of a case: a hint for reviewers, which decides nothing (R-ELG-5).</summary>
/// <param name="Kind"><c>begun</c>: when the draft was opened from a test; <c>filed</c>: on the day of filing, by the facts of the form; <c>corrected</c>: by those of a correction, as of the day of filing.</param>
/// <param name="Condition">The condition that it is filed by; null: the form names none.</param>
/// <param name="Answers">What the applicant chose in the questionnaire.</param>
/// <param name="Earlier">The answers before this one, the first one first.</param>
public sealed record CaseEligibilityView(Guid CaseId, string Kind, DateTimeOffset At, string NoteZh, string NoteEn, string? Condition, EligibilityAnswer Answer, IReadOnlyList<AnswerView> Answers,
    IReadOnlyList<KeptAnswerView> Earlier);

/// <summary>An answer as it was kept; what its parts mean is said at <see cref="CaseEligibilityView"/>.</summary>
public sealed record KeptAnswerView(string Kind, DateTimeOffset At, string? Condition, EligibilityAnswer Answer, IReadOnlyList<AnswerView> Answers);
