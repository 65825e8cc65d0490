using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Employers.Handlers;
using Talent.Workflows.Approvals.Employers.Profiles;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Employers;

/// <summary>The HTTP face of employers, under <c>/api/v1/employers</c> (R-EMP-1, R-EMP-3).</summary>
public static class EmployerEndpoints
{
    public static IEndpointRouteBuilder MapEmployers(this IEndpointRouteBuilder routes)
    {
        var employers = routes.MapGroup("/api/v1/employers").WithTags("employers");
        employers.MapGet("/{id}", async (string id, Caller caller, EmployerReader reader, HttpContext http, CancellationToken stop) => Tagged(http, await reader.ReadAsync(caller, id, stop)))
            .WithName("ReadEmployer").WithSummary("单位信息展示 One employer with its whole profile, masked").Produces<EmployerView>();
        employers.MapPut("/{id}/steps/{step}", SaveAsync).WithName("SaveEmployerStep").WithSummary("保存填写步骤 Save one step of the profile").Produces<EmployerView>();
        employers.MapPost("/{id}/submit", SubmitAsync).WithName("SubmitEmployer").WithSummary("提交单位信息 Submit the profile").Produces<EmployerView>();
        employers.MapPost("/{id}/handlers", (string id, ReplaceHandler request, Caller caller, RequestIdempotency idempotency, HandlerCommands commands, CancellationToken stop) =>
            commands.ReplaceAsync(caller, id, request, idempotency.Value, stop))
            .WithName("ReplaceHandler").WithSummary("更换业务经办人 Put somebody in the place of a handler").Produces<HandlerReplaced>();
        employers.MapPut("/{id}/handlers/{user}/phone", (string id, string user, ChangePhone request, Caller caller, RequestIdempotency idempotency, HandlerCommands commands, CancellationToken stop) =>
            commands.ChangePhoneAsync(caller, id, user, request, idempotency.Value, stop))
            .WithName("ChangeHandlerPhone").WithSummary("更换注册手机号 Change a handler's own registered phone, with a verification code").Produces<HandlerView>();
        return routes;
    }

    private static async Task<EmployerView> SaveAsync(string id, string step, SaveStep request, Caller caller, EmployerCommands commands, EmployerReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.SaveStepAsync(caller, id, step, request.Data, EntityTag.IfMatch(http.Request), cancellationToken);
        return Tagged(http, await reader.ReadAsync(caller, id, cancellationToken));
    }

    private static async Task<EmployerView> SubmitAsync(string id, Caller caller, EmployerCommands commands, EmployerReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.SubmitAsync(caller, id, EntityTag.IfMatch(http.Request), cancellationToken);
        return Tagged(http, await reader.ReadAsync(caller, id, cancellationToken));
    }

    private static EmployerView Tagged(HttpContext http, EmployerView view)
    {
        http.Response.Headers.ETag = EntityTag.Of(view.Version);
        return view;
    }
}
