namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class DispatchWorkflowTests() : ChildWorkflowTests("Elsa.DispatchWorkflow", waitsByItself: false);
