using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Approvals.Employers.Directory;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Employers;

/// <summary>
/// Organisations, users and their roles one by one (R-ADM-3): what a file of the directory may say, by the same checks, written
/// and noted as an import of it is. Cases under way keep their organisations; tasks in hand are given on by a handover.
/// </summary>
public sealed class DirectoryCommands(NpgsqlDataSource database, DirectoryImport import)
{
    private const int LongestName = 100;

    /// <summary>Adds an organisation, or makes it what is given.</summary>
    /// <param name="ifVersion">Only when it is of this version; 0: only when there is none yet.</param>
    /// <returns>Whether it is new.</returns>
    /// <exception cref="WorkflowException"><c>forbidden</c>: not an administrator; <c>invalid_request</c> with the errors; <c>precondition_failed</c>.</exception>
    public Task<bool> PutOrganisationAsync(Caller caller, string id, OrganisationInput input, long? ifVersion, CancellationToken cancellationToken) => ChangeAsync(caller, async (connection, _) =>
    {
        var all = (await connection.QueryAsync(DirectoryLists.Organisations, DirectoryLists.Organisation, cancellationToken)).ToDictionary(o => o.Id, StringComparer.Ordinal);
        var before = all.GetValueOrDefault(id);
        RequireVersion(ifVersion, before?.Version);
        List<ProblemError> errors = [.. Named(input.NameZh, "$.nameZh"), .. Named(input.NameEn, "$.nameEn")];
        if (Kind(input.Kind) is not { } kind)
            errors.Add(new("$.kind", "invalid_value", "须为 bureau、responsibleUnit 或 employer", "one of bureau, responsibleUnit, employer"));
        if (input.Uscc is { } code && (!UnifiedSocialCreditCode.TryParse(code, out var parsed, out InputFault? _) || parsed.Value != code))
            errors.Add(new("$.uscc", "invalid_value", "统一社会信用代码有误，请核对 18 位代码", "not a 统一社会信用代码: check its 18 characters"));
        Refuse(errors);
        all[id] = new OrganisationView(id, input.Kind, input.NameZh.Trim(), input.NameEn.Trim(), input.Parent, input.Region, input.Uscc, input.Active ?? before?.Active ?? true, input.ResponsibleUnit, 0);
        var definition = new DirectoryDefinition { Organisations = Definition(all.Values), Users = [] };
        Check(definition, $"organisations[{id}]");
        var changed = definition.Organisations.Single(o => o.Id == id) with { Active = input.Active };
        // The unit is written with it as it is, for the employer alone.
        var unit = input.ResponsibleUnit is { } responsible ? definition.Organisations.Where(o => o.Id == responsible).Select(o => o with { ResponsibleFor = [id], Active = null }) : [];
        return (definition with { Organisations = [changed with { ResponsibleFor = [] }, .. unit] }, before is null);
    }, cancellationToken);

    /// <summary>Adds a user, or makes them what is given, with exactly the roles given.</summary>
    /// <param name="ifVersion">Only when they are of this version; 0: only when there is none yet.</param>
    /// <returns>Whether they are new.</returns>
    /// <exception cref="WorkflowException"><c>forbidden</c>: not an administrator; <c>invalid_request</c> with the errors; <c>precondition_failed</c>.</exception>
    public Task<bool> PutUserAsync(Caller caller, string id, UserInput input, long? ifVersion, CancellationToken cancellationToken) => ChangeAsync(caller, async (connection, ring) =>
    {
        var known = await connection.QueryAsync($"{DirectoryLists.Users} where u.id = $1", DirectoryLists.Read, cancellationToken, id);
        RequireVersion(ifVersion, known is [var found] ? found.View.Version : null);
        var before = known is [var one] ? one.Contacts.Open(ring) : default;
        List<ProblemError> errors = [.. Named(input.Name, "$.name")];
        var (phone, email) = (input.Phone ?? before.Phone, input.Email ?? before.Email);
        if (phone is null)
            errors.Add(new("$.phone", "required", "请填写手机号码", "give a phone"));
        if (email is null)
            errors.Add(new("$.email", "required", "请填写电子邮箱", "give an e-mail address"));
        Refuse(errors);
        var own = input.Roles.Where(r => r.Organisation == input.Organisation).Select(r => r.Role).ToList();
        var user = new DirectoryUser
        {
            Id = id, Name = input.Name.Trim(), Organisation = input.Organisation, Roles = own, Phone = phone!, Email = email!, Fields = input.Fields, TermFrom = input.TermFrom, TermTo = input.TermTo,
            Active = input.Active, RolesElsewhere = [.. input.Roles.Where(r => r.Organisation != input.Organisation).Select(r => new RoleElsewhere(r.Role, r.Organisation))],
        };
        var organisations = await connection.QueryAsync($"{DirectoryLists.Organisations} where o.id = any($1)", DirectoryLists.Organisation, cancellationToken,
            (object)input.Roles.Select(r => r.Organisation).Append(input.Organisation).Distinct(StringComparer.Ordinal).ToArray());
        Check(new DirectoryDefinition { Organisations = Definition(organisations), Users = [user] }, $"users[{id}]");
        return (new DirectoryDefinition { Organisations = [], Users = [user] }, known.Count == 0);
    }, cancellationToken);

    private async Task<bool> ChangeAsync(Caller caller, Func<NpgsqlConnection, KeyRing, Task<(DirectoryDefinition Directory, bool IsNew)>> change, CancellationToken cancellationToken)
    {
        caller.RequireAdministrator();
        var seal = await import.SealAsync(cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.QueryAsync(DirectoryImport.Lock, _ => 0, cancellationToken);
        var (directory, isNew) = await change(connection, seal.Ring);
        await import.WriteAsync(connection, directory, seal, caller.Actor, fromFile: false, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return isNew;
    }

    private static void RequireVersion(long? asked, long? current)
    {
        if (asked is { } version && version != (current ?? 0))
            throw new WorkflowException(ErrorCodes.PreconditionFailed, $"The directory has version {current?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"} of it, not {version}. Read it again and decide anew.", "内容已被他人修改，请重新读取后再改。");
    }

    private static IEnumerable<ProblemError> Named(string name, string path) => name.Trim() is { Length: > 0 and <= LongestName } && !name.Contains('\0') ? []
        : [new(path, "invalid_value", $"须为 1 至 {LongestName} 个字符", $"1 to {LongestName} characters")];

    private static void Check(DirectoryDefinition directory, string subject) =>
        Refuse([.. DirectoryChecks.Errors(directory, "").Where(e => e.Path == subject).Select(e => new ProblemError("$", "invalid_value", e.Message, e.Message))]);

    private static void Refuse(List<ProblemError> errors)
    {
        if (errors.Count > 0)
            throw new WorkflowException(ErrorCodes.InvalidRequest, "The directory can't hold this; see errors.", "内容有误，无法保存，见 errors。") { Facts = new Dictionary<string, object?> { ["errors"] = errors } };
    }

    private static IReadOnlyList<Organisation> Definition(IReadOnlyCollection<OrganisationView> organisations)
    {
        var employers = organisations.Where(o => o.ResponsibleUnit is not null).ToLookup(o => o.ResponsibleUnit!, o => o.Id, StringComparer.Ordinal);
        return [.. organisations.Select(o => new Organisation
        {
            Id = o.Id, Kind = Kind(o.Kind) ?? OrganisationKind.Employer, NameZh = o.NameZh, NameEn = o.NameEn, Parent = o.Parent, Region = o.Region, Uscc = o.Uscc, ResponsibleFor = [.. employers[o.Id]],
        })];
    }

    private static OrganisationKind? Kind(string word) => word switch
    {
        "bureau" => OrganisationKind.Bureau,
        "responsibleUnit" => OrganisationKind.ResponsibleUnit,
        "employer" => OrganisationKind.Employer,
        _ => null,
    };
}
