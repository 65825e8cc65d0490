using System.Text.Json.Nodes;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Runtime.Tests.Instances;

/// <summary>Activation strategies, enforced by the database.</summary>
public sealed class ActivationTests(RuntimeDatabase database) : RuntimeTest(database)
{
    [Theory]
    [InlineData("Singleton", "a", "b", "singleton", false)]
    [InlineData("CorrelatedSingleton", "a", "a", "correlated", false)]
    [InlineData("CorrelatedSingleton", "a", "b", "correlated-2", true)]
    [InlineData("CorrelatedSingleton", null, null, "correlated-3", false)]
    [InlineData("Correlation", "x", "x", "correlation", false)]
    [InlineData("Correlation", "y", "z", "correlation-2", true)]
    [InlineData("Correlation", null, null, "correlation-3", true)]
    [InlineData("AllowAlways", "a", "a", "always", true)]
    public async Task Start_WhenOneRuns_ThenTheStrategyDecidesUntilItHasFinished(string strategy, string? first, string? second, string definition, bool allowed)
    {
        await PublishAsync(definition, strategy);
        var running = await StartAsync(node, definition, first);

        if (allowed)
        {
            await StartAsync(node, definition, second);
            return;
        }
        Assert.Equal(ErrorCodes.WrongState, (await Assert.ThrowsAsync<WorkflowException>(() => StartAsync(node, definition, second))).Code);

        await node.Runtime.CancelAsync(running, "enough", Actor.System, default);
        await StartAsync(node, definition, second);
    }

    [Theory]
    [InlineData("Singleton", "race-1")]
    [InlineData("CorrelatedSingleton", "race-2")]
    [InlineData("Correlation", "race-3")]
    public async Task Start_WhenManyComeAtOnceOnTwoNodes_ThenExactlyOneIsStarted(string strategy, string definition)
    {
        await PublishAsync(definition, strategy);
        var other = NewNode();

        var tries = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () =>
        {
            try
            {
                await StartAsync(i % 2 == 0 ? node : other, definition, definition);
                return "started";
            }
            catch (WorkflowException e)
            {
                return e.Code;
            }
        })));

        Assert.Equal(1, tries.Count(t => t == "started"));
        Assert.Equal(15, tries.Count(t => t == ErrorCodes.WrongState));
        Assert.Equal(1L, await ScalarAsync<long>($"select count(*) from engine.instances where definition_id = '{definition}'"));
    }

    private async Task PublishAsync(string definition, string strategy)
    {
        var json = JsonNode.Parse(Flows.Sequence(definition, Flows.Event("wait", "go")))!;
        json["options"] = new JsonObject { ["activationStrategyType"] = $"Elsa.Workflows.Runtime.ActivationValidators.{strategy}Strategy, Elsa.Workflows.Runtime" };
        await node.PublishAsync(json.ToJsonString());
    }

    private static async Task<Guid> StartAsync(RuntimeNode on, string definition, string? correlation) =>
        (await on.Runtime.StartAsync(new StartRequest { DefinitionId = definition, CorrelationId = correlation, Actor = Actor.System }, default)).InstanceId;
}
