using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Talent.Workflows.Approvals.Cases.Packages;

namespace Talent.Workflows.Approvals.Messages.Templates;

/// <summary>A service's messages, checked at load: every template names only known fields of a known event (R-NTF-2).</summary>
public sealed class MessageCatalogue
{
    /// <summary>The longest value that providers take for one SMS parameter; longer ones end in an ellipsis.</summary>
    public const int MostParameterLength = 35;

    internal const string EnglishSuffix = "@en";
    private const int MostValueLength = 1_000;

    private readonly FrozenDictionary<string, MessageEvent> _events;
    private readonly FrozenDictionary<(string Event, string Language), TemplateFile> _files;
    private readonly MessageDefinitions _definitions;
    private readonly EmailLayout _layout;
    private readonly ServiceDefinition? _service;

    internal MessageCatalogue(
        ServiceDefinition? service, MessageDefinitions definitions, EmailLayout layout, IReadOnlyDictionary<(string Event, string Language), TemplateFile> files)
    {
        _service = service;
        _definitions = definitions;
        _layout = layout;
        _files = files.ToFrozenDictionary();
        _events = definitions.Events.ToFrozenDictionary(e => e.Event, StringComparer.Ordinal);
    }

    public IReadOnlyList<MessageEvent> Events => _definitions.Events;

    public IReadOnlyDictionary<string, MessageField> Fields => _definitions.Fields;

    public MessageEvent? Find(string name) => _events.GetValueOrDefault(name);

    /// <summary>Renders one message. Pure: the same input gives the same message.</summary>
    /// <param name="data">
    /// The event's fields; others are ignored. Values are text, never markup. A value that reads differently in English
    /// is given twice: <c>stageName</c> and <c>stageName@en</c>.
    /// </param>
    /// <exception cref="MessageRenderException">No such event, channel or language, or a field without <c>?</c> is missing.</exception>
    public RenderedMessage Render(string eventName, string channel, string language, IReadOnlyDictionary<string, string> data)
    {
        MessageEvent e = Find(eventName) ?? throw new MessageRenderException($"{(_service is null ? "The shared messages have" : $"Service {_service.Id} has")} no message '{eventName}'; there are: {string.Join(", ", _events.Keys.Order(StringComparer.Ordinal))}");
        if (!e.Channels.Contains(channel) || !MessageLanguages.All.Contains(language))
        {
            throw new MessageRenderException($"Message '{eventName}' isn't sent by '{channel}' in '{language}'; channels: {string.Join(", ", e.Channels)}; languages: {string.Join(", ", MessageLanguages.All)}");
        }

        Dictionary<string, string> values = Values(e, data, language);
        TemplateFile file = _files[(eventName, language)];
        RenderedMessage message = new()
        {
            Event = eventName,
            Channel = channel,
            Language = language,
            Subject = OneLine(file.Subject!.Render(values)),
            Text = "",
        };
        return channel switch
        {
            MessageChannels.Sms => Sms(message, e, file, values),
            MessageChannels.Email => Email(message, file, values, Values(e, data, Other(language))),
            _ => message with { Text = file.InApp!.Render(values).Trim() },
        };
    }

    /// <summary>Renders with the sample values of <c>messages.json</c>.</summary>
    /// <exception cref="MessageRenderException">No such event, channel or language.</exception>
    public RenderedMessage Preview(string eventName, string channel, string language) =>
        Render(eventName, channel, language, Samples());

    /// <summary>The sample values of <c>messages.json</c>, as data for <see cref="Render"/>.</summary>
    public Dictionary<string, string> Samples()
    {
        Dictionary<string, string> samples = new(StringComparer.Ordinal);
        foreach ((string name, MessageField field) in Fields)
        {
            samples[name] = field.Sample;
            if (field.SampleEn is not null)
            {
                samples[name + EnglishSuffix] = field.SampleEn;
            }
        }

        return samples;
    }

    /// <summary>The text to register with the SMS provider, its parameters written <c>${name}</c>.</summary>
    /// <exception cref="MessageRenderException">The event isn't sent by SMS.</exception>
    public string ProviderText(string eventName, string language) =>
        _files.TryGetValue((eventName, language), out TemplateFile? file) && file.Sms is { } sms
            ? sms.Fields.Aggregate(sms.Source, (text, field) => text.Replace($"{{{{{field}}}}}", $"${{{field}}}", StringComparison.Ordinal))
            : throw new MessageRenderException($"Message '{eventName}' isn't sent by SMS in '{language}'");

    private RenderedMessage Sms(RenderedMessage message, MessageEvent e, TemplateFile file, Dictionary<string, string> values)
    {
        Dictionary<string, string> parameters = file.Sms!.Fields.ToDictionary(f => f, f => Clip(OneLine(values.GetValueOrDefault(f, "")), MostParameterLength), StringComparer.Ordinal);
        string text = OneLine(file.Sms.Render(parameters));
        return message with
        {
            Text = text,
            TemplateCode = e.SmsTemplateCodes[message.Language],
            Params = parameters,
            SignName = _definitions.SmsSignName,
            Length = SmsLength.Of(_definitions.SmsSignName, text),
        };
    }

    private RenderedMessage Email(RenderedMessage message, TemplateFile file, Dictionary<string, string> values, Dictionary<string, string> otherValues)
    {
        ServiceDefinition service = _service ?? throw new MessageRenderException($"Message '{message.Event}' is about no service, so that it has no e-mail");
        bool chinese = message.Language == MessageLanguages.Chinese;
        TemplateFile second = _files[(message.Event, Other(message.Language))];
        string otherLine = OneLine((second.InApp ?? second.Subject!).Render(otherValues));
        string sender = chinese ? _definitions.SenderZh : _definitions.SenderEn;
        string hotline = chinese
            ? $"咨询电话：{service.Hotline.Phone}（{service.Hotline.HoursZh}）"
            : $"Hotline: {service.Hotline.Phone} ({service.Hotline.HoursEn})";

        List<IReadOnlyDictionary<string, object>> blocks = [];
        StringBuilder text = new();
        foreach (EmailBlock block in file.Email)
        {
            EmailParts.Add(block, values, chinese, blocks, text);
        }

        text.Append(otherLine).Append("\n\n-- \n").Append(sender).Append('\n').Append(hotline).Append('\n');
        Dictionary<string, object> model = new()
        {
            ["language"] = message.Language,
            ["title"] = message.Subject,
            ["service"] = chinese ? service.Zh : service.En,
            ["blocks"] = blocks,
            ["otherLanguage"] = otherLine,
            ["sender"] = sender,
            ["senderOther"] = chinese ? _definitions.SenderEn : _definitions.SenderZh,
            ["hotline"] = hotline,
        };
        return message with { Text = text.ToString(), Html = _layout.Render(model) };
    }

    private static string Other(string language) =>
        language == MessageLanguages.Chinese ? MessageLanguages.English : MessageLanguages.Chinese;

    private static Dictionary<string, string> Values(MessageEvent e, IReadOnlyDictionary<string, string> data, string language)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (string declared in e.Fields)
        {
            string name = declared.TrimEnd('?');
            string? value = language == MessageLanguages.English ? data.GetValueOrDefault(name + EnglishSuffix) : null;
            value ??= data.GetValueOrDefault(name);
            if (!string.IsNullOrWhiteSpace(value))
            {
                values[name] = Clip(Clean(value), MostValueLength);
            }
            else if (name.Length == declared.Length)
            {
                throw new MessageRenderException($"Message '{e.Event}' needs the field '{name}', which wasn't given");
            }
        }

        return values;
    }

    // Control and direction marks could disguise what a message says.
    internal static string Clean(string value)
    {
        StringBuilder kept = new(value.Length);
        foreach (Rune rune in value.ReplaceLineEndings("\n").EnumerateRunes())
        {
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            if (rune.Value == '\n' || category is not (UnicodeCategory.Control or UnicodeCategory.Format))
            {
                kept.Append(rune.ToString());
            }
        }

        return kept.ToString().Trim();
    }

    private static string OneLine(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Clip(string text, int most)
    {
        if (text.Length <= most)
        {
            return text;
        }

        int end = char.IsHighSurrogate(text[most - 2]) ? most - 2 : most - 1;
        return text[..end] + "…";
    }
}
