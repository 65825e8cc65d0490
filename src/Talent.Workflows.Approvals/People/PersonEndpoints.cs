using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.People;

public sealed record SaveStep(JsonElement Data);

/// <summary>The HTTP face of people, under <c>/api/v1/people</c>, and of the record of reads.</summary>
public static class PersonEndpoints
{
    /// <summary>Where people are looked for: by POST, because what is looked for is nothing for an address.</summary>
    public const string SearchPath = "/api/v1/people/search";

    public static IEndpointRouteBuilder MapPeople(this IEndpointRouteBuilder routes)
    {
        var people = routes.MapGroup("/api/v1/people").WithTags("people");
        people.MapPost("/", RegisterAsync).WithName("RegisterPerson").WithSummary("个人登记 Register the acting user").Produces<PersonView>(StatusCodes.Status201Created);
        people.MapGet("/me", async (Caller caller, PersonReader reader, HttpContext http, CancellationToken stop) => Tagged(http, await reader.ReadOwnAsync(caller, stop)))
            .WithName("ReadOwnPerson").WithSummary("本人信息 The acting user's own profile").Produces<PersonView>();
        people.MapPost("/search", (PersonSearch search, Caller caller, PersonReader reader, CancellationToken stop) => reader.SearchAsync(caller, search, stop))
            .WithName("FindPeople").WithSummary("查找人员 Find people by a fragment of the name, or by a whole number or address").Produces<Page<PersonSummary>>();
        people.MapGet("/{id:guid}", async (Guid id, Caller caller, PersonReader reader, HttpContext http, CancellationToken stop) => Tagged(http, await reader.ReadAsync(caller, id, stop)))
            .WithName("ReadPerson").WithSummary("个人信息预览 One person with the whole profile, masked").Produces<PersonView>();
        people.MapPut("/{id:guid}/identity", ChangeAsync).WithName("ChangePerson").WithSummary("修改姓名、证件和联系方式 Change name, number and contact").Produces<PersonView>();
        people.MapPut("/{id:guid}/steps/{step}", SaveAsync).WithName("SavePersonStep").WithSummary("保存填写步骤 Save one step of the profile").Produces<PersonView>();
        people.MapPost("/{id:guid}/submit", SubmitAsync).WithName("SubmitPerson").WithSummary("提交个人信息 Submit the profile").Produces<PersonView>();
        people.MapPost("/{id:guid}/reveal", (Guid id, RevealRequest request, Caller caller, Reveals reveals, CancellationToken stop) => reveals.RevealAsync(caller, id, request, stop))
            .WithName("RevealPerson").WithSummary("查看完整号码（留痕） Show numbers in full; each time is recorded").Produces<Revealed>();

        routes.MapGet("/api/v1/data-reads", (Guid? person, Guid? @case, string? user, string? cursor, int? limit, Caller caller, Reveals reveals, CancellationToken stop) =>
            reveals.ListAsync(caller, person, @case, user, cursor, limit, stop)).WithTags("people")
            .WithName("ListDataReads").WithSummary("个人信息查看记录 Who read personal data in full, and why").Produces<Page<DataRead>>();
        return routes;
    }

    private static async Task<IResult> RegisterAsync(NewPerson request, Caller caller, RequestIdempotency idempotency, PersonCommands commands, PersonReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        var id = await commands.RegisterAsync(caller, request, idempotency.Value, cancellationToken);
        return Results.Created($"/api/v1/people/{id}", Tagged(http, await reader.ReadAsync(caller, id, cancellationToken)));
    }

    private static async Task<PersonView> ChangeAsync(Guid id, PersonChange request, Caller caller, PersonCommands commands, PersonReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.ChangeAsync(caller, id, request, EntityTag.IfMatch(http.Request), cancellationToken);
        return Tagged(http, await reader.ReadAsync(caller, id, cancellationToken));
    }

    private static async Task<PersonView> SaveAsync(Guid id, string step, SaveStep request, Caller caller, PersonCommands commands, PersonReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.SaveStepAsync(caller, id, step, request.Data, EntityTag.IfMatch(http.Request), cancellationToken);
        return Tagged(http, await reader.ReadAsync(caller, id, cancellationToken));
    }

    private static async Task<PersonView> SubmitAsync(Guid id, Caller caller, PersonCommands commands, PersonReader reader, HttpContext http, CancellationToken cancellationToken)
    {
        await commands.SubmitAsync(caller, id, EntityTag.IfMatch(http.Request), cancellationToken);
        return Tagged(http, await reader.ReadAsync(caller, id, cancellationToken));
    }

    private static PersonView Tagged(HttpContext http, PersonView view)
    {
        http.Response.Headers.ETag = EntityTag.Of(view.Version);
        return view;
    }
}
