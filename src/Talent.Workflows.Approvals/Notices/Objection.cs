using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>What someone has to say against a notice (异议). Anyone may, but not without a way to reach them.</summary>
/// <remarks>Source: R-NOT-1.</remarks>
public sealed record Objection
{
    /// <summary>In characters.</summary>
    public const int LongestStatement = 5000;

    public required string ContactName { get; init; }

    public string? Phone { get; init; }

    public string? Email { get; init; }

    public required string Statement { get; init; }

    /// <returns>Null: may be taken in. Codes: <c>notice_not_open</c>, <c>objection_name</c>, <c>objection_contact</c>, <c>phone_format</c>, <c>email_format</c>, <c>objection_statement</c>.</returns>
    public InputFault? Check(PublicNotice notice, DateTimeOffset now)
    {
        if (!notice.IsOpen(now))
        {
            return new InputFault("notice_not_open", "公示期未开始或已结束，不再受理异议", "The notice isn't open: objections are taken while it is.");
        }

        if (string.IsNullOrWhiteSpace(ContactName))
        {
            return new InputFault("objection_name", "请填写联系人姓名", "Give a name.");
        }

        var (phone, email) = (!string.IsNullOrWhiteSpace(Phone), !string.IsNullOrWhiteSpace(Email));
        if (!phone && !email)
        {
            return new InputFault("objection_contact", "请至少填写一种联系方式（手机号码或电子邮箱）", "Give a mobile number or an e-mail address.");
        }

        if (phone && !PhoneNumber.TryParse(Phone, out _, out var fault))
        {
            return fault;
        }

        if (email && !IsAddress(Email!.Trim()))
        {
            return new InputFault("email_format", "电子邮箱格式不正确", "This isn't an e-mail address.");
        }

        return string.IsNullOrWhiteSpace(Statement) || Statement.Length > LongestStatement
            ? new InputFault("objection_statement", $"请填写异议内容（不超过{LongestStatement}字）", $"Say what the objection is, in at most {LongestStatement} characters.")
            : null;
    }

    // Only what surely can't be written to is refused; whether it exists, a message will tell.
    private static bool IsAddress(string text) => System.Net.Mail.MailAddress.TryCreate(text, out var address) && address.Address == text && address.Host.Contains('.', StringComparison.Ordinal);
}
