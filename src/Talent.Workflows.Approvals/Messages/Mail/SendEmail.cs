using System.Net.Mail;
using System.Text.Json;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Messages.Mail;

/// <summary>
/// Elsa.SendEmail: sends an e-mail over the office's mail server, after the commit, to each recipient by itself, and goes on when
/// all have been handed over. What a server refuses for good goes to <c>error</c>; without such an activity it stays as a
/// dead letter, and the workflow waits until an operator sends it again.
/// </summary>
public sealed class SendEmail : Activity
{
    /// <summary>Kind of the bookmarks, one for each recipient.</summary>
    public const string BookmarkKind = "Email";

    private const int MostRecipients = 50;
    private const int LongestSubject = 200;
    private const int LongestBody = 256 << 10;
    private const string Error = "error";
    private const string Failed = "failed";

    private static readonly Input<IReadOnlyList<string>> To = new("to", "To", "E-mail addresses.") { Required = true };
    private static readonly Input<IReadOnlyList<string>> Cc = new("cc", "Cc", "E-mail addresses; everybody gets an e-mail of their own.");
    private static readonly Input<IReadOnlyList<string>> Bcc = new("bcc", "Bcc", "E-mail addresses; everybody gets an e-mail of their own.");
    private static readonly Input<string> Subject = new("subject", "Subject", "The subject of the e-mail.") { Required = true };
    private static readonly Input<string> Body = new("body", "Body", "HTML.") { UiHint = "multiline" };

    public override ActivityDescriptor Descriptor { get; } = new("Elsa.SendEmail", "Email", "Send Email", "Sends an e-mail from the configured address.")
        { Inputs = [To, Cc, Bcc, Subject, Body], Ports = [Error], Waits = true };

    protected override void Execute(ActivityContext context)
    {
        var recipients = new[] { To, Cc, Bcc }.SelectMany(i => context.Get(i) ?? []).Select(a => a.Trim()).Where(a => a.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        if (recipients.Count is 0 or > MostRecipients)
            throw Invalid(context, $"names {recipients.Count} recipients. Give 1 to {MostRecipients}.", $"收件人须为 1 至 {MostRecipients} 个。");
        if (recipients.FindIndex(a => !MailAddress.TryCreate(a, out var parsed) || parsed.Address != a) is >= 0 and var wrong)
            throw Invalid(context, $"has something else than an e-mail address as recipient {wrong + 1}.", $"第 {wrong + 1} 个收件人不是有效的邮箱地址。");
        var (subject, body) = (context.Get(Subject) ?? "", context.Get(Body) ?? "");
        if (subject.Length > LongestSubject || body.Length > LongestBody)
            throw Invalid(context, $"has a subject of {subject.Length} and a body of {body.Length} characters; {LongestSubject} and {LongestBody} are the most.", "邮件主题或正文过长。");
        for (var i = 0; i < recipients.Count; i++)
        {
            var sent = context.Wait(BookmarkKind, null, purpose: $"mail-{i}");
            context.Emit(new EmailEffect(context.NewId($"mail-{i}"), sent.Id, recipients[i], subject, body, context.Node.Ports.ContainsKey(Error)));
        }
    }

    protected override void Resume(ActivityContext context, Bookmark bookmark, JsonElement payload)
    {
        if (payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(Failed, out var failed))
            context.SetData(Failed, failed);
        if (context.State.Bookmarks.Exists(b => b.ExecutionId == context.Execution.Id))
            return;
        if (context.GetData(Failed) is { ValueKind: JsonValueKind.String } && context.Node.Ports.TryGetValue(Error, out var handler))
            context.Schedule(handler);
        else
            context.Complete();
    }

    protected override IEnumerable<UseProblem> Validate(ActivityNode node)
    {
        if (node.Json.TryGetProperty("attachments", out var attachments) && InputExpression.Read(attachments) is { Value.ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } files
            && files.Value.GetRawText() is not ("\"\"" or "[]" or "\"[]\""))
            yield return "has attachments, which this server doesn't send. Leave them out, and write a link to where the file can be read";
    }

    private static WorkflowException Invalid(ActivityContext context, string what, string whatZh) =>
        new(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' {what}", $"活动“{context.Node.DisplayText}”：{whatZh}");
}

/// <summary>One e-mail to one recipient, delivered after the commit.</summary>
/// <param name="ReportTo">The bookmark that waits for what becomes of it.</param>
/// <param name="ReportsFailure">Tells the workflow when it is refused for good, instead of keeping a dead letter.</param>
public sealed record EmailEffect(Guid Id, Guid ReportTo, string To, string Subject, string Html, bool ReportsFailure) : Effect(Id);
