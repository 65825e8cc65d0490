namespace Talent.Workflows.Approvals.People.RealName;

/// <summary>Where a verification of name and identity number stands (实名认证).</summary>
public sealed record VerificationState(string Code, string Zh, string En)
{
    /// <summary>暂不认证: nobody has asked for it.</summary>
    public static VerificationState Unverified { get; } = new("unverified", "未认证。可随时办理实名认证，也可暂不认证。", "Not verified. It can be done at any time, or left for later.");

    public static VerificationState Pending { get; } = new("pending", "正在核验，请稍候。核验机构暂不可用时自动等待，恢复后继续，无须重新提交。", "Being verified. While the office is out of reach it waits and goes on by itself.");

    public static VerificationState Verified { get; } = new("verified", "认证成功", "Verified");

    public static VerificationState Mismatch { get; } = new("mismatch", "姓名与身份证号码不匹配，请核对后重新交验。", "Name and identity number don't belong together. Check them and try again.");

    /// <summary>The number is verified at another account.</summary>
    public static VerificationState BoundToAnother { get; } = new("bound_to_another", "该身份证号码已被其他账号认证。您可以换绑，或提出人工申诉。", "This identity number is verified at another account. Take it over from there, or appeal.");

    /// <summary>Name or number were changed before the answer came: nothing was bound.</summary>
    public static VerificationState Changed { get; } = new("changed", "核验期间姓名或身份证号码已变更，本次核验作废，请重新认证。", "Name or number were changed while they were verified, so that nothing was bound. Verify again.");

    /// <summary>The office doesn't take the question; an operator can have it asked again.</summary>
    public static VerificationState Refused { get; } = new("refused", "核验机构未受理本次核验，请联系咨询电话，或稍后重新认证。", "The office didn't take the question. Ask the hotline, or verify again later.");

    /// <summary>The account had it until another took it over.</summary>
    public static VerificationState Released { get; } = new("released", "本账号的实名认证已解除，该身份证号码已由其他账号认证。如有异议，请重新认证后换绑或申诉。", "This account's verification was taken over by another account. To contest that, verify again and take it back, or appeal.");

    /// <summary>What rows have.</summary>
    internal static VerificationState Of(string code) => All.First(s => s.Code == code);

    private static IReadOnlyList<VerificationState> All { get; } = [Unverified, Pending, Verified, Mismatch, BoundToAnother, Changed, Refused, Released];
}
