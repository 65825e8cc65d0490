namespace Talent.Workflows.Server.Demo;

/// <summary>The API didn't say what the demonstration was about to state.</summary>
internal sealed class DemoException(string message) : Exception(message);
