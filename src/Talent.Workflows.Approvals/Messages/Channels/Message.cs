namespace Talent.Workflows.Approvals.Messages.Channels;

/// <summary>One message to one recipient, as handed to a channel.</summary>
public sealed record Message
{
    /// <summary>The effect's id. Providers get it as their idempotency key, so a repeated sending is recognised.</summary>
    public required string Id { get; init; }

    /// <summary>The case that it is about.</summary>
    public Guid? CaseId { get; init; }

    /// <summary>What it tells of, such as <c>stage.opened</c>.</summary>
    public string Event { get; init; } = "";

    /// <summary><c>sms</c>, <c>email</c> or <c>inapp</c>.</summary>
    public required string Channel { get; init; }

    /// <summary>A mobile number, an e-mail address or a user id. Never write it to a log: <see cref="RecipientMask"/>.</summary>
    public required string To { get; init; }

    public string Subject { get; init; } = "";
    public string Text { get; init; } = "";
    public string? Html { get; init; }

    /// <summary>Whoever gets it has just asked for it and waits: it goes out in quiet hours too.</summary>
    public bool Urgent { get; init; }

    /// <summary>SMS: registered template, signature and parameters by name.</summary>
    public string? TemplateCode { get; init; }

    /// <inheritdoc cref="TemplateCode"/>
    public string? SignName { get; init; }

    /// <inheritdoc cref="TemplateCode"/>
    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();
}
