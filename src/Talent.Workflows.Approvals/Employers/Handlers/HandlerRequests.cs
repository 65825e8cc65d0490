namespace Talent.Workflows.Approvals.Employers.Handlers;

/// <summary>更换业务经办人: somebody takes the place of an employer's handler. Exactly one of <see cref="UserId"/> and <see cref="Account"/>.</summary>
/// <param name="Replaces">Whose place; null: the employer has no handler.</param>
/// <param name="UserId">An account of the employer that is there.</param>
/// <param name="Account">One that is made with it.</param>
/// <param name="Reason">Kept with it, up to 500 characters; needed from an officer of the unit or the bureau.</param>
public sealed record ReplaceHandler(string? Replaces = null, string? UserId = null, NewHandler? Account = null, string? Reason = null);

/// <summary>An account for somebody who had none.</summary>
/// <param name="Id">Lower-case letters, digits and hyphens, at most 60; as the identity platform names them.</param>
public sealed record NewHandler(string Id, string Name, string Phone, string? Email = null)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => nameof(NewHandler);
}

/// <summary>What a replacement did.</summary>
/// <param name="From">Null: the employer had no handler.</param>
/// <param name="Tasks">Tasks that the one before had in hand as a handler, which go over one by one.</param>
/// <param name="Messages">Unread in-app messages that went over.</param>
public sealed record HandlerReplaced(Guid Id, string EmployerId, string? From, string To, DateTimeOffset At, int Tasks, int Messages);

/// <summary>Another registered phone, with the code that was sent to it for <c>phone-change</c>.</summary>
public sealed record ChangePhone(string Phone, Guid CodeId, string Code)
{
    /// <summary>Names nobody.</summary>
    public override string ToString() => nameof(ChangePhone);
}
