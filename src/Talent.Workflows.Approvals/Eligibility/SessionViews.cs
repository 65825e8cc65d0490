using System.Security.Cryptography;
using System.Text.Json;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.People.Faces;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>Shows sessions and services.</summary>
internal static class SessionViews
{
    /// <summary>是否跳转问答测试？</summary>
    public static readonly FaceAlternative Alternative = new("questionnaire", "是否跳转问答测试？", "Answer the questionnaire instead?");

    public static string NoticeDigest(EligibilityRules rules) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(rules.File.Notice)));

    public static EligibilityServiceView Of(ServicePackage package, EligibilityRules rules) => new(package.Service.Id, package.Service.Zh, package.Service.En, rules.Version, rules.File.Notice, NoticeDigest(rules), Categories(rules),
        rules.Questionnaire is not null,
        [.. rules.File.Facts.Where(f => f.From.Contains(FactSource.Applicant)).Select(f => new FactQuestionView(f.Key, f.Type.ToString().ToLowerInvariant(), f.Zh, f.En, f.CodeTable))], rules.File.CodeTables);

    public static IReadOnlyList<ConditionCategoryView> Categories(EligibilityRules rules) =>
        [.. rules.File.Categories.Select(c => new ConditionCategoryView(c.Code, c.Zh, c.En, [.. rules.File.Conditions.Where(d => d.Category == c.Code).Select(d => new ConditionView(d.Id, d.Zh, d.En, d.Source))]))];

    public static EligibilitySessionView Of(SessionRow row, ServicePackage package, bool face, DateOnly today)
    {
        var rules = package.Eligibility!;
        var (data, known) = (row.Data, row.Data.Known(rules));
        var place = rules.Questionnaire?.Follow(data.Answers);
        var answer = rules.Evaluate(known, today);
        var (step, zh, en) = data.Notice != NoticeDigest(rules) ? ("notice", "请阅读并确认办理须知", "Read and confirm the notice")
            : data.Outage ? ("unavailable", "政务共享数据暂时无法查询，请稍后再试，或转问答测试；已填写的内容已保存", "Shared data can't be looked up now: try again later, or answer the questionnaire; nothing is lost")
            : data.Found is { } found ? ("found", Found(found).Zh, Found(found).En)
            : !face ? ("face", "请先通过人脸识别（微警认证）", "Have the face verified first")
            : ("certificates", "请填写证书编号，或跳过", "Give the numbers of the certificates, or skip");
        var matching = Matching(rules, answer, place);
        return new EligibilitySessionView(row.Id, row.Version, row.Service, row.ExpiresAt, step, zh, en, data.Found is { } what ? Found(what) : null,
            [.. rules.File.Facts.Where(f => known.ContainsKey(f.Key)).Select(f => new SessionFactView(f.Key, f.Zh, f.En, known[f.Key].Value.Plain, FactSources.Code(known[f.Key].Source)))],
            [.. SessionDraft.Shared(package, data).Select(o => new SessionFieldView(o.Path, o.Field.Zh, o.Field.En, FormData.Text(o.Said)!))],
            place is null ? null : Of(rules, place), matching, answer, Actions(row.Id, step, face, place, matching));
    }

    /// <summary>The four results (Guangzhou 1.2.2).</summary>
    private static Worded Found(LookUpFound found) => (found.Degree, found.Title) switch
    {
        (false, false) => new("neither", "未查询到学历学位和职称信息", "Neither degree nor title was found"),
        (true, false) => new("degree", "查询到学历学位信息，未查询到职称信息", "A degree was found, and no title"),
        (false, true) => new("title", "查询到职称信息，未查询到学历学位信息", "A title was found, and no degree"),
        _ => new("both", "查询到学历学位和职称信息", "A degree and a title were found"),
    };

    private static IReadOnlyList<MatchView> Matching(EligibilityRules rules, EligibilityAnswer answer, QuestionnairePlace? place)
    {
        var told = place?.Result?.Conditions ?? [];
        return [.. answer.Conditions.Where(c => c.State == ConditionStates.Met || told.Contains(c.Id) && c.State != ConditionStates.NotMet)
            .Select(c => new MatchView(c.Id, c.Zh, c.En, c.State == ConditionStates.Met ? "rules" : "questionnaire"))];
    }

    private static QuestionnaireView Of(EligibilityRules rules, QuestionnairePlace place)
    {
        var tree = rules.Questionnaire!.File;
        return new QuestionnaireView(tree.Zh, tree.En, [.. place.Given.Select((g, i) => new AnswerView(i + 1, g.Question.Id, g.Question.Zh, g.Question.En, g.Option.Id, g.Option.Zh, g.Option.En))],
            place.Open is not { } open ? null : new QuestionView(place.Given.Count + 1, open.Id, open.Zh, open.En, open.Source, [.. open.Options.Select(o => new Worded(o.Id, o.Zh, o.En))],
                open.CodeTable is { } table ? rules.File.CodeTables[table].Entries : null), place.Result);
    }

    private static List<NextAction> Actions(Guid id, string step, bool face, QuestionnairePlace? place, IReadOnlyList<MatchView> matching)
    {
        var at = $"/api/v1/eligibility/sessions/{id}";
        var actions = new List<NextAction>();
        if (step == "notice")
            actions.Add(new("confirm_notice", "确认办理须知", "POST", $"{at}/notice"));
        else if (!face)
            actions.Add(new("face", "人脸识别", "POST", $"{at}/face"));
        else
            actions.Add(new("look_up", step == "unavailable" ? "重新查询" : step == "found" ? "更换证书编号查询" : "智能分析", "POST", $"{at}/look-up"));
        if (place?.Open is { } open)
            actions.Add(new("answer", place.Given.Count == 0 ? "转问答测试" : "作答", "PUT", $"{at}/answers/{open.Id}", Name: open.Id));
        if (place?.Given is [.., var last])
        {
            actions.Add(new("back", "上一步", "DELETE", $"{at}/answers/{last.Question.Id}", Name: last.Question.Id));
            actions.Add(new("reset", "重置", "DELETE", $"{at}/answers"));
        }
        if (matching.Count > 0)
            actions.Add(new("file", "一键申报", "POST", $"{at}/file"));
        // Always: the answer never keeps anybody from filing.
        actions.Add(new("choose", "自主选择入户条件申报", "POST", $"{at}/file"));
        return actions;
    }
}
