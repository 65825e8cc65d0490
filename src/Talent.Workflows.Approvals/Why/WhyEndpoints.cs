using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Why;

/// <summary>The HTTP face of the question why: <c>/api/v1/cases/{id}/why</c>.</summary>
public static class WhyEndpoints
{
    /// <summary>An answer, for the description of the API.</summary>
    public const string Example = """
        {"caseId":"0199d3a0-0000-7000-8000-000000000001","version":3,"at":"2026-09-21T01:00:00+00:00","running":true,
         "status":{"code":"pending_review","zh":"待审核","en":"pending review"},
         "canAct":[{"taskId":"0199d3a0-0000-8000-8000-00000000a001","stage":"employer-review","stageName":"用人单位审核","taskKind":"review","ground":"role",
           "user":{"id":"emp-metro-reviewer-1","name":"蒋样本"},"people":1,"role":"employer.reviewer","organisation":{"id":"emp-metro","name":"示例市城市运行集团有限公司"},
           "textZh":"用人单位审核：蒋样本可以办理，在示例市城市运行集团有限公司担任employer.reviewer。","textEn":"Employer review: 蒋样本 can act: holds employer.reviewer at Shili City Operation Group Co., Ltd."}],
         "excluded":[],
         "waitsFor":[{"kind":"review","stage":"employer-review","stageName":"用人单位审核","taskIds":["0199d3a0-0000-8000-8000-00000000a001"],"dueAt":"2026-09-29T16:00:00+00:00",
           "textZh":"等待“用人单位审核”办理，2026年9月29日24:00截止。","textEn":"Waits for 'Employer review', due 2026-09-29 24:00."}],
         "byItself":[{"kind":"due","at":"2026-09-29T16:00:00+00:00","stage":"employer-review","stageName":"用人单位审核","taskId":"0199d3a0-0000-8000-8000-00000000a001","limit":"stage","rule":"5wd","offset":null,
           "outcome":null,"provisional":false,"textZh":"2026年9月29日24:00：“用人单位审核”期限届满（自2026年9月21日次日起5个工作日，至2026年9月29日；不计中秋节）。",
           "textEn":"2026-09-29 24:00: the limit of 'Employer review' ends (5 working days after 2026-09-21, until 2026-09-29; not counted: 中秋节)."}],
         "stopped":[],"textZh":"等待“用人单位审核”办理，2026年9月29日24:00截止。","textEn":"Waits for 'Employer review', due 2026-09-29 24:00."}
        """;

    public static RouteHandlerBuilder MapWhy(this IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/cases/{id:guid}/why", ReadAsync)
        .WithTags("cases").WithName("ReadCaseWhy").WithSummary("办理现状 Why a case is where it is: who can act, what it waits for, what will happen by itself");

    private static Task<CaseWhyView> ReadAsync(Guid id, Caller caller, WhyReader reader, CancellationToken cancellationToken) => reader.ReadAsync(caller, id, cancellationToken);
}
