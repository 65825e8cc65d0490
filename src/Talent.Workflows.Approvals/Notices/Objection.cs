using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>What someone has to say against a notice (异议). Whether they have to say who they are is the notice's rule.</summary>
/// <remarks>Source: R-NOT-1.</remarks>
public sealed record Objection
{
    /// <summary>In characters.</summary>
    public const int LongestStatement = 5000;

    public string? ContactName { get; init; }

    public string? Phone { get; init; }

    public string? Email { get; init; }

    public required string Statement { get; init; }

    public IReadOnlyList<Evidence> Evidence { get; init; } = [];

    /// <returns>Null: may be taken in. Codes: <c>notice_not_open</c>, <c>objection_name</c>, <c>objection_contact</c>, <c>phone_format</c>, <c>email_format</c>, <c>objection_statement</c>, <c>evidence_count</c>, <c>evidence_size</c>, and those of <see cref="Notices.Evidence.Fault"/>.</returns>
    public InputFault? Check(PublicNotice notice, DateTimeOffset now)
    {
        if (!notice.IsOpen(now))
        {
            return new InputFault("notice_not_open", "公示期未开始或已结束，不再受理异议", "The notice isn't open: objections are taken while it is.");
        }

        if (notice.Rule.Objections == ObjectorRule.Named && string.IsNullOrWhiteSpace(ContactName))
        {
            return new InputFault("objection_name", "请填写联系人姓名", "Give a name.");
        }

        var (phone, email) = (!string.IsNullOrWhiteSpace(Phone), !string.IsNullOrWhiteSpace(Email));
        if (!phone && !email && notice.Rule.Objections != ObjectorRule.Any)
        {
            return new InputFault("objection_contact", "请至少填写一种联系方式（手机号码或电子邮箱）", "Give a mobile number or an e-mail address.");
        }

        if (phone && !PhoneNumber.TryParse(Phone, out _, out var fault))
        {
            // Phone and e-mail share one field of the form.
            return fault with { Zh = "联系方式请填写11位手机号码，或者电子邮箱", En = "Give a mobile number of mainland China (11 digits), or an e-mail address." };
        }

        if (email && !IsAddress(Email!.Trim()))
        {
            return new InputFault("email_format", "电子邮箱格式不正确，请核对，如 name@example.com", "This isn't an e-mail address.");
        }

        return string.IsNullOrWhiteSpace(Statement) || Statement.Length > LongestStatement
            ? new InputFault("objection_statement", $"请填写异议内容（不超过{LongestStatement}字）", $"Say what the objection is, in at most {LongestStatement} characters.")
            : EvidenceFault();
    }

    private InputFault? EvidenceFault() => Evidence switch
    {
        { Count: > Notices.Evidence.Most } => new InputFault("evidence_count", $"证明材料最多{Notices.Evidence.Most}个文件", $"Send at most {Notices.Evidence.Most} files."),
        _ when Evidence.Any(e => e.Content.Length > Notices.Evidence.Largest) => new InputFault("evidence_size", $"每个证明材料不超过{Notices.Evidence.Largest >> 20}MB", $"A file may have at most {Notices.Evidence.Largest >> 20} MiB."),
        _ => Evidence.Select(e => e.Fault()).FirstOrDefault(fault => fault is not null),
    };

    // Only what surely can't be written to is refused; whether it exists, a message will tell.
    private static bool IsAddress(string text) => System.Net.Mail.MailAddress.TryCreate(text, out var address) && address.Address == text && address.Host.Contains('.', StringComparison.Ordinal);
}
