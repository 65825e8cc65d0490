using Microsoft.AspNetCore.Http;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Approvals.People;

/// <summary>
/// Who sends a request: the service key that was checked and the user it acts for (R-ACC-3). The host has verified both
/// before an endpoint runs: the key is valid, the user exists, is active, and is within what the key may act for.
/// What that user may do with a certain case or task is the domain's question.
/// </summary>
/// <param name="Credential">Id of the credential, such as <c>key:k7m2…</c>; never its secret.</param>
/// <param name="User">Id of the acting user; null when the request names none.</param>
/// <param name="Scopes">What the credential may be used for.</param>
/// <param name="Services">Services it is limited to; null: all.</param>
/// <param name="Organisations">Organisations whose people it may act for; null: all.</param>
/// <param name="Roles">Roles it may act in; null: all.</param>
public sealed record Caller(
    string Credential,
    string? User,
    IReadOnlySet<string> Scopes,
    IReadOnlySet<string>? Services,
    IReadOnlySet<string>? Organisations,
    IReadOnlySet<string>? Roles)
{
    /// <summary>The same in the words of the runtime.</summary>
    public Actor Actor => new(Credential, User);

    /// <summary>Whether the credential may touch cases of this service.</summary>
    public bool MayServe(string service) => Services is null || Services.Contains(service);

    /// <summary>Whether the credential may act for people in this organisation; null: for those without one, which takes a credential that isn't limited to any.</summary>
    public bool MayActFor(string? organisation) => Organisations is null || organisation is not null && Organisations.Contains(organisation);

    /// <summary>Whether the credential may act in this role.</summary>
    public bool MayActAs(string role) => Roles is null || Roles.Contains(role);

    /// <summary>Whether the credential administers the installation.</summary>
    public bool IsAdministrator => Scopes.Contains("admin");

    /// <summary>The administrator who acts, by name: what they do stands in a case's history.</summary>
    /// <exception cref="WorkflowException"><c>forbidden</c>: the credential isn't an administrator's; <c>invalid_request</c>: the request names nobody.</exception>
    public string RequireAdministrator() => IsAdministrator && Services is null && Organisations is null && Roles is null ? RequireUser() : throw new WorkflowException(
        ErrorCodes.Forbidden, "Only an administrator may do this: use an unlimited key with the scopes 'admin' and 'cases'.", "只有管理员可以进行此操作，须使用具有 admin 和 cases 权限且不限范围的密钥。");

    /// <summary>The acting user, where one is needed.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: the request names none.</exception>
    public string RequireUser() => User ?? throw new WorkflowException(
        ErrorCodes.InvalidRequest, "This request needs an acting user. Name one in the header Talent-User.", "此请求须指明经办人，请在请求头 Talent-User 中填写用户编号。");

    /// <exception cref="WorkflowException"><c>forbidden</c>: the credential isn't for this service.</exception>
    public void RequireService(string service)
    {
        if (!MayServe(service))
            throw new WorkflowException(ErrorCodes.Forbidden, $"This key may not be used for the service '{service}'.", $"此密钥无权办理事项“{service}”。");
    }

    /// <summary>For minimal APIs: the caller that the host has put into the request.</summary>
    /// <exception cref="WorkflowException"><c>unauthorized</c>: nobody has signed in.</exception>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => new(From(context));

    /// <inheritdoc cref="BindAsync"/>
    public static Caller From(HttpContext context) => context.Features.Get<Caller>() ?? throw new WorkflowException(
        ErrorCodes.Unauthorized, "Sign in with the header 'Authorization: ApiKey <key>'.", "请在请求头 Authorization 中提供服务密钥：ApiKey <密钥>。");
}

/// <summary>Whether the caller's credential still holds, asked anew: for a request that takes long. The host puts it into requests whose endpoint has a <see cref="StreamedBody"/>.</summary>
/// <param name="Ask">Throws when it doesn't.</param>
public sealed record CallerRecheck(Func<CancellationToken, Task> Ask);
