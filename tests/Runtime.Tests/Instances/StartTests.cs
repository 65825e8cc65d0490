using Npgsql;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Tests.Instances;

public sealed class StartTests(RuntimeDatabase database) : RuntimeTest(database)
{
    protected override async Task ArrangeAsync()
    {
        await node.PublishAsync(Flows.Sequence("wait", Flows.Event("a", "go"), Flows.Event("b", "go")));
    }

    [Fact]
    public async Task Start_WhenDefinitionWaits_ThenInstanceIsSuspendedAndReadBack()
    {
        var answer = await node.Runtime.StartAsync(new StartRequest { DefinitionId = "wait", CorrelationId = "c1", Actor = RuntimeNode.Tester }, default);

        var record = await node.ReadAsync(answer.InstanceId);
        Assert.True(answer.Applied);
        Assert.Equal(1, record.Version);
        Assert.Equal(WorkflowSubStatus.Suspended, record.State.SubStatus);
        Assert.Equal("c1", record.State.CorrelationId);
        Assert.Single(record.State.Bookmarks);
        Assert.NotEmpty((await node.Runtime.ReadJournalAsync(record.Id, 0, 10, default))[0].Entries);
    }

    [Fact]
    public async Task Start_WhenKeyIsRepeated_ThenOneInstanceAndTheSameAnswer()
    {
        var request = new StartRequest { DefinitionId = "wait", CorrelationId = "repeated", Actor = RuntimeNode.Tester, Idempotency = new("k", "repeated", [1]) };

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => node.Runtime.StartAsync(request, default)));

        Assert.Single(answers.Select(a => a.InstanceId).Distinct());
        Assert.Equal(7, answers.Count(a => a.Replayed));
        Assert.Single((await node.Runtime.ListAsync(new InstanceQuery { CorrelationId = "repeated" }, default)).Items);
    }

    [Fact]
    public async Task Start_WhenManyComeAtOnceToANodeThatHasJustStarted_ThenAllAreAnswered()
    {
        // Few connections, so that what one caller gives back is another's in the next instant.
        var few = new NpgsqlConnectionStringBuilder(Db.ConnectionString) { MaxPoolSize = 3 }.ConnectionString;
        for (var round = 0; round < 16; round++)
        {
            await using var fresh = new RuntimeNode(few, settings: new() { ["Runtime:StepConnections"] = "1" });

            var started = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => Task.Run(() => fresh.StartInstanceAsync("wait")))).WaitAsync(TimeSpan.FromMinutes(1));

            Assert.Equal(24, started.Distinct().Count());
        }
    }

    [Fact]
    public async Task Start_WhenKeyIsUsedForAnotherRequest_ThenRefused()
    {
        var request = new StartRequest { DefinitionId = "wait", Actor = RuntimeNode.Tester, Idempotency = new("k", "reused", [1]) };
        await node.Runtime.StartAsync(request, default);

        var error = await Assert.ThrowsAsync<WorkflowException>(() => node.Runtime.StartAsync(request with { Idempotency = new("k", "reused", [2]) }, default));

        Assert.Equal(ErrorCodes.IdempotencyKeyReused, error.Code);
    }

    [Fact]
    public async Task Start_WhenOtherCredentialUsesTheSameKey_ThenItIsItsOwn()
    {
        var request = new StartRequest { DefinitionId = "wait", Actor = RuntimeNode.Tester, Idempotency = new("k", "1", [1]) };
        var one = await node.Runtime.StartAsync(request, default);
        var two = await node.Runtime.StartAsync(request with { Idempotency = new("other", "1", [1]) }, default);

        Assert.NotEqual(one.InstanceId, two.InstanceId);
    }

    [Fact]
    public async Task Start_WhenInstanceIdIsGivenTwice_ThenStartedOnce()
    {
        var request = new StartRequest { DefinitionId = "wait", InstanceId = Guid.NewGuid(), Actor = RuntimeNode.Tester };
        await node.Runtime.StartAsync(request, default);

        var again = await node.Runtime.StartAsync(request, default);

        Assert.True(again.Replayed);
        Assert.Equal(request.InstanceId, again.InstanceId);
    }

    [Fact]
    public async Task Start_WhenPending_ThenItRunsOnlyAfterItsStart()
    {
        var pending = await node.Runtime.StartAsync(new StartRequest { DefinitionId = "wait", CorrelationId = "c", Pending = true, Actor = RuntimeNode.Tester }, default);
        Assert.Equal(WorkflowSubStatus.Pending, (await node.ReadAsync(pending.InstanceId)).State.SubStatus);

        await node.Runtime.ApplyAsync(new StepRequest { InstanceId = pending.InstanceId, Stimulus = new Stimulus.Start(new Dictionary<string, System.Text.Json.JsonElement>()), Actor = RuntimeNode.Tester }, default);

        var record = await node.ReadAsync(pending.InstanceId);
        Assert.Equal(WorkflowSubStatus.Suspended, record.State.SubStatus);
        Assert.Equal(2, record.Version);
        Assert.Equal("c", record.State.CorrelationId);
    }

    [Fact]
    public async Task Start_WhenDefinitionIsUnknownOrRetracted_ThenRefused()
    {
        await node.PublishAsync(Flows.Sequence("retracted", Flows.Event("a", "go")));
        var unknown = await Assert.ThrowsAsync<WorkflowException>(() => node.StartInstanceAsync("nothing"));
        await node.StartInstanceAsync("retracted");
        var other = NewNode();
        await other.Definitions.RetractAsync("retracted", default);

        var retracted = await Assert.ThrowsAsync<WorkflowException>(() => node.StartInstanceAsync("retracted"));

        Assert.Equal(ErrorCodes.NotFound, unknown.Code);
        Assert.Equal(ErrorCodes.NotPublished, retracted.Code);
    }

    [Fact]
    public async Task Start_WhenAnotherNodePublishedANewVersion_ThenTheNewOneRuns()
    {
        await node.PublishAsync(Flows.Sequence("renewed", Flows.Event("a", "go")));
        await node.StartInstanceAsync("renewed");
        var other = NewNode();
        await other.PublishAsync(Flows.Sequence("renewed", Flows.Event("a", "changed")));

        var record = await node.ReadAsync(await node.StartInstanceAsync("renewed"));

        Assert.Equal("renewed-v2", record.DefinitionVersionId);
        Assert.Equal("changed", record.State.Bookmarks[0].Name);
    }

    [Fact]
    public async Task List_WhenThereAreMorePages_ThenEachInstanceIsListedOnce()
    {
        await node.PublishAsync(Flows.Sequence("listed", Flows.Event("a", "go")));
        for (var i = 0; i < 7; i++)
            await node.StartInstanceAsync("listed", i % 2 == 0 ? "even" : null);

        var first = await node.Runtime.ListAsync(new InstanceQuery { DefinitionId = "listed", Limit = 5 }, default);
        var second = await node.Runtime.ListAsync(new InstanceQuery { DefinitionId = "listed", Limit = 5, After = first.Next }, default);
        var even = await node.Runtime.ListAsync(new InstanceQuery { CorrelationId = "even", Status = WorkflowStatus.Running, HasIncidents = false }, default);

        Assert.Equal(7, first.Items.Concat(second.Items).Select(i => i.Id).Distinct().Count());
        Assert.Null(second.Next);
        Assert.Equal(4, even.Items.Count);
    }
}
