using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Approvals.Reviews.Handling;

namespace Talent.Workflows.Approvals.Why;

/// <summary>Who can act now and why they, and who may not though it would be theirs. Pure.</summary>
internal sealed class WhyPeople(WhyFacts facts)
{
    private readonly Dictionary<Guid, ExplainedTask> said = facts.Of<ExplainedTask>().ToDictionary(t => t.TaskId);

    public IReadOnlyList<WhyActor> CanAct()
    {
        if (facts.Case.Ended || facts.State.Halted)
            return [];
        if (facts.Case.Status == "draft")
            return [Worded(Shown(new WhyActor(null, "", "草稿", "draft", WhyGrounds.Applicant, facts.Person(facts.Case.FiledBy), 1, null, null)))];
        var actors = new List<WhyActor>();
        foreach (var task in facts.Tasks)
        {
            var own = facts.Candidates.Where(c => c.TaskId == task.Id && c.Can && !IsBarred(task, c.User)).Select(c => c.User).ToArray();
            actors.AddRange(own.Select(user => Actor(task, user)));
            if (TaskRights.DelegableKinds.Contains(task.Kind))
                actors.AddRange(Delegates(task, own));
        }
        return [.. Hidden(actors).Select(Worded)];
    }

    public IReadOnlyList<WhyExcluded> Excluded()
    {
        if (facts.Case.Ended)
            return [];
        var excluded = new List<WhyExcluded>();
        foreach (var task in facts.Tasks.Where(t => !t.IsSeat))
            foreach (var user in facts.Candidates.Where(c => c.TaskId == task.Id && (c.Excluded || c.Can && IsBarred(task, c.User))).Select(c => c.User))
                if (facts.ShowsNames || user == facts.Reader)
                    excluded.Add(Excluded(task, user));
        return excluded;
    }

    /// <summary>By the stage as it is now: its task may be older than the decision that keeps somebody from it.</summary>
    private bool IsBarred(WhyTask task, string user) => said.GetValueOrDefault(task.Id)?.Excluded.ContainsKey(user) == true;

    private WhyExcluded Excluded(WhyTask task, string user)
    {
        var decided = said.GetValueOrDefault(task.Id)?.Excluded.GetValueOrDefault(user);
        var (reason, zh, en) = user == facts.Case.ApplicantId ? ("own_case", "是申报人本人", "it is their own case")
            : decided is not null ? ("four_eyes", $"已办理过“{NameOf(decided)}”（四眼原则）", $"they decided '{facts.En(decided)}' (four eyes)")
            : said.GetValueOrDefault(task.Id)?.TakingPart.Contains(user) == true ? ("takes_part", "已参加本环节的办理，一人不能办理两份", "they take part in the stage already, and nobody signs it twice")
            : ("recused", "已回避", "they stand aside");
        return new WhyExcluded(task.Id, task.Stage, task.StageName, facts.Person(user), reason, decided,
            $"{task.StageName}：{Call(user)}不能办理，{zh}。", $"{facts.En(task.Stage)}: {Call(user)} can't act: {en}.");
    }

    private WhyActor Actor(WhyTask task, string user)
    {
        var ground = said.GetValueOrDefault(task.Id);
        var moved = ground is not null && task.Assignee is null && (task.Role != ground.Role || task.OrganisationId != ground.OrganisationId);
        var kind = task.IsSeat ? WhyGrounds.Expert
            : task is { Kind: TaskKinds.Supplement or TaskKinds.Materials, Assignee: not null } ? WhyGrounds.Applicant
            : task.TransferredBy is not null ? WhyGrounds.HandedOver
            : task.ClaimedBy is not null ? WhyGrounds.Claimed
            : moved ? WhyGrounds.Escalated
            : ground?.Ground ?? (task.Assignee is null ? WhyGrounds.Role : WhyGrounds.Named);
        var by = kind == WhyGrounds.HandedOver ? task.TransferredBy : kind == WhyGrounds.Countersigner ? ground?.By : null;
        return new WhyActor(task.Id, task.Stage, task.StageName, task.Kind, kind, facts.Person(user), 1, task.Role, Organisation(task))
        {
            By = by is null ? null : facts.Person(by), Region = kind == WhyGrounds.Region ? ground?.Region : null,
        };
    }

    /// <summary>Who may decide it in the place of one who can: by the rule that a decision asks.</summary>
    private IEnumerable<WhyActor> Delegates(WhyTask task, string[] own)
    {
        var links = facts.Delegations.Select(d => d.Link).ToArray();
        foreach (var user in facts.Delegations.Where(d => d.Active).Select(d => d.Link.Delegate).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (own.Contains(user) || task.Excluded.Contains(user) || IsBarred(task, user))
                continue;
            if (DelegationRules.PrincipalsOf(user, links, facts.Now).FirstOrDefault(p => own.Contains(p.User) && p.Scope.Covers(facts.Case.Service, task.Role)) is { } principal)
                yield return new WhyActor(task.Id, task.Stage, task.StageName, task.Kind, WhyGrounds.Delegation, facts.Person(user), 1, task.Role, Organisation(task))
                {
                    Chain = [.. principal.Chain.Reverse().Select(link => facts.Person(Array.Find(links, l => l.Id == link)!.Principal)), facts.Person(user)],
                };
        }
    }

    /// <summary>Experts are never named, and officers only to those who may know them; the reader always.</summary>
    private IEnumerable<WhyActor> Hidden(List<WhyActor> actors) =>
        actors.Where(a => Shown(a).User is not null).Concat(actors.Where(a => Shown(a).User is null).GroupBy(a => (Task: a.Ground == WhyGrounds.Expert ? null : a.TaskId, a.Stage, a.TaskKind, a.Ground))
            .Select(g => Shown(g.First()) with { TaskId = g.Key.Task, People = g.Count() }));

    private WhyActor Shown(WhyActor actor)
    {
        var visible = actor.User?.Id == facts.Reader || actor.Ground != WhyGrounds.Expert && (facts.ShowsNames || actor.Ground == WhyGrounds.Applicant && facts.Case.Reader.Owns);
        return visible ? actor with { By = facts.ShowsNames ? actor.By : null, Chain = facts.ShowsNames ? actor.Chain : null } : actor with { User = null, By = null, Chain = null };
    }

    private WhyActor Worded(WhyActor actor)
    {
        var (verbZh, verbEn) = actor.TaskKind switch
        {
            "draft" => ("提交申报", "submit it"),
            TaskKinds.Supplement => ("提交补正", "hand in the correction"),
            TaskKinds.Materials => ("提交材料", "hand in the materials"),
            TaskKinds.Ballot => ("投票", "vote"),
            TaskKinds.PanelInvitation => ("答复邀请", "answer the invitation"),
            _ => ("办理", "act"),
        };
        var (who, whoEn) = actor.User is { } user ? (Call(user.Id), Call(user.Id))
            : actor.Ground == WhyGrounds.Expert ? ($"{actor.People}位评审专家", $"{actor.People} expert{(actor.People == 1 ? "" : "s")}") : ($"{actor.People}人", actor.People == 1 ? "1 person" : $"{actor.People} people");
        var (zh, en) = Reason(actor);
        return actor with
        {
            TextZh = $"{actor.StageName}：{who}可以{verbZh}{(zh.Length == 0 ? "" : $"，{zh}")}。",
            TextEn = $"{(actor.Stage.Length == 0 ? "Draft" : facts.En(actor.Stage))}: {whoEn} can {verbEn}{(en.Length == 0 ? "" : $": {en.TrimEnd('.')}")}.",
        };
    }

    private (string Zh, string En) Reason(WhyActor actor)
    {
        var holds = actor.Role is null ? ("", "") : actor.Organisation is { } at ? ($"在{at.Name ?? at.Id}担任{actor.Role}", $"holds {actor.Role} at {EnglishName(at)}") : ($"担任{actor.Role}", $"holds {actor.Role}");
        return actor.Ground switch
        {
            WhyGrounds.Role => holds,
            WhyGrounds.LevelUp => ($"{holds.Item1}（由上级单位办理）", $"{holds.Item2} (the organisation above decides)"),
            WhyGrounds.Region => ($"{holds.Item1}（{actor.Region}地区的办理单位）", $"{holds.Item2} (the office of region {actor.Region})"),
            WhyGrounds.Escalated => ($"{holds.Item1}（超时或无人可办，已交上级）", $"{holds.Item2} (it went to the superior)"),
            WhyGrounds.Named => ("本环节指定由其办理", "the stage names them"),
            WhyGrounds.Claimed => ("已领取此待办", "claimed the task"),
            WhyGrounds.LeastWorkload => ("在可办理的人中工作量最少", "has the least work of those who could"),
            WhyGrounds.Member => ("参加共同办理", "is one of those who decide together"),
            WhyGrounds.Countersigner => (actor.By is { } by ? $"由{Call(by.Id)}加签" : "加签", actor.By is { } asker ? $"asked to sign by {Call(asker.Id)}" : "was asked to sign"),
            WhyGrounds.HandedOver => (actor.By is { } from ? $"由{Call(from.Id)}转办" : "转办", actor.By is { } before ? $"handed over by {Call(before.Id)}" : "it was handed over"),
            WhyGrounds.Delegation => actor.Chain is { } chain ? ($"受委托代办（{string.Join("→", chain.Select(c => Call(c.Id)))}）", $"delegated ({string.Join(" → ", chain.Select(c => Call(c.Id)))})") : ("受委托代办", "delegated"),
            WhyGrounds.Applicant => facts.Case.FiledBy == facts.Case.ApplicantId ? ("是申报人", "is the applicant") : ("代为申报", "filed it for the applicant"),
            _ => ("", ""),
        };
    }

    private string EnglishName(Named organisation) => facts.Tasks.FirstOrDefault(t => t.OrganisationId == organisation.Id)?.OrganisationEn ?? organisation.Id;

    private string Call(string user) => facts.Names.GetValueOrDefault(user) ?? user;

    private string NameOf(string stage) => facts.StageNames.GetValueOrDefault(stage) ?? stage;

    private static Named? Organisation(WhyTask task) => task.OrganisationId is { } id ? new Named(id, task.OrganisationZh) : null;
}
