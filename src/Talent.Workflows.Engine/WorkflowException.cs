namespace Talent.Workflows.Engine;

/// <summary>
/// The one exception for what a caller can cause. <see cref="Code"/> is stable and listed in <see cref="ErrorCodes"/>;
/// the message names ids and values and says what to do next. Anything else that is thrown is a bug.
/// </summary>
public sealed class WorkflowException(string code, string message, string? messageZh = null, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Stable code, mapped to a problem document by the host.</summary>
    public string Code { get; } = code;

    /// <summary>The message in Chinese, for people; when none is given, what the code says in general.</summary>
    public string MessageZh { get; } = messageZh ?? ErrorTexts.Zh(code);

    /// <summary>Machine-readable facts about the failure, such as who decided a task and when.</summary>
    public IReadOnlyDictionary<string, object?> Facts { get; init; } = new Dictionary<string, object?>();

    /// <summary>Whether it was refused because an incident has stopped the whole instance: it can be applied once somebody has retried that.</summary>
    public bool IsHalted => Facts.GetValueOrDefault("reason") is "halted";
}
