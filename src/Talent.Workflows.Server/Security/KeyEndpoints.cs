using System.Collections.Frozen;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Server.Api;

namespace Talent.Workflows.Server.Security;

/// <summary>Service keys: make, list, revoke. Scope <c>admin</c>.</summary>
internal static class KeyEndpoints
{
    public static IEndpointRouteBuilder MapKeys(this IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("/keys").WithTags("keys").WithMetadata(new RequiredScope(Scopes.Admin));
        keys.MapPost("/", CreateAsync).WithSummary("新建服务密钥（仅此一次显示） Make a key; it is shown only here").Produces<NewKey>(StatusCodes.Status201Created)
            .WithMetadata(new IdempotencyKeyRefused("a key is shown once and never stored, so a repeated request can't be answered with it.", "密钥仅显示一次且不保存，无法在重试时再次返回。"))
            .WithExample("""{"name":"employer portal","scopes":["cases"],"organisations":["emp-metro"],"roles":["employer.reviewer"],"expiresAt":"2027-12-31T16:00:00Z"}""");
        keys.MapGet("/", ListAsync).WithSummary("服务密钥列表 List keys").Produces<Page<KeyView>>();
        keys.MapGet("/{id}", ReadAsync).WithSummary("查看服务密钥 Read a key's description").Produces<KeyView>();
        keys.MapPost("/{id}/revoke", RevokeAsync).WithSummary("撤销服务密钥 Revoke a key").Produces<KeyView>();
        return api;
    }

    private static async Task<IResult> CreateAsync(KeyBody body, Caller caller, KeyStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        Check(body, time.GetUtcNow());
        var (id, text) = ServiceKey.Generate();
        var key = new ServiceKey
        {
            Id = id,
            Name = body.Name.Trim(),
            Hash = ServiceKey.HashOf(text),
            Scopes = body.Scopes.ToFrozenSet(StringComparer.Ordinal),
            Services = body.Services?.ToFrozenSet(StringComparer.Ordinal),
            Organisations = body.Organisations?.ToFrozenSet(StringComparer.Ordinal),
            Roles = body.Roles?.ToFrozenSet(StringComparer.Ordinal),
            CreatedAt = time.GetUtcNow(),
            CreatedBy = caller.Credential,
            ExpiresAt = body.ExpiresAt?.ToUniversalTime(),
        };
        await store.WriteAsync(key, replace: false, cancellationToken);
        return TypedResults.Created($"/api/v1/keys/{id}", new NewKey(text, KeyView.Of(key)));
    }

    private static async Task<Page<KeyView>> ListAsync(string? cursor, int? limit, KeyStore store, Cursors cursors, CancellationToken cancellationToken)
    {
        const string list = "keys";
        var size = PageSize.Of(limit);
        var keys = await store.ListAsync(cursors.Read(list, cursor) ?? "", size, cancellationToken);
        return new Page<KeyView>(keys.ConvertAll(KeyView.Of), cursors.Write(list, keys.Count == size ? keys[^1].Id : null));
    }

    private static async Task<KeyView> ReadAsync(string id, KeyStore store, CancellationToken cancellationToken) =>
        KeyView.Of(await store.FindAsync(id, cancellationToken) ?? throw NoKey(id));

    private static async Task<KeyView> RevokeAsync(string id, Caller caller, KeyStore store, KeyVerifier verifier, TimeProvider time, CancellationToken cancellationToken)
    {
        var changed = await store.RevokeAsync(id, time.GetUtcNow(), caller.Credential, cancellationToken);
        verifier.Forget(id);
        var key = await store.FindAsync(id, cancellationToken) ?? throw NoKey(id);
        return changed || key.RevokedAt is not null ? KeyView.Of(key) : throw new WorkflowException(ErrorCodes.Conflict,
            $"The key {id} is the last one that can administer this installation. Make another one first.", "这是最后一个管理密钥，请先新建一个再撤销。");
    }

    private static void Check(KeyBody body, DateTimeOffset now)
    {
        List<ProblemError> errors = [];
        void Want(bool holds, string path, string zh, string en)
        {
            if (!holds)
                errors.Add(new ProblemError(path, "invalid_value", zh, en));
        }
        Want(body.Name.Trim().Length is > 0 and <= 100, "$.name", "须为 1 至 100 个字符", "1 to 100 characters");
        Want(body.Scopes.Count > 0 && body.Scopes.All(Scopes.All.Contains), "$.scopes", $"须为以下之一或多个：{string.Join("、", Scopes.All.Order(StringComparer.Ordinal))}", $"one or more of {string.Join(", ", Scopes.All.Order(StringComparer.Ordinal))}");
        Want(body.Services is null && body.Organisations is null && body.Roles is null || body.Scopes.All(s => s is Scopes.Cases or Scopes.Cases + ":read"), "$.scopes",
            "限定了事项、单位或角色的密钥只能用于 cases：其他范围涉及全部事项", "a key with services, organisations or roles is for 'cases' only: the other scopes reach everything");
        Want(body.ExpiresAt is null || body.ExpiresAt > now, "$.expiresAt", "须晚于当前时间", "in the future");
        foreach (var (name, values) in new[] { ("services", body.Services), ("organisations", body.Organisations), ("roles", body.Roles) })
            Want(values is null || (values.Count is > 0 and <= 1000 && values.All(v => v.Length is > 0 and <= 100)), $"$.{name}", "省略表示不限；否则至少一项", "left out: not limited; else at least one");
        if (errors.Count > 0)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "The key can't be made as described; see errors.", "密钥内容有误，见 errors。") { Facts = new Dictionary<string, object?> { ["errors"] = errors } };
    }

    private static WorkflowException NoKey(string id) => new(ErrorCodes.NotFound, $"There is no key '{id}'. Check the id.", "密钥不存在。");

    internal sealed record KeyBody(string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string>? Services = null, IReadOnlyList<string>? Organisations = null,
        IReadOnlyList<string>? Roles = null, DateTimeOffset? ExpiresAt = null);

    internal sealed record NewKey(string Key, KeyView Description);

    internal sealed record KeyView(string Id, string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string>? Services, IReadOnlyList<string>? Organisations, IReadOnlyList<string>? Roles,
        DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, string? RevokedBy)
    {
        public static KeyView Of(ServiceKey key) => new(key.Id, key.Name, Sorted(key.Scopes)!, Sorted(key.Services), Sorted(key.Organisations), Sorted(key.Roles),
            key.CreatedAt, key.CreatedBy, key.ExpiresAt, key.RevokedAt, key.RevokedBy);

        private static string[]? Sorted(IReadOnlySet<string>? values) => values?.Order(StringComparer.Ordinal).ToArray();
    }
}
