using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Employers;

/// <summary>The HTTP face of the directory: organisations, users, and what was changed of them.</summary>
public static class DirectoryEndpoints
{
    public const string OrganisationExample = """{"kind":"employer","nameZh":"示例市第一中学","nameEn":"Shili First Middle School","parent":"unit-education","region":"119900","uscc":"12119900MA0000234F","responsibleUnit":"unit-education"}""";

    public const string UserExample = """{"name":"周样例","organisation":"unit-education","roles":[{"role":"unit.reviewer","organisation":"unit-education"}],"phone":"19900000300","email":"zhou@talent.example.org"}""";

    /// <returns>The endpoints that take a body, for their examples.</returns>
    public static (RouteHandlerBuilder Organisation, RouteHandlerBuilder User) MapDirectory(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1").WithTags("directory");
        api.MapGet("/organisations", (string? kind, string? region, string? unit, string? name, string? uscc, string? cursor, int? limit, DirectoryLists lists, CancellationToken stop) =>
                lists.OrganisationsAsync(kind, region, unit, name, uscc, cursor, limit ?? 50, stop))
            .WithName("ListOrganisations").WithSummary("单位列表 Organisations").Produces<Page<OrganisationView>>();
        api.MapGet("/organisations/{id}", async (string id, DirectoryLists lists, HttpContext http, CancellationToken stop) => Tagged(http, await lists.OrganisationAsync(id, stop)))
            .WithName("ReadOrganisation").WithSummary("单位 One organisation").Produces<OrganisationView>();
        var organisation = api.MapPut("/organisations/{id}", async (string id, OrganisationInput request, Caller caller, DirectoryCommands commands, DirectoryLists lists, HttpContext http, CancellationToken stop) =>
            {
                var isNew = await commands.PutOrganisationAsync(caller, id, request, EntityTag.IfMatch(http.Request), stop);
                return Put(isNew, $"/api/v1/organisations/{id}", Tagged(http, await lists.OrganisationAsync(id, stop)));
            })
            .WithName("PutOrganisation").WithSummary("新增或修改单位 Add or change an organisation").Produces<OrganisationView>().Produces<OrganisationView>(StatusCodes.Status201Created);

        api.MapGet("/users", (string? organisation, string? role, string? name, bool? active, string? cursor, int? limit, Caller caller, DirectoryLists lists, CancellationToken stop) =>
                lists.UsersAsync(caller, organisation, role, name, active, cursor, limit ?? 50, stop))
            .WithName("ListUsers").WithSummary("用户列表 Users and their roles").Produces<Page<UserView>>();
        api.MapGet("/users/{id}", async (string id, Caller caller, DirectoryLists lists, HttpContext http, CancellationToken stop) => Tagged(http, await lists.UserAsync(caller, id, stop)))
            .WithName("ReadUser").WithSummary("用户 One user").Produces<UserView>();
        var user = api.MapPut("/users/{id}", async (string id, UserInput request, Caller caller, DirectoryCommands commands, DirectoryLists lists, HttpContext http, CancellationToken stop) =>
            {
                var isNew = await commands.PutUserAsync(caller, id, request, EntityTag.IfMatch(http.Request), stop);
                return Put(isNew, $"/api/v1/users/{id}", Tagged(http, await lists.UserAsync(caller, id, stop)));
            })
            .WithName("PutUser").WithSummary("新增或修改用户及角色 Add or change a user and their roles").Produces<UserView>().Produces<UserView>(StatusCodes.Status201Created);

        api.MapGet("/directory/changes", (string? subject, string? id, string? cursor, int? limit, Caller caller, DirectoryLists lists, CancellationToken stop) => lists.ChangesAsync(caller, subject, id, cursor, limit ?? 50, stop))
            .WithName("ListDirectoryChanges").WithSummary("单位和用户变更记录 Who changed what of organisations and users").Produces<Page<DirectoryChange>>();
        return (organisation, user);
    }

    private static IResult Put(bool isNew, string address, object view) => isNew ? Results.Created(address, view) : Results.Ok(view);

    private static OrganisationView Tagged(HttpContext http, OrganisationView view)
    {
        http.Response.Headers.ETag = EntityTag.Of(view.Version);
        return view;
    }

    private static UserView Tagged(HttpContext http, UserView view)
    {
        http.Response.Headers.ETag = EntityTag.Of(view.Version);
        return view;
    }
}
