using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Messages.Templates;

/// <summary>Checks <c>messages.json</c> against the files under <c>templates/</c>; everything wrong is reported at once.</summary>
internal sealed partial class MessageBinder(ServiceDefinition? service, MessageDefinitions definitions, IReadOnlyDictionary<string, string> templates)
{
    private const string File = "messages.json";

    private readonly List<ContentError> _errors = [];

    /// <param name="service">Gives name and hotline to e-mails; null: these messages are about no service, and none of them is sent by e-mail.</param>
    /// <param name="definitions">The parsed <c>messages.json</c>.</param>
    /// <param name="templates">File name under <c>templates/</c> → content.</param>
    /// <exception cref="ContentException">Something names an unknown field or event, is missing or can't be parsed.</exception>
    public static MessageCatalogue Bind(ServiceDefinition? service, MessageDefinitions definitions, IReadOnlyDictionary<string, string> templates) =>
        new MessageBinder(service, definitions, templates).Run();

    private MessageCatalogue Run()
    {
        Dictionary<(string, string), TemplateFile> files = [];
        HashSet<string> expected = new(StringComparer.Ordinal) { EmailLayout.FileName };
        foreach (MessageEvent e in definitions.Events)
        {
            CheckEvent(e);
            foreach (string language in MessageLanguages.All)
            {
                string name = $"{e.Event}.{language}.hbs";
                if (!expected.Add(name))
                {
                    Wrong(File, $"events[{e.Event}]", "the event stands twice; keep one");
                }
                else if (templates.TryGetValue(name, out string? content))
                {
                    TemplateFile file = files[(e.Event, language)] = TemplateFile.Parse($"templates/{name}", content, _errors);
                    CheckFile(e, language, file, $"templates/{name}");
                }
                else
                {
                    Wrong($"templates/{name}", "$", $"the file is missing; the event '{e.Event}' needs one in each language");
                }
            }
        }

        foreach (string stray in templates.Keys.Except(expected, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            Wrong($"templates/{stray}", "$", "the file belongs to no event and language of messages.json; correct its name or add the event");
        }

        EmailLayout? layout = null;
        if (templates.TryGetValue(EmailLayout.FileName, out string? html))
        {
            layout = EmailLayout.Parse(html, _errors);
        }
        else
        {
            Wrong($"templates/{EmailLayout.FileName}", "$", "the file is missing; e-mails need it");
        }

        return _errors.Count == 0 ? new MessageCatalogue(service, definitions, layout!, files) : throw new ContentException(_errors);
    }

    private void CheckEvent(MessageEvent e)
    {
        string at = $"events[{e.Event}]";
        if (!EventName().IsMatch(e.Event))
        {
            Wrong(File, at, "an event is named like case.submitted or supplement.due_soon");
        }

        if (e.Channels.Count == 0 || e.Channels.Except(MessageChannels.All, StringComparer.Ordinal).Any())
        {
            Wrong(File, $"{at}.channels", $"name at least one of {string.Join(", ", MessageChannels.All)}");
        }

        foreach (string field in e.Fields.Select(f => f.TrimEnd('?')).Where(f => !definitions.Fields.ContainsKey(f)))
        {
            Wrong(File, $"{at}.fields", $"the field '{field}' isn't in fields; add it there with a sample");
        }

        foreach (string language in e.Channels.Contains(MessageChannels.Sms) ? MessageLanguages.All : [])
        {
            if (!e.SmsTemplateCodes.TryGetValue(language, out string? code) || !TemplateCode().IsMatch(code))
            {
                Wrong(File, $"{at}.smsTemplateCodes.{language}", "give the provider's template code, such as SMS_290010001");
            }
        }
    }

    private void CheckFile(MessageEvent e, string language, TemplateFile file, string name)
    {
        HashSet<string> known = e.Fields.Select(f => f.TrimEnd('?')).ToHashSet(StringComparer.Ordinal);
        foreach (string field in file.Fields.Where(f => !known.Contains(f)).Distinct(StringComparer.Ordinal))
        {
            Wrong(name, $"{{{{{field}}}}}", $"the field '{field}' isn't one of the event '{e.Event}': {string.Join(", ", known)}");
        }

        foreach (string channel in MessageChannels.All)
        {
            if (file.Has(channel) != e.Channels.Contains(channel))
            {
                Wrong(name, $"## {channel}", file.Has(channel) ? $"the event isn't sent by {channel}; remove the section or add the channel" : $"the section is missing; the event is sent by {channel}");
            }
        }

        if (file.Sms is { } sms)
        {
            if (sms.Conditional)
            {
                Wrong(name, "## sms", "conditions can't be registered with an SMS provider; word the text without");
            }

            HashSet<string> optional = e.Fields.Where(f => f.EndsWith('?')).Select(f => f.TrimEnd('?')).ToHashSet(StringComparer.Ordinal);
            foreach (string field in sms.Fields.Where(optional.Contains))
            {
                Wrong(name, "## sms", $"the field '{field}' may be absent, but an SMS parameter can't be empty; leave it out or make it required ({language})");
            }
        }
    }

    private void Wrong(string file, string path, string message) => _errors.Add(new ContentError(file, path, message));

    [GeneratedRegex(@"\A[a-z][a-z0-9]*(?:[._][a-z0-9]+)+\z")]
    private static partial Regex EventName();

    [GeneratedRegex(@"\ASMS_[0-9]{6,12}\z")]
    private static partial Regex TemplateCode();
}
