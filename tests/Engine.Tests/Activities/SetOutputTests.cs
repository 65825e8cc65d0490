using System.Text.Json.Nodes;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;
using static Talent.Workflows.Engine.Tests.Activities.Nested;
using static Talent.Workflows.Engine.Tests.FlowBuilder;

namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class SetOutputTests
{
    private static readonly ActivityCatalog Catalog = new(BuiltInActivities.All);

    [Fact]
    public void SetOutput_WhenRun_ThenTheWorkflowHasThatOutput()
    {
        var instance = Run(Sequence("root", Activity("set", "Elsa.SetOutput", ("outputName", Literal("Result")), ("outputValue", Script("({ n: 1 })")))));

        Assert.Equal("""{"n":1}""", instance.State.Output["Result"].GetRawText());
    }

    [Fact]
    public void SetOutput_WhenItHasNoValue_ThenTheOutputIsNull()
    {
        var instance = Run(Sequence("root", Activity("set", "Elsa.SetOutput", ("outputName", Literal("Result")), ("outputValue", Literal(1))),
            Activity("clear", "Elsa.SetOutput", ("outputName", Literal("Result")))));

        Assert.Equal(System.Text.Json.JsonValueKind.Null, instance.State.Output["Result"].ValueKind);
    }

    [Fact]
    public void Output_WhenBoundToAnOutputOfTheWorkflowByItsName_ThenItIsSet()
    {
        var definition = DefinitionReader.Read(new JsonObject
        {
            ["definitionId"] = "d", ["outputs"] = new JsonArray(new JsonObject { ["name"] = "Answer", ["type"] = "Object" }),
            ["root"] = Activity("wait", "Elsa.Event", EventName("go"), ("result", new JsonObject { ["memoryReference"] = new JsonObject { ["id"] = "Answer" } })),
        }.ToJsonString());
        var instance = new Instance(definition);

        instance.Start();
        instance.Signal("go", payload: 7);

        Assert.Empty(DefinitionValidator.Validate(definition, Catalog));
        Assert.Equal(7, instance.State.Output["Answer"].GetInt32());
    }

    [Fact]
    public void Output_WhenBoundToNothingThatExists_ThenNotPublished()
    {
        var definition = new FlowBuilder().Definition(Activity("wait", "Elsa.Event", EventName("go"), ("result", new JsonObject { ["memoryReference"] = new JsonObject { ["id"] = "gone" } })));

        var message = Assert.Single(DefinitionValidator.Validate(definition, Catalog));
        Assert.Contains("'gone'", message.Message, StringComparison.Ordinal);
        Assert.Contains("gone", message.MessageZh, StringComparison.Ordinal);
    }

    [Fact]
    public void Output_WhenItNamesElsasOwnPlaceInMemory_ThenItIsNotBound()
    {
        var definition = new FlowBuilder().Definition(Activity("wait", "Elsa.Event", EventName("go"), ("result", new JsonObject { ["memoryReference"] = new JsonObject { ["id"] = "wait:output-0" } })));
        var instance = new Instance(definition);

        instance.Start();
        instance.Signal("go", payload: 7);

        Assert.Empty(DefinitionValidator.Validate(definition, Catalog));
        Assert.Equal(WorkflowStatus.Finished, instance.State.Status);
    }

    [Fact]
    public void SetOutput_WhenInALoop_ThenTheLastRoundCounts() =>
        Assert.Equal(2, Run(Nested.Twice(Activity("set", "Elsa.SetOutput", ("outputName", Literal("n")), ("outputValue", Script("variables.CurrentValue"))))).State.Output["n"].GetInt32());

    [Fact]
    public void SetOutput_WhenItsScriptFails_ThenAnIncidentAndNoOutput()
    {
        var instance = Run(Activity("set", "Elsa.SetOutput", ("outputName", Literal("n")), ("outputValue", Script("nobody.knows"))));

        Assert.Equal(("set", ErrorCodes.ExpressionFailed), instance.State.Incidents.Select(i => (i.ActivityId, i.Code)).Single());
        Assert.Empty(instance.State.Output);
    }
}
