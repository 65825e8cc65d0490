using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews.Deciding;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Employers.Associations;

/// <summary>What an employer's handlers change of its employees: position and contract, by the rules by which they were given at first, and recorded.</summary>
public sealed class EmployeeCommands(NpgsqlDataSource database, AssociationCodes handlers, ServiceCatalogue services, DecisionForms forms, BusinessClock clock)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <exception cref="WorkflowException"><c>precondition_required</c>, <c>precondition_failed</c>, <c>forbidden</c>, <c>not_found</c>: not an employee (any more), <c>invalid_form</c> with the errors.</exception>
    public async Task UpdateAsync(Caller caller, string employer, Guid id, EmployeeChange change, long? ifVersion, CancellationToken cancellationToken)
    {
        await handlers.RequireHandlerAsync(caller, employer, cancellationToken);
        if (ifVersion is not { } version)
            throw new WorkflowException(ErrorCodes.PreconditionRequired, "Say by If-Match which version is changed: the ETag of the employee as read.", "请在请求头 If-Match 中给出所修改的版本。");
        var form = (await services.GetAsync("association", cancellationToken)).Form.Decision("employer-confirm", "approve")
            ?? throw new WorkflowException(ErrorCodes.Unavailable, "The service 'association' doesn't say what an employer fills in.", "尚未配置职位和劳动合同的填写内容。");
        var data = forms.Check(form, JsonSerializer.SerializeToElement(change, Json));
        var changed = await database.QueryAsync("""
            with before as (
                select a.* from approvals.associations a where a.id = $1 and a.employer_id = $2 and a.ended_at is null and a.version = $3 for no key update),
            after as (
                update approvals.associations a set version = a.version + 1, department = d.data ->> 'department', position = d.data ->> 'position',
                    contract_from = (d.data ->> 'contractFrom')::date, contract_to = (d.data ->> 'contractTo')::date
                from before b, (select $4::jsonb as data) d where a.id = b.id returning a.*)
            insert into approvals.directory_changes (at, credential, user_id, subject, subject_id, change, fields)
            select $5, $6, $7, 'association', $1::text, 'changed', array_remove(array[
                case when b.department is distinct from n.department then 'department' end, case when b.position is distinct from n.position then 'position' end,
                case when b.contract_from is distinct from n.contract_from then 'contractFrom' end, case when b.contract_to is distinct from n.contract_to then 'contractTo' end], null)
            from before b join after n on n.id = b.id returning 1
            """, r => r.GetInt32(0), cancellationToken, id, employer, version, data, clock.Now, caller.Credential, caller.User);
        if (changed.Count == 1)
            return;
        var now = await database.QueryAsync("select version from approvals.associations where id = $1 and employer_id = $2 and ended_at is null", r => r.GetInt64(0), cancellationToken, id, employer);
        throw now is [var current] ? new WorkflowException(ErrorCodes.PreconditionFailed, $"The employee is at version {current}, not {version}. Read it again.", "该员工信息已更新，请刷新后重试。") : EmployeeReader.NotFound(id);
    }
}
