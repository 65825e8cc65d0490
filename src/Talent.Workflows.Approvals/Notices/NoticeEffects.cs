using System.Text.Json;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>Has a notice prepared: its content is personal data, so it is read, masked and numbered after the commit.</summary>
public sealed record PrepareNotice(Guid Id, Guid NoticeId, Guid BookmarkId, NoticePlan Plan) : Effect(Id);

/// <summary>Puts the prepared notice up. Its content is in the request that carries it.</summary>
/// <param name="ClerkRole">Whose the objections are, at the organisation; null: anywhere.</param>
public sealed record PostNotice(Guid Id, Guid NoticeId, string Stage, NoticeRule Rule, string? OrganisationId, string ClerkRole) : Effect(Id);

/// <summary>Shows a notice again until the end of another window: the public couldn't see it when it was to end.</summary>
public sealed record ExtendNotice(Guid Id, Guid NoticeId, Deadline Window) : Effect(Id);

/// <summary>A clerk's correction or extension takes effect: another edition. Its text is in the request that carries it.</summary>
/// <param name="Window">Null: it closes when it was to close.</param>
/// <param name="Role">Who may: whoever holds it at the organisation when the step commits.</param>
public sealed record ChangeNotice(Guid Id, Guid NoticeId, NoticeChange Change, Deadline? Window, string Role, string? OrganisationId) : Effect(Id);

/// <summary>Takes a notice down. <see cref="Ending"/>: <c>concluded</c>, <c>upheld</c> or <c>cancelled</c>.</summary>
public sealed record EndNotice(Guid Id, Guid NoticeId, string Ending) : Effect(Id);

/// <summary>An objection was taken in and has its task; what it says is in the request and goes to its own row alone.</summary>
public sealed record ObjectionTaken(Guid Id, Guid NoticeId, Guid ObjectionId, Guid TaskId) : Effect(Id);

/// <summary>An objection is looked into: another task decides it.</summary>
public sealed record ObjectionAccepted(Guid Id, Guid ObjectionId, Guid TaskId) : Effect(Id);

/// <summary>Answers whoever objected, by the event's template; contact and opinion are read when the answer goes out.</summary>
public sealed record AnswerObjector(Guid Id, Guid ObjectionId, string Event, string NoticeNumber) : Effect(Id);

/// <summary>What a notice is to show, as the definition says it. No personal data.</summary>
/// <param name="Series">The notice numbers' series, such as <c>示才公示</c>: 示才公示〔2026〕18号.</param>
/// <param name="List">The list that it is part of, such as <c>2026年第一批</c>; null: it stands alone.</param>
public sealed record NoticePlan(string Title, string Series, IReadOnlyList<NoticeSource> Lines, string? List = null);

/// <summary>A list of notices (名单): those of one series with the same name.</summary>
public sealed record NoticeListKey(Guid Id, string Name);

/// <summary>
/// One line of a notice: where its value comes from (<c>applicant.name</c>, <c>employer.name</c>, <c>case.number</c>,
/// <c>panel.result</c>, <c>data.&lt;field&gt;</c>) or a fixed <see cref="Text"/>. <see cref="Texts"/> turns codes into words.
/// </summary>
public sealed record NoticeSource(string Label, NoticeFieldKind Kind = NoticeFieldKind.Text, string? From = null, string? Text = null, IReadOnlyDictionary<string, string>? Texts = null)
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>What is wrong with a line as a definition writes it; null: nothing.</summary>
    internal static string? Fault(JsonElement line)
    {
        try
        {
            return line.Deserialize<NoticeSource>(Json) is { Label.Length: > 0 } source && (source.From is null) != (source.Text is null) && (source.From is null || CaseValues.Knows(source.From))
                ? null : $"{line.GetRawText()} needs a label and either a text or a source: {CaseValues.Sources}.";
        }
        catch (JsonException)
        {
            return $"{line.GetRawText()} can't be read: write {{label, kind, from or text, texts}}.";
        }
    }
}
