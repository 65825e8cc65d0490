namespace Talent.Workflows.Approvals.Messages.Templates;

/// <summary>A message ready to be sent or previewed.</summary>
public sealed record RenderedMessage
{
    public required string Event { get; init; }
    public required string Channel { get; init; }
    public required string Language { get; init; }

    /// <summary>One line; also the title of an in-app message.</summary>
    public required string Subject { get; init; }

    /// <summary>Plain text; for SMS without the signature.</summary>
    public required string Text { get; init; }

    /// <summary>E-mail only.</summary>
    public string? Html { get; init; }

    /// <summary>SMS only: the provider's template code and its parameters by name.</summary>
    public string? TemplateCode { get; init; }

    /// <inheritdoc cref="TemplateCode"/>
    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();

    /// <summary>SMS only: the registered signature.</summary>
    public string? SignName { get; init; }

    /// <summary>SMS only: the length as charged, signature included.</summary>
    public SmsLength? Length { get; init; }
}

/// <summary>A message can't be rendered: the event, channel or language isn't there, or a field is missing.</summary>
public sealed class MessageRenderException(string message) : Exception(message);
