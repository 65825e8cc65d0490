using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.People.Codes;

/// <summary>What a verification code is for: one that was sent for one purpose passes for no other. As JSON: its code.</summary>
/// <remarks>Source: R-ACC-1.</remarks>
public sealed record CodePurpose(string Code, string Zh, string En)
{
    /// <summary>注册</summary>
    public static CodePurpose Register { get; } = new("register", "注册账号", "registering");

    /// <summary>登录</summary>
    public static CodePurpose Login { get; } = new("login", "登录", "signing in");

    /// <summary>更换手机号</summary>
    public static CodePurpose PhoneChange { get; } = new("phone-change", "更换手机号", "changing your phone");

    /// <summary>换绑: goes to the telephone of the account that holds an identity, which nobody names.</summary>
    public static CodePurpose Rebinding { get; } = new("rebinding", "实名认证换绑", "taking over a verified identity");

    /// <summary>Those that anybody asks for, by telephone.</summary>
    public static IReadOnlyList<CodePurpose> All { get; } = [Register, Login, PhoneChange];

    /// <summary>Of a code that was sent.</summary>
    internal static CodePurpose Sent(string code) => code == Rebinding.Code ? Rebinding : Of(code);

    /// <exception cref="WorkflowException"><c>invalid_request</c>: there is none of this code.</exception>
    public static CodePurpose Of(string? code) => All.FirstOrDefault(p => p.Code == code) ?? throw new WorkflowException(
        ErrorCodes.InvalidRequest, $"The purpose is one of {string.Join(", ", All.Select(p => p.Code))}.", $"用途须为 {string.Join("、", All.Select(p => p.Code))} 之一。")
    { Facts = new Dictionary<string, object?> { ["errors"] = new[] { new ProblemError("$.purpose", "invalid_value", "用途无效", "not a purpose") } } };
}
