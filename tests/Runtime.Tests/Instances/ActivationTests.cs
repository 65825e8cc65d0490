using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Storage;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime.Tests.Instances;

/// <summary>Activation strategies, enforced by the database.</summary>
public sealed class ActivationTests(RuntimeDatabase database) : RuntimeTest(database)
{
    [Theory]
    [InlineData("Singleton", "a", "b", false)]
    [InlineData("CorrelatedSingleton", "a", "a", false)]
    [InlineData("CorrelatedSingleton", "a", "b", true)]
    [InlineData("CorrelatedSingleton", null, null, false)]
    [InlineData("CorrelatedSingleton", null, "a", true)]
    [InlineData("Correlation", "x", "x", false)]
    [InlineData("Correlation", "y", "z", true)]
    [InlineData("Correlation", null, null, true)]
    [InlineData("AllowAlways", "a", "a", true)]
    public async Task Start_WhenOneRuns_ThenTheStrategyDecidesUntilItHasEnded(string strategy, string? first, string? second, bool allowed)
    {
        var definition = $"decides-{strategy}-{first}-{second}";
        await PublishAsync(definition, strategy);
        var running = await node.StartInstanceAsync(definition, first);

        if (allowed)
        {
            await node.StartInstanceAsync(definition, second);
            return;
        }
        var refusal = await RefusedAsync(definition, second);
        Assert.Equal((ErrorCodes.WrongState, strategy), (refusal.Code, refusal.Facts["activationStrategy"]));
        Assert.Contains(definition, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1L, await CountAsync(definition));

        await node.Runtime.CancelAsync(running, "enough", Actor.System, default);
        await node.StartInstanceAsync(definition, second);
    }

    [Fact]
    public async Task Start_WhenAnotherDefinitionRunsWithTheCorrelationId_ThenOnlyCorrelationMinds()
    {
        await PublishAsync("other-always", "AllowAlways");
        await PublishAsync("other-correlated", "CorrelatedSingleton");
        await PublishAsync("other-correlation", "Correlation");
        var other = await node.StartInstanceAsync("other-always", "shared");

        await node.StartInstanceAsync("other-correlated", "shared");
        await RefusedAsync("other-correlation", "shared");
        await node.SignalAsync(other, "go");
        await RefusedAsync("other-correlation", "shared");
        await node.SignalAsync((await node.Runtime.ListAsync(new InstanceQuery { DefinitionId = "other-correlated" }, default)).Items[0].Id, "go");

        await node.StartInstanceAsync("other-correlation", "shared");
        await node.StartInstanceAsync("other-always", "shared");
    }

    [Theory]
    [InlineData("Singleton")]
    [InlineData("CorrelatedSingleton")]
    [InlineData("Correlation")]
    public async Task Start_WhenManyComeAtOnceOnTwoNodes_ThenExactlyOneIsStarted(string strategy)
    {
        var definition = $"race-{strategy}";
        await PublishAsync(definition, strategy);
        var other = NewNode();

        for (var round = 1; round <= 3; round++)
        {
            var tries = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => TryAsync(i % 2 == 0 ? node : other, definition))));

            var started = Assert.Single(tries, t => t is not null)!.Value;
            Assert.Equal(round, await CountAsync(definition));
            await (round % 2 == 0 ? node : other).SignalAsync(started, "go");
        }
        Assert.Equal(0L, await ScalarAsync<long>($"select count(*) from engine.activations a join engine.instances i on i.id = a.instance_id where i.definition_id = '{definition}'"));

        static async Task<Guid?> TryAsync(RuntimeNode on, string definition)
        {
            try
            {
                return await on.StartInstanceAsync(definition, definition);
            }
            catch (WorkflowException e) when (ActivationRefusal.Is(e))
            {
                return null;
            }
        }
    }

    [Theory]
    [InlineData("finishes")]
    [InlineData("is cancelled")]
    [InlineData("is removed")]
    public async Task Start_WhenTheRunningOneEnds_ThenTheNextIsLetInAtOnce(string end)
    {
        var definition = $"ends-{end[^4..]}";
        await PublishAsync(definition, "Singleton");
        var running = await node.StartInstanceAsync(definition);
        await RefusedAsync(definition);

        if (end == "finishes")
            await node.SignalAsync(running, "go");
        else if (end == "is cancelled")
            await node.Runtime.CancelAsync(running, "enough", Actor.System, default);
        else
            await node.Services.GetRequiredService<InstanceRemoval>().RemoveAsync(running, Actor.System, default);

        Assert.Equal(0L, await RowsAsync(running));
        await node.StartInstanceAsync(definition);
    }

    [Fact]
    public async Task Removal_WhenTheInstanceIsOfAVersionWithoutTheStrategy_ThenForgetsItsPlaceToo()
    {
        await PublishAsync("removed", "AllowAlways");
        var older = await node.StartInstanceAsync("removed");
        await PublishAsync("removed", "Singleton");
        Assert.Equal(1L, await RowsAsync(older));

        await node.Services.GetRequiredService<InstanceRemoval>().RemoveAsync(older, Actor.System, default);

        Assert.Equal(0L, await RowsAsync(older));
        await node.StartInstanceAsync("removed");
    }

    [Fact]
    public async Task Start_WhenTheRunningOneHasAnIncident_ThenItHoldsItsPlaceUntilItHasEnded()
    {
        await PublishAsync("fails", "Singleton", Flows.Event("wait", "go"), Flows.Activity("f", "Elsa.Fault", ("message", "broken")));
        var running = await node.StartInstanceAsync("fails");
        await node.SignalAsync(running, "go");
        Assert.Equal((WorkflowStatus.Running, 1), ((await node.ReadAsync(running)).State.Status, (await node.ReadAsync(running)).State.Incidents.Count));

        await RefusedAsync("fails");
        await node.Runtime.CancelAsync(running, "given up", Actor.System, default);

        await node.StartInstanceAsync("fails");
    }

    [Fact]
    public async Task Start_WhenItEndsInItsFirstStep_ThenLeavesNoRow()
    {
        await PublishAsync("instant", "Singleton", Flows.Line("l"));

        for (var i = 0; i < 2; i++)
            Assert.Equal(0L, await RowsAsync(await node.StartInstanceAsync("instant")));
    }

    [Fact]
    public async Task Start_WhenTheOneThatWonIsRepeated_ThenAnsweredAsBefore()
    {
        await PublishAsync("repeated", "Singleton");
        var keyed = new StartRequest { DefinitionId = "repeated", Actor = RuntimeNode.Tester, Idempotency = new("k", "activation", [1]) };
        var other = NewNode();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => (i % 2 == 0 ? node : other).Runtime.StartAsync(keyed, default))));
        Assert.Equal(7, answers.Count(a => a.Replayed));
        var first = Assert.Single(answers.Select(a => a.InstanceId).Distinct());
        await RefusedAsync("repeated");

        await node.SignalAsync(first, "go");
        var named = new StartRequest { DefinitionId = "repeated", InstanceId = Guid.NewGuid(), Actor = RuntimeNode.Tester };
        await node.Runtime.StartAsync(named, default);
        Assert.True((await node.Runtime.StartAsync(named, default)).Replayed);
        await node.SignalAsync(named.InstanceId.Value, "go");
        await node.StartInstanceAsync("repeated");

        // Both have ended, and another one has the place now.
        Assert.Equal((first, true), ((await node.Runtime.StartAsync(keyed, default)) is var again ? (again.InstanceId, again.Replayed) : default));
        Assert.True((await node.Runtime.StartAsync(named, default)).Replayed);
    }

    [Fact]
    public async Task Start_WhenOneIsPending_ThenItHoldsThePlace()
    {
        await PublishAsync("pending", "Singleton");
        var pending = await node.Runtime.StartAsync(new StartRequest { DefinitionId = "pending", Pending = true, Actor = RuntimeNode.Tester }, default);

        await RefusedAsync("pending");
        await node.Runtime.ApplyAsync(new StepRequest { InstanceId = pending.InstanceId, Stimulus = new Stimulus.Start(new Dictionary<string, System.Text.Json.JsonElement>()), Actor = RuntimeNode.Tester }, default);
        await RefusedAsync("pending");
        await node.SignalAsync(pending.InstanceId, "go");

        await node.StartInstanceAsync("pending");
    }

    [Theory]
    [InlineData("CorrelatedSingleton")]
    [InlineData("Correlation")]
    public async Task Start_WhenTheRunningOneHasChangedItsCorrelationId_ThenTheNewOneIsTaken(string strategy)
    {
        var (definition, from, to) = ($"moves-{strategy}", $"{strategy}-1", $"{strategy}-2");
        await PublishAsync(definition, strategy, Flows.Event("wait", "move"), Flows.Activity("c", "Elsa.Correlate", ("correlationId", to)), Flows.Event("then", "go"));
        var settled = await node.StartInstanceAsync(definition, to);
        var moved = await node.StartInstanceAsync(definition, from);

        // Whatever else runs with that id: a step isn't held up by a strategy.
        await node.SignalAsync(moved, "move");

        await RefusedAsync(definition, to);
        await node.Runtime.CancelAsync(settled, "enough", Actor.System, default);
        await RefusedAsync(definition, to);
        await node.StartInstanceAsync(definition, from);
        await node.SignalAsync(moved, "go");
        await node.StartInstanceAsync(definition, to);
    }

    [Fact]
    public async Task Publishing_WhenInstancesOfAVersionWithoutTheStrategyRun_ThenTheyHoldThePlaceUntilTheLastHasEnded()
    {
        await PublishAsync("later", "AllowAlways");
        Guid[] older = [await node.StartInstanceAsync("later", "a"), await node.StartInstanceAsync("later", "b")];

        await PublishAsync("later", "CorrelatedSingleton");
        await RefusedAsync("later", "a");
        await node.StartInstanceAsync("later", "c");
        await PublishAsync("later", "Singleton");

        await RefusedAsync("later", "d");
        await node.SignalAsync(older[0], "go");
        await node.SignalAsync((await node.Runtime.ListAsync(new InstanceQuery { CorrelationId = "c", DefinitionId = "later" }, default)).Items[0].Id, "go");
        await RefusedAsync("later", "d");
        await node.SignalAsync(older[1], "go");
        await node.StartInstanceAsync("later", "d");

        // What their own version didn't remove.
        await node.Services.GetRequiredService<MaintenanceJob>().RunAsync(default);
        Assert.Equal(1L, await ScalarAsync<long>("select count(*) from engine.activations a join engine.instances i on i.id = a.instance_id where i.definition_id = 'later'"));
        await RefusedAsync("later", "e");
    }

    [Fact]
    public async Task Publishing_WhenAnInstanceUnderAnotherStrategyChangesItsCorrelationId_ThenItKeepsItsPlace()
    {
        await PublishAsync("tightened", "CorrelatedSingleton", Flows.Event("wait", "move"), Flows.Activity("c", "Elsa.Correlate", ("correlationId", "new")), Flows.Event("then", "go"));
        var older = await node.StartInstanceAsync("tightened", "old");
        await PublishAsync("tightened", "Singleton");

        await node.SignalAsync(older, "move");

        await RefusedAsync("tightened", "other");
        await node.SignalAsync(older, "go");
        await node.StartInstanceAsync("tightened", "other");
    }

    [Fact]
    public async Task Migration_WhenInstancesOfDefinitionsWithAStrategyRun_ThenTheyHoldTheirPlaces()
    {
        await PublishAsync("migrated-one", "Singleton");
        await PublishAsync("migrated-each", "CorrelatedSingleton");
        await PublishAsync("migrated-always", "AllowAlways");
        await node.StartInstanceAsync("migrated-one", "a");
        await node.StartInstanceAsync("migrated-each", "a");
        await node.StartInstanceAsync("migrated-always", "a");
        await ScalarAsync<long>("with gone as (delete from engine.activations returning 1) select count(*) from gone");
        var migration = Assert.Single(Migration.From(typeof(Migrator).Assembly), m => m.Number == 2252).Sql;

        await ScalarAsync<long>($"with filled as ({migration[migration.IndexOf("insert into", StringComparison.Ordinal)..].TrimEnd().TrimEnd(';')} returning 1) select count(*) from filled");

        Assert.Equal(2L, await ScalarAsync<long>("select count(*) from engine.activations a join engine.instances i on i.id = a.instance_id where i.definition_id like 'migrated-%'"));
        await RefusedAsync("migrated-one", "b");
        await RefusedAsync("migrated-each", "a");
        await node.StartInstanceAsync("migrated-each", "b");
    }

    [Fact]
    public async Task Publishing_WhenTheStrategyIsUnknown_ThenSaysSo()
    {
        var error = await Assert.ThrowsAsync<WorkflowException>(() => PublishAsync("unknown", "Acme"));

        Assert.Equal(ErrorCodes.InvalidDefinition, error.Code);
        Assert.Contains("activation strategy", error.Message, StringComparison.Ordinal);
        Assert.Contains("启动策略", error.MessageZh, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Step_WhenTheDefinitionMayAlwaysBeStarted_ThenItsStatementKnowsNothingOfStrategies()
    {
        await PublishAsync("always", "AllowAlways");
        await PublishAsync("once", "Singleton");
        var before = node.Runtime.RoundTrips;
        await node.SignalAsync(await node.StartInstanceAsync("always", "a"), "go");
        Assert.Equal(2, node.Runtime.RoundTrips - before);

        Assert.DoesNotContain("activation", await ShapeAsync("always"), StringComparison.Ordinal);
        Assert.Contains("activation", await ShapeAsync("once"), StringComparison.Ordinal);

        async Task<string> ShapeAsync(string definition)
        {
            var statement = node.Services.GetRequiredService<StepConnections>().Statement;
            var workflow = await node.Definitions.ExecutableAsync($"{definition}-v1", default);
            var state = Interpreter.Create(Guid.NewGuid(), $"{definition}-v1");
            var write = new StepWrite
            {
                Request = new StepRequest { InstanceId = state.InstanceId, Actor = RuntimeNode.Tester }, Workflow = workflow, Before = state, State = state, Result = null,
                VersionBefore = 0, Now = DateTimeOffset.UnixEpoch, MachineNow = DateTimeOffset.UnixEpoch, PreviousChainHash = null,
            };
            return statement.Bind(statement.CreateValues(), write, []).Sql;
        }
    }

    private async Task<WorkflowException> RefusedAsync(string definition, string? correlation = null)
    {
        var refusal = await Assert.ThrowsAsync<WorkflowException>(() => node.StartInstanceAsync(definition, correlation));
        Assert.True(ActivationRefusal.Is(refusal), refusal.Message);
        return refusal;
    }

    private Task<long> CountAsync(string definition) => ScalarAsync<long>($"select count(*) from engine.instances where definition_id = '{definition}'");

    private Task<long> RowsAsync(Guid instance) => ScalarAsync<long>($"select count(*) from engine.activations where instance_id = '{instance}'");

    private Task PublishAsync(string definition, string strategy, params JsonObject[] activities) =>
        node.PublishAsync(Flows.Sequence(definition, activities.Length > 0 ? activities : [Flows.Event("wait", "go")]).Activated(strategy));
}
