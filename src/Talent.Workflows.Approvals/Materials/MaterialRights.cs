using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers.Handlers;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>
/// The one rule of who may do what with a library, as SQL for what is read and for the statements that write: the person
/// themself, and the handlers of an employer for its own (R-CASE-4, R-EMP-3). The handlers of the employer where a person is
/// read that person's, because they file for them. A key's limits hold in the capacity that is used.
/// Parameters are named as the statement has them; organisations and roles that are null limit nothing.
/// </summary>
internal static class MaterialRights
{
    /// <summary>Upload, rename, rotate, delete.</summary>
    public static string Writes(string user, string kind, string id, string organisations, string roles) => $"""
        exists (select from approvals.users u where u.id = {user} and u.active and (
            {kind} = 'person' and {id} = u.id and ({roles}::text[] is null or 'applicant' = any({roles})) and ({organisations}::text[] is null or u.organisation_id = any({organisations}))
            or {kind} = 'employer' and {Handles(id, organisations, roles)}))
        """;

    /// <summary>List, search, fetch.</summary>
    public static string Reads(string user, string kind, string id, string organisations, string roles) => $"""
        ({Writes(user, kind, id, organisations, roles)}
            or {kind} = 'person' and exists (select from approvals.users u join approvals.users p on p.id = {id} where u.id = {user} and u.active and {Handles("p.organisation_id", organisations, roles)}))
        """;

    private static string Handles(string employer, string organisations, string roles) => HandlerRights.Handles("u.id", employer, organisations, roles);

    /// <exception cref="WorkflowException"><c>forbidden</c>: the library isn't the acting user's to use so.</exception>
    public static async Task RequireAsync(NpgsqlDataSource database, Caller caller, MaterialOwner owner, bool writes, CancellationToken cancellationToken)
    {
        var rule = writes ? Writes("$1", "$2", "$3", "$4", "$5") : Reads("$1", "$2", "$3", "$4", "$5");
        if ((await database.QueryAsync($"select {rule}", r => r.GetBoolean(0), cancellationToken, caller.RequireUser(), owner.Kind, owner.Id, caller.Organisations.OrNull(), caller.Roles.OrNull())) is not [true])
            throw Refusal(caller, owner);
    }

    public static WorkflowException Refusal(Caller caller, MaterialOwner owner) => new(ErrorCodes.Forbidden,
        $"The library of the {owner.Kind} '{owner.Id}' isn't '{caller.User}''s to use in this way: a person's is theirs, an employer's is its handlers', with a key for that organisation and role.",
        "您无权这样使用该附件库：个人附件由本人管理，单位附件由该单位经办人管理。");
}
