using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>Texts that people give with what they do.</summary>
internal static class Texts
{
    /// <exception cref="WorkflowException"><c>invalid_request</c>: it is missing, too long or can't be kept.</exception>
    public static string Required(string? text, string name, int longest = 500) => Optional(text, name, longest) ?? throw new WorkflowException(ErrorCodes.InvalidRequest, $"Say why or what: '{name}' takes 1 to {longest} characters.", $"请填写内容（{name}，1 至 {longest} 字）。");

    /// <exception cref="WorkflowException"><c>invalid_request</c>: it is too long or can't be kept.</exception>
    public static string? Optional(string? text, string name, int longest = 500) => string.IsNullOrWhiteSpace(text) ? null
        : text.Trim() is { } trimmed && trimmed.Length <= longest && !trimmed.Contains('\0') ? trimmed
        : throw new WorkflowException(ErrorCodes.InvalidRequest, $"'{name}' takes up to {longest} characters and no U+0000.", $"内容（{name}）最多 {longest} 字，且不能含有无法保存的字符。");
}
