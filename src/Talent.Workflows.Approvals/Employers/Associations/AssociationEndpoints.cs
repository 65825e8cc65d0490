using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Employers.Associations;

/// <summary>What a person typed.</summary>
public sealed record LookUpCode(string? Code);

/// <summary>The HTTP face of association codes and employees (R-EMP-4, S6). Associating and dissolving are cases of their services.</summary>
public static class AssociationEndpoints
{
    /// <summary>Where employees are looked for: by POST, because a name is nothing for an address.</summary>
    public const string SearchPath = "/api/v1/employers/{employer}/employees/search";

    public static IEndpointRouteBuilder MapAssociations(this IEndpointRouteBuilder routes)
    {
        var employers = routes.MapGroup("/api/v1/employers/{employer}").WithTags("employees");
        employers.MapGet("/association-code", (string employer, Caller caller, AssociationCodes codes, CancellationToken stop) => codes.ReadAsync(caller, employer, stop))
            .WithName("ReadAssociationCode").WithSummary("单位关联代码 The association code of an employer").Produces<AssociationCodeView>();
        employers.MapPost("/association-code", (string employer, Caller caller, RequestIdempotency idempotency, AssociationCodes codes, CancellationToken stop) => codes.ReplaceAsync(caller, employer, idempotency.Value, stop))
            .WithName("ReplaceAssociationCode").WithSummary("更换关联代码 Another code; the one before finds nobody any more").Produces<AssociationCodeView>();
        employers.MapPost("/employees/search", (string employer, EmployeeSearch search, Caller caller, EmployeeReader reader, CancellationToken stop) => reader.SearchAsync(caller, employer, search, stop))
            .WithName("FindEmployees").WithSummary("员工列表 Who asks to be associated, works here, or left, with counts").Produces<EmployeePage>();
        employers.MapGet("/employees/{id:guid}", async (string employer, Guid id, Caller caller, EmployeeReader reader, HttpContext http, CancellationToken stop) => Tagged(http, await reader.ReadAsync(caller, employer, id, stop)))
            .WithName("ReadEmployee").WithSummary("员工信息 One employee with the profile, masked").Produces<EmployeeView>();
        employers.MapPut("/employees/{id:guid}", UpdateAsync).WithName("UpdateEmployee").WithSummary("更新职位和劳动合同 Change position and contract").Produces<EmployeeView>();

        routes.MapPost("/api/v1/association-codes/lookup", (LookUpCode request, Caller caller, AssociationCodes codes, CancellationToken stop) => codes.LookUpAsync(caller, request.Code, stop))
            .WithTags("employees").WithName("LookUpAssociationCode").WithSummary("查询关联单位 Which employer has a code, to confirm").Produces<FoundEmployer>();
        routes.MapGet("/api/v1/associations/me", (Caller caller, EmployeeReader reader, CancellationToken stop) => reader.ReadOwnAsync(caller, stop))
            .WithTags("employees").WithName("ReadOwnAssociation").WithSummary("当前单位 Where the acting user works, and what they have asked").Produces<OwnAssociationView>();
        routes.MapGet("/api/v1/associations/{id:guid}/dissociation", (Guid id, DateOnly? leftOn, Caller caller, Leavings leavings, CancellationToken stop) => leavings.PreviewAsync(caller, id, leftOn, stop))
            .WithTags("employees").WithName("PreviewDissociation").WithSummary("解除关联条件 Whether an association can end, and why not").Produces<LeavingView>();
        return routes;
    }

    private static async Task<EmployeeView> UpdateAsync(string employer, Guid id, EmployeeChange request, Caller caller, EmployeeCommands commands, EmployeeReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.UpdateAsync(caller, employer, id, request, EntityTag.IfMatch(http.Request), cancellationToken);
        return Tagged(http, await reader.ReadAsync(caller, employer, id, cancellationToken));
    }

    private static EmployeeView Tagged(HttpContext http, EmployeeView view)
    {
        http.Response.Headers.ETag = EntityTag.Of(view.Version);
        return view;
    }
}
