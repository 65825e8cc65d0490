using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Reviews.Deciding;

/// <summary>What a decider filled in.</summary>
/// <param name="Data">By field; numbers of people masked.</param>
public sealed record DecisionDataView(Guid TaskId, string Stage, string Outcome, JsonElement Data, DateTimeOffset SavedAt, string SavedBy);

/// <summary>What stages ask whoever decides them (<c>decisions</c> of form.json), checked by the rules of every form.</summary>
public sealed class DecisionForms(NpgsqlDataSource database, ServiceCatalogue services, BusinessClock clock)
{
    /// <summary>Checks what was filled in for a decision of a task.</summary>
    /// <returns>Canonical JSON.</returns>
    /// <exception cref="WorkflowException"><c>not_found</c> (task), <c>invalid_request</c>: nothing is asked for, <c>invalid_form</c> with the errors.</exception>
    internal async Task<string> CheckAsync(Guid taskId, string outcome, JsonElement data, CancellationToken cancellationToken)
    {
        var task = await database.SingleAsync("select c.service, t.stage from approvals.tasks t join approvals.cases c on c.id = t.case_id where t.id = $1",
            r => new { Service = r.GetString(0), Stage = r.GetString(1) }, cancellationToken, taskId) ?? throw TaskRefusal.NotFound(taskId);
        var form = (await services.GetAsync(task.Service, cancellationToken)).Form.Decision(task.Stage, outcome) ?? throw new WorkflowException(ErrorCodes.InvalidRequest,
            $"A decision '{outcome}' at stage '{task.Stage}' takes no data. Leave 'data' out.", "本环节的此项办理结果无须填写内容。");
        return Check(form, data);
    }

    /// <summary>Checks data against a form as at submission.</summary>
    /// <returns>Canonical JSON.</returns>
    /// <exception cref="WorkflowException"><c>invalid_form</c> with the errors.</exception>
    internal string Check(Form form, JsonElement data)
    {
        var errors = form.Validate(data, 1, FormMode.Submit, ChinaTime.DateOf(clock.Now));
        if (errors.Count > 0)
            throw new WorkflowException(ErrorCodes.InvalidForm, $"The data has {errors.Count} errors, the first at '{errors[0].Path}': {errors[0].En}.", errors.Count == 1 ? $"{errors[0].Zh}。" : $"填写内容有 {errors.Count} 处须修改，第一处：{errors[0].Zh}。其余见 errors。")
            { Facts = new Dictionary<string, object?> { ["errors"] = errors } };
        try
        {
            return CanonicalJson.Of(data.GetRawText());
        }
        catch (FormatException e)
        {
            throw new WorkflowException(ErrorCodes.InvalidForm, $"The data can't be kept: {e.Message}", "填写内容含有无法保存的数据。", e);
        }
    }

    /// <summary>What was filled in for the decisions of a case, in their order.</summary>
    internal async Task<IReadOnlyList<DecisionDataView>> ListAsync(Guid caseId, CancellationToken cancellationToken)
    {
        var rows = await database.QueryAsync("""
            select d.task_id, d.stage, d.outcome, d.data::text, d.saved_at, d.saved_by, c.service from approvals.decision_data d join approvals.cases c on c.id = d.case_id
            where d.case_id = $1 order by d.saved_at, d.task_id limit 200
            """, r => (View: new DecisionDataView(r.GetGuid(0), r.GetString(1), r.GetString(2), JsonSerializer.Deserialize<JsonElement>(r.GetString(3)), r.GetFieldValue<DateTimeOffset>(4), r.GetString(5)), Service: r.GetString(6)),
            cancellationToken, caseId);
        if (rows.Count == 0)
            return [];
        var form = (await services.GetAsync(rows[0].Service, cancellationToken)).Form;
        return rows.ConvertAll(r => form.Decision(r.View.Stage, r.View.Outcome) is { } asked ? r.View with { Data = MaskedData.Of(asked, r.View.Data) } : r.View);
    }
}
