using System.Text.Json;

namespace Talent.Workflows.Approvals.Employers.Associations;

/// <summary>What is known of an employment when somebody is about to end it; read in one statement, and compared again by the step that ends it.</summary>
public sealed record LeavingFacts
{
    public required Guid Association { get; init; }

    /// <summary>Cases handed in under it so far.</summary>
    public required long Filings { get; init; }

    public DateOnly? ContractFrom { get; init; }

    /// <summary>Numbers of the person's cases that are in progress at the employer.</summary>
    public required IReadOnlyList<string> Cases { get; init; }

    /// <summary>Tasks at the employer that the person has in hand.</summary>
    public required int Tasks { get; init; }

    /// <summary>Roles at the employer besides applicant.</summary>
    public required IReadOnlyList<string> Roles { get; init; }
}

/// <summary>One thing that stands against leaving.</summary>
/// <param name="Code">Stable.</param>
public sealed record LeavingObstacle(string Code, string Zh, string En, IReadOnlyList<string> About);

/// <summary>解除关联条件: the one evaluator, for the preview and for the step. Pure.</summary>
/// <remarks>Source: S6, Beijing-employer 5: “系统判断该员工是否具备解除关联条件，如不满足提示不满足解除关联的原因”.</remarks>
public static class LeavingRules
{
    public const string CaseInProgress = "case_in_progress";
    public const string TaskOpen = "task_open";
    public const string OfficeHeld = "office_held";
    public const string BeforeContract = "before_contract";

    /// <param name="leftOn">离职日期; null: not given yet.</param>
    /// <returns>All that stands against it; empty: nothing does.</returns>
    public static IReadOnlyList<LeavingObstacle> Check(LeavingFacts facts, DateOnly? leftOn)
    {
        var found = new List<LeavingObstacle>();
        if (facts.Cases.Count > 0)
            found.Add(new(CaseInProgress, $"该员工在本单位有{facts.Cases.Count}件在办业务（{string.Join("、", facts.Cases)}），办结或撤回后方可解除关联。",
                $"The person has cases in progress at the employer ({string.Join(", ", facts.Cases)}): they have to end or be withdrawn first.", facts.Cases));
        if (facts.Tasks > 0)
            found.Add(new(TaskOpen, $"该员工在本单位有{facts.Tasks}项待办未办理，办理或转办后方可解除关联。", $"The person has open tasks at the employer ({facts.Tasks}): they have to be decided or handed over first.", []));
        if (facts.Roles.Count > 0)
            found.Add(new(OfficeHeld, "该员工担任本单位的业务经办、审核等职责，变更人员后方可解除关联。", $"The person holds offices at the employer ({string.Join(", ", facts.Roles)}): somebody else has to take them over first.", facts.Roles));
        if (leftOn is { } day && facts.ContractFrom is { } from && day < from)
            found.Add(new(BeforeContract, $"离职日期早于劳动合同起始日期（{from:yyyy-MM-dd}），请核对离职日期或先更正劳动合同信息。", $"The day of leaving lies before the contract begins ({from:yyyy-MM-dd}); check the day, or correct the contract first.", [from.ToString("O", System.Globalization.CultureInfo.InvariantCulture)]));
        return found;
    }
}

/// <summary>What a step ends an employment with: the facts that were checked, and what was said of the leaving.</summary>
/// <param name="Facts">JSON, as read.</param>
internal sealed record LeavingOrder(Guid Association, long Filings, string Facts, DateOnly LeftOn, string Reason)
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
}
