using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Letters;
using Talent.Workflows.Approvals.Messages.Templates;

namespace Talent.Workflows.Approvals.Cases.Packages;

/// <summary>What all services of a content folder have in common: the folder <c>workflows/shared</c>, and the checks that forms may name. Immutable.</summary>
public sealed record SharedContent
{
    /// <summary>Named text checks for forms, such as <c>residentId</c>.</summary>
    public required IReadOnlyDictionary<string, TextCheck> TextChecks { get; init; }

    /// <summary>Messages that every service has (<c>shared/messages</c>); a service's own go before those of the same name.</summary>
    public required MessageSource Messages { get; init; }

    /// <summary>Code tables that forms share (<c>shared/code-tables</c>), by name.</summary>
    public IReadOnlyDictionary<string, CodeTable> CodeTables { get; init; } = Forms.CodeTables.None;

    /// <summary>Letters that every service has (<c>shared/letters</c>); what a service's own leave out is as in these.</summary>
    public LetterSource Letters { get; init; } = LetterSource.Empty;

    /// <summary>Reads a <c>shared</c> folder. Messages have to be there.</summary>
    /// <exception cref="ContentException">Something can't be used; the errors name the file.</exception>
    public static SharedContent Read(string folder, IReadOnlyDictionary<string, TextCheck> checks) => new()
    {
        TextChecks = checks,
        Messages = MessageSource.Read(Path.Combine(folder, "messages")),
        CodeTables = Forms.CodeTables.Read(Path.Combine(folder, "code-tables")),
        Letters = LetterSource.ReadShared(Path.Combine(folder, "letters")),
    };
}
