using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Primitives;

/// <summary>Elsa.RunTask: asks for work outside and waits until its task is completed; what it is completed with is the result.</summary>
public sealed class RunTask : Activity
{
    private static readonly Input<string> TaskName = new("taskName", "Task Name", "The name of the task.") { Required = true };
    private static readonly Input<JsonElement> Payload = new("payload", "Payload", "What whoever does the task gets to know.") { TypeName = "ObjectDictionary", UiHint = "json-editor" };
    private static readonly Output TaskId = new("taskId", "String", "Task ID");
    private static readonly Output Result = new("result", "Object", "Result");

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.RunTask", "Primitives", "Run Task", "Asks for a task to be done and waits for it.")
        { Inputs = [TaskName, Payload], Outputs = [TaskId, Result], Waits = true };

    protected internal override void Execute(ActivityContext context)
    {
        var task = context.Wait(BookmarkKinds.Work, context.Get(TaskName), context.Get(Payload));
        context.Set(TaskId, JsonSerializer.SerializeToElement(task.Id));
    }

    protected internal override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        context.Set(Result, payload);
        context.Complete();
    }
}
