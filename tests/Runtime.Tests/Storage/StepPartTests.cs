using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Runtime.Tests.Storage;

public sealed class StepPartTests(RuntimeDatabase database) : RuntimeTest(database)
{
    protected override async Task ArrangeAsync()
    {
        await using (var command = Db.DataSource.CreateCommand(NotePart.Table))
            await command.ExecuteNonQueryAsync();
        node = NewNode(more: services => services.AddSingleton<StepPart, NotePart>());
        await node.PublishAsync(Flows.Sequence("notes", Flows.Event("a", "go"), Flows.Event("b", "go")));
    }

    [Fact]
    public async Task Part_WhenStepGoesThrough_ThenItsRowMessageAndHeadAreCommittedWithIt()
    {
        var start = await node.Runtime.StartAsync(new StartRequest { DefinitionId = "notes", Actor = RuntimeNode.Tester, Domain = new Note("start") }, default);
        await node.Runtime.ApplyAsync(new StepRequest { InstanceId = start.InstanceId, Stimulus = new Stimulus.Signal("s", "go", default), Actor = RuntimeNode.Tester, Domain = new Note("go") }, default);

        Assert.Equal([1, 2], (await node.ReadAsync(start.InstanceId)).ChainHash);
        Assert.Equal("start1go2", await ScalarAsync<string>($"select string_agg(text || version, '' order by id) from public.notes where instance_id = '{start.InstanceId}'"));
        Assert.Equal(2L, await ScalarAsync<long>($"select count(*) from engine.outbox where kind = 'note' and instance_id = '{start.InstanceId}'"));
    }

    [Fact]
    public async Task Part_WhenItsGateIsClosed_ThenNothingIsWrittenAndTheGateIsNamed()
    {
        var id = await node.StartInstanceAsync("notes");

        var answer = await node.Runtime.ApplyAsync(new StepRequest { InstanceId = id, Stimulus = new Stimulus.Signal("s", "go", default), Actor = RuntimeNode.Tester, Domain = new Note("closed", Allowed: false) }, default);
        var start = await node.Runtime.StartAsync(new StartRequest { DefinitionId = "notes", Actor = RuntimeNode.Tester, Domain = new Note("closed", Allowed: false) }, default);

        Assert.Equal("note_allowed", answer.GateFailed);
        Assert.Equal("note_allowed", start.GateFailed);
        Assert.False(answer.Applied);
        Assert.Equal(1, (await node.ReadAsync(id)).Version);
        Assert.Null(await node.Runtime.ReadAsync(start.InstanceId, default));
        Assert.Null(await node.Runtime.ReadSignalAsync(id, "s", default));
        Assert.Equal(0L, await ScalarAsync<long>("select count(*) from public.notes where text = 'closed'"));
    }

    [Fact]
    public async Task Part_WhenItsConstraintIsViolated_ThenTheWholeStepIsRolledBackAndExplained()
    {
        var id = await node.StartInstanceAsync("notes");
        await node.Runtime.ApplyAsync(new StepRequest { InstanceId = id, Actor = RuntimeNode.Tester, Domain = new Note("same") }, default);

        var error = await Assert.ThrowsAsync<WorkflowException>(() => node.Runtime.ApplyAsync(
            new StepRequest { InstanceId = id, Stimulus = new Stimulus.Signal("s", "go", default), Actor = RuntimeNode.Tester, Domain = new Note("same") }, default));

        Assert.Equal(ErrorCodes.Conflict, error.Code);
        Assert.Equal(2, (await node.ReadAsync(id)).Version);
        Assert.Equal(Engine.Execution.WorkflowSubStatus.Suspended, (await node.ReadAsync(id)).State.SubStatus);
        Assert.Null(await node.Runtime.ReadSignalAsync(id, "s", default));
    }

    [Fact]
    public async Task Part_WhenRequestIsRepeated_ThenItsAnswerIsGivenAgain()
    {
        var request = new StartRequest { DefinitionId = "notes", Actor = RuntimeNode.Tester, Domain = new Note("answered"), Idempotency = new("k", "answered", [1]) };

        var first = await node.Runtime.StartAsync(request, default);
        var again = await node.Runtime.StartAsync(request, default);

        Assert.Equal("""{"note":"answered"}""", Encoding.UTF8.GetString(again.ReceiptAnswer!));
        Assert.Equal(first.ReceiptAnswer, again.ReceiptAnswer);
        Assert.Equal((true, 1L), (again.Replayed, again.Version));
    }

    [Fact]
    public async Task Step_WhenItHasNoStimulus_ThenTheStateStaysAndTheVersionRises()
    {
        var id = await node.StartInstanceAsync("notes");

        var answer = await node.Runtime.ApplyAsync(new StepRequest { InstanceId = id, Actor = RuntimeNode.Tester, Domain = new Note("alone") }, default);
        await node.SignalAsync(id, "go");

        var record = await node.ReadAsync(id);
        Assert.Equal(2, answer.Version);
        Assert.Equal(3, record.Version);
        Assert.Equal("b", Assert.Single(record.State.Bookmarks).ActivityId);
    }

    [Fact]
    public async Task Step_WhenTheSameStepCommitsTwice_ThenOnlyOneSetOfRowsExists()
    {
        var other = NewNode(more: services => services.AddSingleton<StepPart, NotePart>());
        var id = await node.StartInstanceAsync("notes");
        var request = new StepRequest { InstanceId = id, Stimulus = new Stimulus.Signal("s", "go", default), Actor = RuntimeNode.Tester, Domain = new Note("raced"), Idempotency = new("k", "raced", [3]) };

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? node : other).Runtime.ApplyAsync(request, default)));

        Assert.All(answers, a => Assert.Equal((StepOutcome.Applied, 2L), (a.Outcome, a.Version)));
        Assert.Equal(5, answers.Count(a => a.Replayed));
        Assert.Equal(1L, await ScalarAsync<long>("select count(*) from public.notes where text = 'raced'"));
        Assert.Equal(2, (await node.ReadAsync(id)).Version);
    }
}
