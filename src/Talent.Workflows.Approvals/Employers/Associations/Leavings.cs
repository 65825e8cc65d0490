using System.Globalization;
using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Employers.Associations;

/// <summary>Whether somebody can leave, and why not.</summary>
public sealed record LeavingView(Guid AssociationId, string UserId, string EmployerId, bool Possible, IReadOnlyList<LeavingObstacle> Obstacles);

/// <summary>Reads what stands against the end of an association, for the preview and for the step.</summary>
public sealed class Leavings(NpgsqlDataSource database, AssociationCodes handlers)
{
    /// <summary>The service whose submission ends an association.</summary>
    public const string Service = "dissociation";

    private const string LeftOn = "leftOn", Reason = "reason";

    /// <summary>The facts of the association <c>a</c>, as SQL: a jsonb object, for <see cref="LeavingFacts"/>.</summary>
    internal const string Facts = """
        jsonb_build_object('association', a.id, 'filings', a.filings, 'contractFrom', a.contract_from,
            'cases', (select coalesce(jsonb_agg(f.number order by f.number), '[]') from approvals.cases f
                where f.applicant_id = a.user_id and f.employer_id = a.employer_id and f.submitted_at is not null and f.ended_at is null),
            'tasks', (select count(*) from approvals.tasks t where t.status < 2 and coalesce(t.assignee, t.claimed_by) = a.user_id and t.organisation_id = a.employer_id),
            'roles', (select coalesce(jsonb_agg(r.role order by r.role), '[]') from approvals.user_roles r where r.user_id = a.user_id and r.organisation_id = a.employer_id and r.role <> 'applicant'))
        """;

    /// <summary>Whether an association can end; for the person and for the employer's handlers.</summary>
    /// <param name="leftOn">离职日期; null: not known yet.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>: there is none, or it has ended; <c>forbidden</c>.</exception>
    public async Task<LeavingView> PreviewAsync(Caller caller, Guid association, DateOnly? leftOn, CancellationToken cancellationToken)
    {
        caller.RequireUser();
        var found = await database.SingleAsync($"select a.user_id, a.employer_id, {Facts}::text from approvals.associations a where a.id = $1 and a.ended_at is null",
            r => new { User = r.GetString(0), Employer = r.GetString(1), Facts = r.GetString(2) }, cancellationToken, association)
            ?? throw new WorkflowException(ErrorCodes.NotFound, $"There is no association {association} that holds. Check the id.", "没有此关联，或已解除。");
        if (found.User != caller.User || !caller.MayActAs("applicant") || !caller.MayActFor(found.Employer))
            await handlers.RequireHandlerAsync(caller, found.Employer, cancellationToken);
        var obstacles = LeavingRules.Check(Parse(found.Facts), leftOn);
        return new LeavingView(association, found.User, found.Employer, obstacles.Count == 0, obstacles);
    }

    /// <summary>What the step of a dissociation needs; every obstacle at once when there is one.</summary>
    /// <exception cref="WorkflowException"><c>wrong_state</c> with <c>obstacles</c>, or (<c>not_associated</c>) there is nothing to end.</exception>
    internal async Task<LeavingOrder> RequireAsync(FilingCase draft, CancellationToken cancellationToken)
    {
        var text = await database.SingleAsync($"select {Facts}::text from approvals.associations a where a.user_id = $1 and a.employer_id = $2 and a.ended_at is null",
            r => r.GetString(0), cancellationToken, draft.ApplicantId, draft.EmployerId) ?? throw AssociationRefusal.NoLonger();
        var (facts, data) = (Parse(text), draft.Data(1));
        var leftOn = DateOnly.ParseExact(data.GetProperty(LeftOn).GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        var obstacles = LeavingRules.Check(facts, leftOn);
        return obstacles.Count == 0 ? new LeavingOrder(facts.Association, facts.Filings, text, leftOn, data.GetProperty(Reason).GetString()!)
            : throw new WorkflowException(ErrorCodes.WrongState, $"The association can't be dissolved: {string.Join(" ", obstacles.Select(o => o.En))}", string.Concat(obstacles.Select(o => o.Zh)))
            { Facts = new Dictionary<string, object?> { ["reason"] = obstacles[0].Code, ["obstacles"] = obstacles } };
    }

    private static LeavingFacts Parse(string json) => JsonSerializer.Deserialize<LeavingFacts>(json, LeavingOrder.Json)!;
}
