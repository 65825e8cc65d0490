using System.Text;
using System.Text.Json;
using Talent.Workflows.Approvals.Messages.Mail;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Tests.Messages.Mail;

public sealed class SendEmailTests
{
    private static readonly DateTimeOffset Now = new(2026, 9, 21, 1, 0, 0, TimeSpan.Zero);
    private static readonly ExecutableWorkflow Workflow = ExecutableWorkflow.Compile(DefinitionReader.Read(Encoding.UTF8.GetBytes("""
        {"id":"m1","definitionId":"mail","name":"邮件","version":1,"root":{"id":"flow","type":"Elsa.Flowchart","version":1,"activities":[
          {"id":"mail","type":"Elsa.SendEmail","version":1,"to":{"typeName":"String[]","expression":{"type":"Object","value":"[\"one@talent.example.org\",\"two@talent.example.org\"]"}},
           "subject":{"typeName":"String","expression":{"type":"Literal","value":"通知"}},"body":{"typeName":"String","expression":{"type":"Literal","value":"<p>您好</p>"}},
           "error":{"id":"failed","type":"Elsa.Event","version":1,"eventName":{"typeName":"String","expression":{"type":"Literal","value":"seen"}}}}],"connections":[]}}
        """)), new ActivityCatalog([.. BuiltInActivities.All, new SendEmail()]));

    [Fact]
    public void Workflow_WhenAllAreHandedOver_ThenGoesOn()
    {
        var sent = Start();
        Assert.Equal(["one@talent.example.org", "two@talent.example.org"], sent.Effects.OfType<EmailEffect>().Select(e => e.To));

        var first = Report(sent.State, sent.Effects.OfType<EmailEffect>().First().ReportTo, null);
        Assert.Equal(WorkflowStatus.Running, first.State.Status);
        var second = Report(first.State, sent.Effects.OfType<EmailEffect>().Last().ReportTo, null);

        Assert.Equal(WorkflowSubStatus.Finished, second.State.SubStatus);
    }

    [Fact]
    public void Workflow_WhenOneIsRefusedForGood_ThenTheActivityForErrorsRunsAfterAllHaveBeenTried()
    {
        var sent = Start();

        var first = Report(sent.State, sent.Effects.OfType<EmailEffect>().First().ReportTo, "no such mailbox");
        Assert.DoesNotContain(first.State.Bookmarks, b => b.ActivityId == "failed");
        var second = Report(first.State, sent.Effects.OfType<EmailEffect>().Last().ReportTo, null);

        Assert.Contains(second.State.Bookmarks, b => b.ActivityId == "failed");
        Assert.All(sent.Effects.OfType<EmailEffect>(), e => Assert.True(e.ReportsFailure));
    }

    private static StepResult Start() => Interpreter.Advance(Workflow, new WorkflowState { InstanceId = Guid.CreateVersion7(Now), DefinitionVersionId = "m1" }, new Stimulus.Start(new Dictionary<string, JsonElement>()), Now);

    private static StepResult Report(WorkflowState state, Guid bookmark, string? failed) =>
        Interpreter.Advance(Workflow, state, new Stimulus.Resume(bookmark, failed is null ? default : JsonSerializer.SerializeToElement(new { failed })), Now);
}
