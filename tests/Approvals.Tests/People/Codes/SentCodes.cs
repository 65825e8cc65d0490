using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Codes;
using Talent.Workflows.Approvals.Tests.Cases;

namespace Talent.Workflows.Approvals.Tests.People.Codes;

/// <summary>Codes that a desk's node has sent.</summary>
internal static class SentCodes
{
    /// <summary>A code that was sent to a number, against a challenge whose image shows <see cref="CodeDesk.Answer"/> as far as the database knows.</summary>
    /// <param name="after">How long to wait first: a number gets one code a minute.</param>
    public static async Task<(Guid Id, string Code)> SentCode(this CaseDesk desk, string number, CodePurpose purpose, TimeSpan after = default)
    {
        desk.Time.SetTo(desk.Time.GetUtcNow() + after);
        var codes = desk.Get<VerificationCodes>();
        var challenge = (await codes.ChallengeAsync(null, default)).Id;
        await desk.Execute($"update approvals.code_challenges set answer = '\\x{Convert.ToHexString(desk.Get<CodeKey>().Answer(challenge, CodeDesk.Answer))}' where id = '{challenge}'");
        Assert.True(PhoneNumber.TryParse(number, out var phone, out _));
        var issued = await codes.IssueAsync(challenge, CodeDesk.Answer, phone, purpose, "zh-CN", null, default);
        await desk.Deliver();
        return (issued.Id, desk.Sent.Last(m => m.To == number).Params["code"]);
    }
}
