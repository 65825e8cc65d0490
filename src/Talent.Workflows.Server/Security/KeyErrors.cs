using Talent.Workflows.Engine;
using Talent.Workflows.Server.Security.Staff;

namespace Talent.Workflows.Server.Security;

/// <summary>Why a credential isn't accepted. None of the texts repeats what was sent.</summary>
internal static class KeyErrors
{
    public const string Unknown = "key_unknown";
    public const string Revoked = "key_revoked";
    public const string OutOfScope = "key_out_of_scope";
    public const string UserNotAllowed = "user_not_allowed";

    public static WorkflowException Missing() => new(ErrorCodes.Unauthorized,
        "This request needs a service key: send the header 'Authorization: ApiKey <key>' or 'Authorization: Bearer <key>'.", "此请求须提供服务密钥：请求头 Authorization: ApiKey <密钥>。");

    public static WorkflowException NotKnown() => new(Unknown, "This key is unknown. Check that it was copied whole.", "服务密钥无效，请检查是否完整复制。");

    public static WorkflowException WasRevoked(ServiceKey key) => new(Revoked, $"The key {key.Id} was revoked. Ask an administrator for a new one.", $"服务密钥 {key.Id} 已被撤销，请向管理员申请新密钥。")
    { Facts = new Dictionary<string, object?> { ["keyId"] = key.Id, ["revokedAt"] = key.RevokedAt } };

    public static WorkflowException HasExpired(ServiceKey key) => new(ErrorCodes.KeyExpired, $"The key {key.Id} expired at {key.ExpiresAt:O}. Ask an administrator for a new one.", $"服务密钥 {key.Id} 已过期，请向管理员申请新密钥。")
    { Facts = new Dictionary<string, object?> { ["keyId"] = key.Id, ["expiredAt"] = key.ExpiresAt } };

    public static WorkflowException Lacks(ServiceKey key, string scope) => new(OutOfScope, $"The key {key.Id} isn't for this: it lacks the scope '{scope}'.", $"服务密钥 {key.Id} 无此权限（{scope}）。")
    { Facts = new Dictionary<string, object?> { ["scope"] = scope } };

    public static WorkflowException Lacks(StaffMember member, string scope) => new(OutOfScope,
        $"The account {member.Id} ({member.Role}) may not do this. Ask an administrator for another role.", $"账号 {member.Id} 的角色无此权限，请联系系统管理员。")
    { Facts = new Dictionary<string, object?> { ["scope"] = scope } };

    public static WorkflowException NoSuchUser(string user) => new(ErrorCodes.UnknownUser, $"The acting user '{user}' (header Talent-User) is unknown or inactive.", $"操作用户“{user}”（请求头 Talent-User）不存在或已停用。");

    public static WorkflowException Limited(ServiceKey key, string scope) => new(ErrorCodes.Forbidden,
        $"The key {key.Id} is limited to certain services, organisations or roles, and '{scope}' reaches all of them. Use it under /cases, /tasks, /panels and /notices, or take an unlimited key.",
        $"服务密钥 {key.Id} 限定了事项、单位或角色，不能用于“{scope}”类接口。请使用业务接口，或改用不受限的密钥。");

    public static WorkflowException MayNotActFor(ServiceKey key, string user, string limit) => new(UserNotAllowed,
        $"The key {key.Id} may not act for '{user}': the user is outside the {limit} it is limited to.", $"服务密钥 {key.Id} 无权代表“{user}”办理：超出允许的{(limit == "roles" ? "角色" : "单位")}范围。")
    { Facts = new Dictionary<string, object?> { ["limit"] = limit } };
}
