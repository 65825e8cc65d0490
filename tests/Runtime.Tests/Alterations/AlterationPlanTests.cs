using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Alterations;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime.Tests.Alterations;

public sealed class AlterationPlanTests(RuntimeDatabase database) : RuntimeTest(database)
{
    private static readonly Alteration Schedule = new Alteration.ScheduleActivity("b");

    private AlterationPlans Plans => node.Services.GetRequiredService<AlterationPlans>();

    protected override Task ArrangeAsync() => node.PublishAsync(Flows.Flowchart("stages", [Flows.Event("a", "one"), Flows.Event("b", "two")], "a>b"));

    [Fact]
    public async Task Plan_WhenAProcessDiesBetweenStepAndNote_ThenTheInstanceIsAlteredOnce()
    {
        var id = await node.StartInstanceAsync("stages");
        await SubmitAsync("dies", [new Alteration.ModifyVariable("none", default)], id);
        await SubmitAsync("once", [Schedule], id);
        await node.Outbox.DrainAsync(default);
        var before = await node.ReadAsync(id);

        await SqlAsync("update engine.alteration_jobs set status = 1, completed_at = null where plan_id = 'once'");
        await SqlAsync($"""
            insert into engine.outbox (id, instance_id, kind, ordering_key, payload, created_at)
            select id, instance_id, 'alteration', 'alteration:' || instance_id, convert_to('null', 'UTF8'), now() from engine.alteration_jobs where plan_id = 'once'
            """);
        await NewNode().Outbox.DrainAsync(default);

        Assert.Equal(before.Version, (await node.ReadAsync(id)).Version);
        var job = Assert.Single(await Plans.JobsAsync("once", default));
        Assert.Equal((AlterationStatus.Completed, id), (job.Status, job.InstanceId));
        Assert.Equal(AlterationStatus.Failed, Assert.Single(await Plans.JobsAsync("dies", default)).Status);
    }

    [Fact]
    public async Task Plan_WhenNobodyHasBegunIt_ThenAnotherNodeCarriesItOut()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 20; i++)
            ids.Add(await node.StartInstanceAsync("stages"));
        await SubmitAsync("many", [Schedule], [.. ids]);
        Assert.All(await Plans.JobsAsync("many", default), j => Assert.Equal(AlterationStatus.Pending, j.Status));

        await NewNode().Outbox.DrainAsync(default);

        var jobs = await Plans.JobsAsync("many", default);
        Assert.Equal(ids, jobs.Select(j => j.InstanceId));
        Assert.All(jobs, j => Assert.Equal(AlterationStatus.Completed, j.Status));
        foreach (var id in ids)
            Assert.Equal(2, (await node.ReadAsync(id)).State.Bookmarks.Count);
    }

    [Fact]
    public async Task Plan_WhenItIsSubmittedAgain_ThenItIsKeptOnceAndAnotherUnderItsIdIsRefused()
    {
        var id = await node.StartInstanceAsync("stages");
        await SubmitAsync("again", [Schedule], id);
        await SubmitAsync("again", [Schedule], id);

        Assert.Single(await Plans.JobsAsync("again", default));
        var error = await Assert.ThrowsAsync<WorkflowException>(() => SubmitAsync("again", [new Alteration.Migrate(2)], id));
        Assert.Equal(ErrorCodes.Conflict, error.Code);
    }

    [Fact]
    public async Task Plan_WhenItHoldsEveryKindOfAlteration_ThenItIsReadAsItWasWritten()
    {
        Alteration[] all =
        [
            new Alteration.CancelActivity("a", null), new Alteration.CancelActivity(null, 3, Guid.NewGuid()), Schedule, new Alteration.Migrate(7),
            new Alteration.ModifyVariable("v", JsonSerializer.SerializeToElement(new { deep = new[] { 1, 2 } })), new Alteration.ModifyVariable("empty", default),
        ];

        await SubmitAsync("kinds", all);

        var read = (await Plans.FindAsync("kinds", default))!.Alterations;
        Assert.Equal(all.Select(Text), read.Select(Text));

        static string Text(Alteration alteration) => JsonSerializer.Serialize(alteration, JsonSerializerOptions.Web);
    }

    [Fact]
    public async Task Maintenance_WhenAPlanWasCarriedOutLongAgo_ThenItIsForgottenAndOneUnderWayStays()
    {
        var id = await node.StartInstanceAsync("stages");
        await SubmitAsync("old", [Schedule], id);
        await node.Outbox.DrainAsync(default);
        await SubmitAsync("waiting", [Schedule], id);
        await SqlAsync("update engine.alteration_plans set created_at = created_at - interval '100 days' where id in ('old', 'waiting')");

        await node.Services.GetRequiredService<MaintenanceJob>().RunAsync(default);

        Assert.Null(await Plans.FindAsync("old", default));
        Assert.Empty(await Plans.JobsAsync("old", default));
        Assert.NotNull(await Plans.FindAsync("waiting", default));
        await node.Outbox.DrainAsync(default);
    }

    private Task SubmitAsync(string plan, Alteration[] alterations, params Guid[] instances) =>
        Plans.SubmitAsync(new AlterationPlan { Id = plan, Alterations = alterations, Filter = "{}"u8.ToArray(), Actor = RuntimeNode.Tester }, instances, default);

    private async Task SqlAsync(string sql)
    {
        await using var command = Db.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
