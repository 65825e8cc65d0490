namespace Talent.Workflows.Engine.Definitions;

/// <summary>What is wrong with a definition: where, and what to do. Text in English and Chinese.</summary>
public sealed record ValidationMessage(string? ActivityId, string Code, string Message, string MessageZh);
