namespace Talent.Workflows.Approvals.Cases.Packages;

/// <summary>One thing wrong in a content file.</summary>
/// <param name="File">File name relative to the service's folder, such as <c>form.json</c>.</param>
/// <param name="Path">Where in the file: a JSON path, or <c>line 3</c> in a template.</param>
/// <param name="Message">What is wrong and what to do about it.</param>
public sealed record ContentError(string File, string Path, string Message)
{
    public override string ToString() => $"{File} {Path}: {Message}";
}
