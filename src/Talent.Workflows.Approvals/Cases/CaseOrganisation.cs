using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>The organisations of a case that an activity may name by what they are to it, instead of by an id.</summary>
public static class CaseOrganisation
{
    /// <summary>What may be written in the place of an organisation's id, and what it means.</summary>
    public static readonly IReadOnlyList<(string Code, string Fact, string Zh, string En)> All =
    [
        ("case:employer", CaseFacts.EmployerId, "申报人的用人单位", "The applicant's employer"),
        ("case:unit", CaseFacts.UnitId, "用人单位的归口单位", "The unit responsible for the employer"),
        ("case:bureau", CaseFacts.BureauId, "市局", "The bureau"),
    ];

    /// <summary>The id that an input names: one of the case's own organisations, or the value itself; null when it is empty.</summary>
    /// <exception cref="WorkflowException"><c>invalid_input</c>: the case has no such organisation. It never means "any".</exception>
    public static string? GetOrganisation(this ActivityContext context, Input<string> input) => context.OrganisationOf(context.Get(input));

    /// <summary>The same for a value that stands inside another input.</summary>
    /// <exception cref="WorkflowException"><c>invalid_input</c>: as <see cref="GetOrganisation"/>.</exception>
    public static string? OrganisationOf(this ActivityContext context, string? value)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        if (!value.StartsWith("case:", StringComparison.Ordinal))
            return value;
        foreach (var (code, fact, zh, _) in All)
            if (code == value)
                return context.State.Input(fact) is { Length: > 0 } id ? id
                    : throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' names '{code}', but the case has none. Name an organisation, or correct the directory and retry.", $"本业务没有“{zh}”，请在目录中补充后重试。");
        throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' names '{value}', which doesn't exist. Use {string.Join(", ", All.Select(o => o.Code))} or an organisation's id.", $"单位“{value}”不存在。");
    }
}
