using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>Has a notice prepared: its content is personal data, so it is read, masked and numbered after the commit.</summary>
public sealed record PrepareNotice(Guid Id, Guid NoticeId, Guid BookmarkId, NoticePlan Plan) : Effect(Id);

/// <summary>Puts the prepared notice up. Its content is in the request that carries it.</summary>
public sealed record PostNotice(Guid Id, Guid NoticeId, string Stage, NoticeRule Rule, string? OrganisationId) : Effect(Id);

/// <summary>Shows a notice again until the end of another window: the public couldn't see it when it was to end.</summary>
public sealed record ExtendNotice(Guid Id, Guid NoticeId, Deadline Window) : Effect(Id);

/// <summary>Takes a notice down. <see cref="Ending"/>: <c>concluded</c>, <c>upheld</c> or <c>cancelled</c>.</summary>
public sealed record EndNotice(Guid Id, Guid NoticeId, string Ending) : Effect(Id);

/// <summary>An objection was taken in and has its task; what it says is in the request and goes to its own row alone.</summary>
public sealed record ObjectionTaken(Guid Id, Guid NoticeId, Guid ObjectionId, Guid TaskId) : Effect(Id);

/// <summary>Answers whoever objected, by the event's template; contact and opinion are read when the answer goes out.</summary>
public sealed record AnswerObjector(Guid Id, Guid ObjectionId, string Event, string NoticeNumber) : Effect(Id);

/// <summary>What a notice is to show, as the definition says it. No personal data.</summary>
/// <param name="Series">The notice numbers' series, such as <c>示才公示</c>: 示才公示〔2026〕18号.</param>
public sealed record NoticePlan(string Title, string Series, IReadOnlyList<NoticeSource> Lines);

/// <summary>
/// One line of a notice: where its value comes from (<c>applicant.name</c>, <c>employer.name</c>, <c>case.number</c>,
/// <c>panel.result</c>, <c>data.&lt;field&gt;</c>) or a fixed <see cref="Text"/>. <see cref="Texts"/> turns codes into words.
/// </summary>
public sealed record NoticeSource(string Label, NoticeFieldKind Kind = NoticeFieldKind.Text, string? From = null, string? Text = null, IReadOnlyDictionary<string, string>? Texts = null)
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
}
