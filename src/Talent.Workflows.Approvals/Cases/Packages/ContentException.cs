namespace Talent.Workflows.Approvals.Cases.Packages;

/// <summary>Content under <c>workflows/</c> can't be used; all that is wrong is listed, not only the first thing.</summary>
public sealed class ContentException : Exception
{
    public ContentException(IReadOnlyList<ContentError> errors)
        : base($"The content can't be used ({errors.Count} to mend):{Environment.NewLine}{string.Join(Environment.NewLine, errors)}") =>
        Errors = errors;

    public ContentException(string file, string path, string message) : this([new ContentError(file, path, message)]) { }

    public IReadOnlyList<ContentError> Errors { get; }
}
