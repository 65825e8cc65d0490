using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Standing;

/// <summary>What employers are entitled to, over HTTP.</summary>
public static class StandingEndpoints
{
    public static IEndpointRouteBuilder MapStanding(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/employers/{id}/standing", (string id, Caller caller, StandingReader reader, CancellationToken stop) => reader.ReadAsync(caller, id, stop))
            .WithTags("employers").WithName("ReadEmployerStanding").WithSummary("单位认证与业务权限 What an employer is certified and permitted for, and what it has asked for").Produces<EmployerStanding>();
        routes.MapGet("/api/v1/cases/{id:guid}/recognition", (Guid id, Caller caller, LicenceRecognitions recognitions, CancellationToken stop) => recognitions.ReadAsync(caller, id, stop))
            .WithTags("cases").WithName("ReadCaseRecognition").WithSummary("营业执照识别结果 What was read on the licence of a case, to compare and confirm").Produces<LicenceRecognition>();
        return routes;
    }
}
