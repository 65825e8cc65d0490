using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Messages;

/// <summary>
/// Tells people of an event. Each recipient becomes one message to deliver after the commit; who that is and what it says
/// is looked up then, so neither names nor addresses nor opinions are in it.
/// </summary>
/// <param name="Event">An event of the service's <c>messages.json</c>, such as <c>stage.opened</c>.</param>
/// <param name="Facts">Ids, instants (round-trip format) and stage names only.</param>
public sealed record NotifyEffect(Guid Id, string Event, IReadOnlyList<Recipient> Recipients, IReadOnlyDictionary<string, string> Facts) : Effect(Id);

/// <summary>A group of people that one message goes to.</summary>
/// <param name="Kind">One of <see cref="RecipientKinds"/>.</param>
/// <param name="Id">The user, or the task.</param>
public sealed record Recipient(string Kind, string? Id = null, string? Role = null, string? OrganisationId = null)
{
    public static Recipient Applicant { get; } = new(RecipientKinds.Applicant);

    public static Recipient User(string id) => new(RecipientKinds.User, id);

    /// <summary>Whoever may act on the task when the message goes out.</summary>
    public static Recipient Task(Guid id) => new(RecipientKinds.Task, id.ToString());

    public static Recipient Holders(string role, string? organisationId) => new(RecipientKinds.Role, null, role, organisationId);

    /// <summary>The superiors of whoever has a task, or of all who have open tasks in the case.</summary>
    public static Recipient Superiors(Guid? task = null) => new(RecipientKinds.Superiors, task?.ToString());

    /// <summary>The superiors of a role at an organisation, or at the one above it.</summary>
    public static Recipient Superior(string role, string? organisationId) => new(RecipientKinds.Superior, null, role, organisationId);
}

public static class RecipientKinds
{
    public const string User = "user";
    public const string Applicant = "applicant";
    public const string Role = "role";
    public const string Superior = "superior";
    public const string Task = "task";
    public const string Superiors = "superiors";
}
