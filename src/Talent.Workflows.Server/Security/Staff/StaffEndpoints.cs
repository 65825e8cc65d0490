using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Server.Api;

namespace Talent.Workflows.Server.Security.Staff;

/// <summary>Accounts for Studio: for keys and members of staff that may administer.</summary>
internal static partial class StaffEndpoints
{
    private const string List = "staff";

    public static IEndpointRouteBuilder MapStaff(this IEndpointRouteBuilder api)
    {
        var staff = api.MapGroup("/staff").WithTags("staff").WithMetadata(new RequiredScope(Scopes.Admin), new StaffAllowed());
        staff.MapGet("/", ListAsync).WithSummary("管理账号列表 List the accounts for Studio").Produces<Page<StaffMember>>();
        staff.MapPost("/", AddAsync).WithSummary("新建管理账号 Add an account").Produces<StaffMember>(StatusCodes.Status201Created)
            .WithExample("""{"id":"wang.fang","name":"王芳","role":"designer","password":"请换成自己的长口令 1949"}""");
        staff.MapGet("/{id}", ReadAsync).WithSummary("管理账号 An account").Produces<StaffMember>();
        staff.MapPatch("/{id}", ChangeAsync).WithSummary("修改姓名、角色、口令或停用 Change name, role or password, or disable").Produces<StaffMember>()
            .WithExample("""{"role":"operator","disabled":false}""");
        return api;
    }

    private static async Task<Page<StaffMember>> ListAsync(string? cursor, int? limit, StaffStore store, Cursors cursors, CancellationToken cancellationToken)
    {
        var size = PageSize.Of(limit);
        var members = await store.ListAsync(cursors.Read(List, cursor) ?? "", size, cancellationToken);
        return new Page<StaffMember>(members, cursors.Write(List, members.Count == size ? members[^1].Id : null));
    }

    private static async Task<StaffMember> ReadAsync(string id, StaffStore store, CancellationToken cancellationToken) =>
        await store.FindAsync(id, cancellationToken) ?? throw NoMember(id);

    private static async Task<IResult> AddAsync(NewMember body, Caller caller, StaffStore store, CancellationToken cancellationToken)
    {
        Check(body.Id, body.Name, body.Role, body.Password);
        if (!await store.AddAsync(body.Id, body.Name.Trim(), body.Role, body.Password, caller.Credential, cancellationToken))
            throw new WorkflowException(ErrorCodes.Conflict, $"The id '{body.Id}' is taken. Choose another one.", $"账号“{body.Id}”已存在，请换一个。");
        return TypedResults.Created($"/api/v1/staff/{body.Id}", await store.FindAsync(body.Id, cancellationToken));
    }

    private static async Task<StaffMember> ChangeAsync(string id, MemberChange body, Caller caller, StaffStore store, CancellationToken cancellationToken)
    {
        Check(null, body.Name, body.Role, body.Password);
        if (!await store.ChangeAsync(id, body.Name?.Trim(), body.Role, body.Password, body.Disabled, caller.Credential, cancellationToken))
        {
            _ = await store.FindAsync(id, cancellationToken) ?? throw NoMember(id);
            throw new WorkflowException(ErrorCodes.Conflict, $"'{id}' is the last account that can administer. Make another administrator first.", "这是最后一个管理员账号，请先设置另一个管理员。");
        }
        return await store.FindAsync(id, cancellationToken) ?? throw NoMember(id);
    }

    private static void Check(string? id, string? name, string? role, string? password)
    {
        List<ProblemError> errors = [];
        void Want(bool holds, string path, string zh, string en)
        {
            if (!holds)
                errors.Add(new ProblemError(path, "invalid_value", zh, en));
        }
        Want(id is null || Id().IsMatch(id), "$.id", "须为 2 至 50 个小写字母、数字、点、短横或下划线，以字母开头", "2 to 50 lower-case letters, digits, dots, dashes or underscores, a letter first");
        Want(name is null || name.Trim().Length is > 0 and <= 100, "$.name", "须为 1 至 100 个字符", "1 to 100 characters");
        Want(role is null || StaffRoles.All.Contains(role), "$.role", $"须为：{string.Join("、", StaffRoles.All)}", $"one of {string.Join(", ", StaffRoles.All)}");
        Want(password is null || Passwords.IsStrong(password), "$.password", Passwords.RuleZh, Passwords.Rule);
        if (errors.Count > 0)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "The account can't be as described; see errors.", "账号内容有误，见 errors。") { Facts = new Dictionary<string, object?> { ["errors"] = errors } };
    }

    private static WorkflowException NoMember(string id) => new(ErrorCodes.NotFound, $"There is no account '{id}'. Check the id.", "账号不存在。");

    [GeneratedRegex("^[a-z][a-z0-9._-]{1,49}$")]
    private static partial Regex Id();

    internal sealed record NewMember(string Id, string Name, string Role, string Password);

    internal sealed record MemberChange(string? Name = null, string? Role = null, string? Password = null, bool? Disabled = null);
}
