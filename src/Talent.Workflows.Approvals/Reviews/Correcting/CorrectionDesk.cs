using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Reviews.Correcting;

/// <summary>Checks what a return asks to be corrected.</summary>
public sealed class CorrectionDesk(NpgsqlDataSource database, ServiceCatalogue services, FormVersions forms, CaseVault vault, TaskReader tasks)
{
    /// <returns>As it is kept; null: the decision names nothing, and everything may be changed.</returns>
    /// <exception cref="WorkflowException"><c>not_found</c> (task); <c>invalid_request</c>: the case doesn't go back to the applicant, or only what is named may be changed and nothing is; <c>invalid_form</c> with the errors.</exception>
    internal async Task<AskedCorrections?> CheckAsync(Caller caller, Guid taskId, DecideTask decision, CancellationToken cancellationToken)
    {
        var named = decision.Corrections is { Count: > 0 } || decision.OnlyCorrections == true;
        if (!DecisionWords.TryParse(decision.Outcome, out var outcome) || outcome != DecisionOutcome.Return || decision.ReturnTo is not (null or ReturnWords.Applicant))
            return named ? throw new WorkflowException(ErrorCodes.InvalidRequest, "Only a return to the applicant says what to correct. Leave 'corrections' and 'onlyCorrections' out.", "只有退回申报人补正时才能填写补正内容。") : null;
        var task = await database.SingleAsync($"select c.service, t.stage, t.phase, {CaseVault.FormVersion}, c.id from approvals.tasks t join approvals.cases c on c.id = t.case_id where t.id = $1",
            r => new { Service = r.GetString(0), Stage = r.GetString(1), Phase = r.GetInt16(2), Form = r.Text(3), Case = r.GetGuid(4) }, cancellationToken, taskId) ?? throw TaskRefusal.NotFound(taskId);
        // A workflow that isn't a service's has no form to correct.
        if (await services.FindAsync(task.Service, cancellationToken) is not { } package)
            return named ? throw new WorkflowException(ErrorCodes.InvalidRequest, $"'{task.Service}' is no service: leave 'corrections' out.", "该业务没有可补正的表单。") : null;
        package = await forms.SavedWithAsync(package, task.Form, cancellationToken);
        var only = decision.OnlyCorrections ?? package.Service.Phases.SelectMany(p => p.Stages).Any(s => s.Key == task.Stage && s.OnlyCorrections);
        if (decision.Corrections is not { Count: > 0 } items)
            return !only ? null : throw new WorkflowException(ErrorCodes.InvalidRequest, $"Stage '{task.Stage}' lets the applicant change only what is named: name it in 'corrections', or send 'onlyCorrections' as false.", "请逐项填写需要补正的内容（corrections）。");
        // Whoever may not decide learns nothing of the data: their decision is refused by the step.
        JsonElement? data = items.Count <= Corrections.Most && CorrectionCheck.NamesRows(items.OfType<Correction>()) && await tasks.MayActAsync(caller, taskId, cancellationToken) ? await DataAsync(task.Case, task.Phase, cancellationToken) : null;
        if (new CorrectionCheck(package, task.Phase, task.Stage).Of(items, data) is { Count: > 0 } errors)
            throw new WorkflowException(ErrorCodes.InvalidForm, $"What to correct has {errors.Count} errors, the first at '{errors[0].Path}': {errors[0].En}.", $"补正内容有 {errors.Count} 处错误：{errors[0].Zh}。")
            { Facts = new Dictionary<string, object?> { ["errors"] = errors } };
        return new AskedCorrections([.. items.Select(i => i with { Note = i.Note!.Trim() })], only);
    }

    private async Task<JsonElement> DataAsync(Guid caseId, short phase, CancellationToken cancellationToken)
    {
        var phases = await database.QueryAsync($"select {CaseVault.Phases} from approvals.cases c where c.id = $1", r => r.Text(0), cancellationToken, caseId);
        return (await vault.OpenAsync(caseId, phases is [var kept] ? kept : null, cancellationToken)).TryGetValue(phase, out var data) ? data : JsonSerializer.SerializeToElement(new { });
    }
}

/// <summary>What one decision asks to be corrected.</summary>
/// <param name="Only">Nothing else may be changed.</param>
internal sealed record AskedCorrections(IReadOnlyList<Correction> Items, bool Only);
