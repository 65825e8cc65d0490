using System.Text.Json;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Alterations;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;
using Talent.Workflows.Server.Security;
using Talent.Workflows.Server.Security.Staff;

namespace Talent.Workflows.Server.ElsaApi.Operations;

/// <summary>Changes by hand in many instances: what they would do, a plan of them, and what became of it.</summary>
internal static class AlterationPlanEndpoints
{
    private const int LongestId = 100;
    private const int MostLines = 50;

    public static void MapElsaAlterationPlans(this IEndpointRouteBuilder api)
    {
        var administrators = new RequiredScope(Scopes.Admin);
        api.MapPost("/alterations/dry-run", DryRunAsync).WithMetadata(administrators, new OnlyReads());
        api.MapPost("/alterations/submit", SubmitAsync).WithMetadata(administrators);
        api.MapGet("/alterations/{planId}", ReadAsync).WithMetadata(administrators);
    }

    /// <summary>Elsa's body is the filter alone; with the alterations of a plan the answer also says what each instance would make of them.</summary>
    private static async Task<IResult> DryRunAsync(HttpContext context, InstanceSearch search, WorkflowRuntime runtime, TimeProvider time)
    {
        var body = await ElsaJson.ReadAsync<JsonElement>(context);
        var isPlan = body.ValueKind == JsonValueKind.Object && body.EnumerateObject().Any(p => p.Name.ToUpperInvariant() is "ALTERATIONS" or "FILTER");
        var request = isPlan ? ElsaJson.Read<PlanRequest>(body) : new PlanRequest(Filter: ElsaJson.Read<AlterationFilter>(body));
        var alterations = isPlan ? AlterationBody.Read(request.Alterations) : null;
        var instances = await FilterOf(request).FindAsync(search, context.RequestAborted);
        var ids = instances.Select(i => i.ToString()).ToList();
        if (alterations is null)
            return ElsaJson.Ok(new { workflowInstanceIds = ids });
        var results = new List<AlterationResult>();
        foreach (var instance in instances)
            results.Add(await TryAsync(instance, alterations, runtime, time, context.RequestAborted));
        return ElsaJson.Ok(new { workflowInstanceIds = ids, results });
    }

    private static async Task<AlterationResult> TryAsync(Guid instance, List<Alteration> alterations, WorkflowRuntime runtime, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            var step = await runtime.TryAlterAsync(instance, alterations, cancellationToken);
            return Result(true, [.. step.Journal.Take(MostLines).Select(e => Line($"{e.Event}: {e.ActivityId}{(e.Message is { Length: > 0 } said ? $" ({said})" : "")}", "Information", e.Event)),
                Line($"The instance would be {step.State.Status}, {step.State.SubStatus}.", "Information", "DryRun")]);
        }
        catch (WorkflowException refusal)
        {
            return Result(false, [Line(refusal.Message, "Error", "DryRun")]);
        }

        AlterationLine Line(string message, string level, string eventName) => new(message, level, time.GetUtcNow(), eventName);

        AlterationResult Result(bool made, IReadOnlyList<AlterationLine> lines) => new(instance.ToString(), new AlterationLog(lines), made);
    }

    private static async Task<IResult> SubmitAsync(HttpContext context, Caller caller, InstanceSearch search, AlterationPlans plans, BusinessClock clock)
    {
        var request = await ElsaJson.ReadAsync<PlanRequest>(context);
        var id = request.Id is { Length: > 0 } given ? given : Guid.CreateVersion7(clock.Machine.GetUtcNow()).ToString();
        if (id.Length > LongestId)
            throw new WorkflowException(ErrorCodes.InvalidRequest, $"The id of a plan has at most {LongestId} characters.", $"计划编号最多 {LongestId} 个字符。");
        var filter = FilterOf(request);
        var plan = new AlterationPlan { Id = id, Alterations = AlterationBody.Read(request.Alterations), Filter = JsonSerializer.SerializeToUtf8Bytes(filter, ElsaJson.Options), Actor = caller.Actor };
        await plans.SubmitAsync(plan, await filter.FindAsync(search, context.RequestAborted), context.RequestAborted);
        return ElsaJson.Ok(new { planId = id });
    }

    private static async Task<IResult> ReadAsync(string planId, AlterationPlans plans, CancellationToken cancellationToken)
    {
        var plan = await plans.FindAsync(planId, cancellationToken)
            ?? throw new WorkflowException(ErrorCodes.NotFound, $"There is no plan '{planId}'. Check the id; plans that were carried out are kept as long as receipts.", "修改计划不存在。");
        var jobs = await plans.JobsAsync(planId, cancellationToken);
        var isDone = jobs.All(j => j.CompletedAt is not null);
        return ElsaJson.Ok(new
        {
            plan = new
            {
                id = plan.Id,
                alterations = plan.Alterations.Select(AlterationBody.Of),
                workflowInstanceFilter = JsonElement.Parse(plan.Filter),
                // As in Elsa a plan is completed when all of its jobs have ended, however they did.
                status = isDone ? AlterationStatus.Completed : jobs.All(j => j.StartedAt is null) ? AlterationStatus.Pending : AlterationStatus.Running,
                createdAt = plan.CreatedAt,
                startedAt = jobs.Min(j => j.StartedAt),
                completedAt = isDone ? jobs.Max(j => j.CompletedAt) ?? plan.CreatedAt : (DateTimeOffset?)null,
            },
            jobs = jobs.Select(j => new
            {
                id = j.Id.ToString(),
                planId = plan.Id,
                workflowInstanceId = j.InstanceId.ToString(),
                status = j.Status,
                log = j.Message is null ? [] : (AlterationLine[])[new(j.Message, j.Status == AlterationStatus.Failed ? "Error" : "Information", j.CompletedAt!.Value, "Alterations")],
                createdAt = plan.CreatedAt,
                startedAt = j.StartedAt,
                completedAt = j.CompletedAt,
            }),
        });
    }

    private static AlterationFilter FilterOf(PlanRequest request) => request.Filter
        ?? throw new WorkflowException(ErrorCodes.InvalidRequest, "The plan has no 'filter', so it is for no instance.", "缺少 filter（流程实例筛选条件）。");

    private sealed record PlanRequest(string? Id = null, IReadOnlyList<AlterationBody>? Alterations = null, AlterationFilter? Filter = null);
}
