using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Catalogue;

/// <summary>The HTTP face of the catalogue, and of what administrators decide about filing.</summary>
public static class CatalogueEndpoints
{
    public static (RouteHandlerBuilder List, RouteHandlerBuilder Round, RouteHandlerBuilder Bar, RouteHandlerBuilder Closure) MapCatalogue(this IEndpointRouteBuilder routes)
    {
        var catalogue = routes.MapGroup("/api/v1/catalogue").WithTags("catalogue");
        var list = catalogue.MapGet("/", (string? @for, string? employer, HttpContext http, CatalogueReader reader, CancellationToken stop) => reader.ListAsync(http.Features.Get<Caller>(), @for, employer, stop))
            .WithName("ListCatalogue").WithSummary("人才服务列表及被限制办理原因 The services, and what keeps the acting user from filing each").AllowAnonymous();
        catalogue.MapGet("/{service}", (string service, string? @for, string? employer, HttpContext http, CatalogueReader reader, CancellationToken stop) => reader.ReadAsync(http.Features.Get<Caller>(), service, @for, employer, stop))
            .WithName("ReadCatalogueEntry").WithSummary("人才服务事项 One service, with its documents").AllowAnonymous();

        var rounds = routes.MapGroup("/api/v1/rounds").WithTags("catalogue");
        rounds.MapGet("/", (string? series, string? cursor, int? limit, CatalogueDesk desk, CancellationToken stop) => desk.RoundsAsync(series, cursor, limit ?? 50, stop))
            .WithName("ListRounds").WithSummary("申报年度、批次 Filing rounds").AllowAnonymous();
        rounds.MapGet("/{id}", async (string id, CatalogueDesk desk, HttpContext http, CancellationToken stop) => Tagged(http, await desk.RoundAsync(id, stop), r => r.Version))
            .WithName("ReadRound").WithSummary("申报批次 One round").AllowAnonymous().Produces<RoundView>();
        var round = rounds.MapPut("/{id}", async (string id, RoundChange change, Caller caller, CatalogueDesk desk, HttpContext http, CancellationToken stop) =>
                Tagged(http, await desk.SaveAsync(caller, id, change, EntityTag.IfMatch(http.Request), stop), r => r.Version))
            .WithName("SaveRound").WithSummary("设置申报批次 Set a round: with If-Match, unless it is new").Produces<RoundView>();

        var bars = routes.MapGroup("/api/v1/bars").WithTags("catalogue");
        bars.MapGet("/", (string? user, string? employer, bool? inForce, string? cursor, int? limit, Caller caller, CatalogueDesk desk, CancellationToken stop) =>
                desk.BarsAsync(caller, user, employer, inForce == true, cursor, limit ?? 50, stop))
            .WithName("ListBars").WithSummary("限制申报名单 Who is barred from filing");
        bars.MapGet("/{id:guid}", async (Guid id, Caller caller, CatalogueDesk desk, HttpContext http, CancellationToken stop) => Tagged(http, await desk.BarAsync(caller, id, stop), b => b.Version))
            .WithName("ReadBar").WithSummary("限制申报 One bar").Produces<BarView>();
        var bar = bars.MapPut("/{id:guid}", async (Guid id, BarChange change, Caller caller, CatalogueDesk desk, HttpContext http, CancellationToken stop) =>
                Tagged(http, await desk.SaveAsync(caller, id, change, EntityTag.IfMatch(http.Request), stop), b => b.Version))
            .WithName("SaveBar").WithSummary("设置、解除限制 Set or lift a bar: with If-Match, unless it is new").Produces<BarView>();

        var closures = routes.MapGroup("/api/v1/closures").WithTags("catalogue");
        closures.MapGet("/", async (CatalogueDesk desk, CancellationToken stop) => new Page<ClosureView>(await desk.ClosuresAsync(stop), null))
            .WithName("ListClosures").WithSummary("暂停申报的事项 Services that are or were closed").AllowAnonymous();
        var closure = closures.MapPut("/{service}", async (string service, ClosureChange change, Caller caller, CatalogueDesk desk, HttpContext http, CancellationToken stop) =>
                Tagged(http, await desk.SaveAsync(caller, service, change, EntityTag.IfMatch(http.Request), stop), c => c.Version))
            .WithName("SaveClosure").WithSummary("暂停、恢复申报 Close a service, or open it again: with If-Match, unless it is new").Produces<ClosureView>();

        routes.MapGet("/api/v1/catalogue-changes", async (string subject, string id, Caller caller, CatalogueDesk desk, CancellationToken stop) => new Page<CatalogueChange>(await desk.ChangesAsync(caller, subject, id, stop), null))
            .WithTags("catalogue").WithName("ListCatalogueChanges").WithSummary("变更记录 Who changed a round, bar, closure or document, when and why");
        return (list, round, bar, closure);
    }

    private static T Tagged<T>(HttpContext http, T view, Func<T, long> version)
    {
        http.Response.Headers.ETag = EntityTag.Of(version(view));
        return view;
    }

    public const string ListExample = """
        {"at":"2026-09-21T01:00:00Z","as":"person","applicant":"applicant-li","employer":"emp-metro","items":[{"service":"political-work-title","zh":"政工职评","en":"Political-work professional title",
        "summaryZh":"企事业单位思想政治工作人员专业职务评定。","summaryEn":"Professional titles for ideological and political work staff.","filedBy":["applicant"],
        "hotline":{"phone":"0199-0000-8300","hoursZh":"工作日 9:00–17:30","hoursEn":"working days 9:00–17:30","addressZh":null},"round":null,"nextRound":null,"open":false,
        "reasons":[{"code":"profile_incomplete","zh":"个人信息未完善（1处）：请预览并提交个人信息","en":"The personal profile has 1 gaps, the first: Preview the profile and submit it",
        "remedy":{"zh":"请完善个人信息，预览并提交后再申报。","en":"Complete the profile, preview it and submit it.","target":"profile","href":"/api/v1/people/me"},
        "gaps":[{"step":"","field":"","code":"not_submitted","zh":"请预览并提交个人信息","en":"Preview the profile and submit it"}]}]}]}
        """;

    public const string RoundExample = """{"series":"talent-introduction","year":2027,"nameZh":"2027年第一批","nameEn":"First round of 2027","opensOn":"2027-03-01","closesOn":"2027-04-30","reason":"按年度工作安排设置"}""";

    public const string BarExample = """
        {"user":"applicant-li","services":["political-work-title"],"from":"2026-09-01","to":"2028-08-31","documentNumber":"示人才处〔2026〕3号","documentTitle":"关于限制再次申报的处理决定","reason":"提供虚假材料，经调查属实"}
        """;

    public const string ClosureExample = """{"closed":true,"zh":"系统升级维护","en":"maintenance of the system","to":"2026-10-08","reason":"国庆期间系统升级"}""";
}
