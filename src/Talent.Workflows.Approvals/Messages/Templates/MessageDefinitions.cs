namespace Talent.Workflows.Approvals.Messages.Templates;

/// <summary>The content of a service's <c>messages.json</c> (R-NTF-1, R-NTF-2).</summary>
public sealed record MessageDefinitions
{
    /// <summary>The office that signs, in e-mail footers.</summary>
    public required string SenderZh { get; init; }

    /// <inheritdoc cref="SenderZh"/>
    public required string SenderEn { get; init; }

    /// <summary>The registered SMS signature, shown as 【签名】 before the text.</summary>
    public required string SmsSignName { get; init; }

    /// <summary>Every field that any template may use.</summary>
    public required IReadOnlyDictionary<string, MessageField> Fields { get; init; }

    public required IReadOnlyList<MessageEvent> Events { get; init; }
}

/// <summary>A field that templates may use, with a value for previews, and another for English ones where they differ.</summary>
public sealed record MessageField(string Zh, string En, string Sample, string? SampleEn = null);

/// <summary>Something that people are told about.</summary>
public sealed record MessageEvent
{
    /// <summary>The event's name, such as <c>case.submitted</c>.</summary>
    public required string Event { get; init; }
    public required string Zh { get; init; }
    public required string En { get; init; }

    /// <summary>Who is told, such as <c>applicant</c>; the process resolves the people.</summary>
    public required string To { get; init; }

    /// <summary>Some of <c>sms</c>, <c>email</c>, <c>inapp</c>.</summary>
    public required IReadOnlyList<string> Channels { get; init; }

    /// <summary>Fields that the sender gives; a trailing <c>?</c> marks one that may be absent.</summary>
    public required IReadOnlyList<string> Fields { get; init; }

    /// <summary>Language → template code registered with the SMS provider.</summary>
    public IReadOnlyDictionary<string, string> SmsTemplateCodes { get; init; } = new Dictionary<string, string>();
}

/// <summary>The languages of messages, Chinese first.</summary>
public static class MessageLanguages
{
    public const string Chinese = "zh-CN";
    public const string English = "en";
    public static readonly IReadOnlyList<string> All = [Chinese, English];
}

/// <summary>The channels of messages.</summary>
public static class MessageChannels
{
    public const string Sms = "sms";
    public const string Email = "email";
    public const string InApp = "inapp";
    public static readonly IReadOnlyList<string> All = [Sms, Email, InApp];
}
