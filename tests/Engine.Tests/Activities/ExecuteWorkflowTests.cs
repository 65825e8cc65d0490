namespace Talent.Workflows.Engine.Tests.Activities;

public sealed class ExecuteWorkflowTests() : ChildWorkflowTests("Elsa.ExecuteWorkflow", waitsByItself: true);
