using System.Text.Json;
using System.Text.Json.Serialization;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Messages;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Reviews.Handling;

/// <summary>抄送: whom a task is shown to, a user or whoever holds a role when it is written.</summary>
internal sealed record CopyOrder(Guid TaskId, string? User, string? Role, string? Organisation, string? Note)
{
    [JsonIgnore]
    public Recipient Recipient => User is { } user ? Messages.Recipient.User(user) : Messages.Recipient.Holders(Role!, Organisation);
}

/// <summary>抄送 as data of a stage.</summary>
public sealed record CopyTask(Guid Id, Guid TaskId, string? User, string? Role, string? OrganisationId) : Effect(Id);

/// <summary>Reads whom a stage's data names: <c>user:ID</c>, or <c>role:ROLE@ORGANISATION</c>, where the organisation may be one of the case, such as <c>case:bureau</c>.</summary>
internal static class CopyTargets
{
    public const string UserPrefix = "user:";
    public const string RolePrefix = "role:";

    /// <summary>Roles of whoever uses the service: a copy shows the case, which is nobody's of them.</summary>
    public static readonly IReadOnlyList<string> OutsideRoles = ["applicant", "expert"];

    /// <summary>Whether a case may be shown to everybody who holds the role there. A role at no certain organisation may be everybody's.</summary>
    public static bool MayBeCopied(string? role, string? organisation) => !string.IsNullOrWhiteSpace(role) && !string.IsNullOrWhiteSpace(organisation) && !OutsideRoles.Contains(role);

    /// <returns>Null: it names nobody that could be copied.</returns>
    public static (string? User, string? Role, string? Organisation)? Parse(string text)
    {
        text = text.Trim();
        if (text.StartsWith(UserPrefix, StringComparison.Ordinal) && text.Length > UserPrefix.Length)
            return (text[UserPrefix.Length..], null, null);
        if (!text.StartsWith(RolePrefix, StringComparison.Ordinal))
            return null;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var role = at < 0 ? text[RolePrefix.Length..] : text[RolePrefix.Length..at];
        var organisation = at < 0 ? null : text[(at + 1)..];
        return MayBeCopied(role, organisation) ? (null, role, organisation) : null;
    }

    /// <summary>Copies a stage's task to whom its data names, and tells them.</summary>
    public static void Emit(ActivityContext context, IReadOnlyList<string>? targets, Guid task)
    {
        for (var i = 0; i < targets?.Count; i++)
        {
            if (Parse(targets[i]) is not var (user, role, organisation))
            {
                // Computed, or published before it was checked.
                context.Log("NotCopied", targets[i]);
                continue;
            }
            organisation = context.OrganisationOf(organisation);
            context.Emit(new CopyTask(context.NewId($"copy-{i}"), task, user, role, organisation));
            context.Emit(new NotifyEffect(context.NewId($"copy-{i}-told"), "task.copied", [user is null ? Recipient.Holders(role!, organisation) : Recipient.User(user)],
                new Dictionary<string, string> { ["stage"] = context.Node.Id, ["taskId"] = task.ToString() }));
        }
    }
}
