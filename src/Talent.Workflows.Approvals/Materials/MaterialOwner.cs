using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Materials;

/// <summary>Whose library a material is in: a person's or an employer's.</summary>
/// <param name="Kind"><c>person</c> or <c>employer</c>.</param>
/// <param name="Id">The id of the user or of the organisation.</param>
public sealed record MaterialOwner(string Kind, string Id)
{
    public const string Person = "person";
    public const string Employer = "employer";

    /// <summary>What a request names: at most one; none means the acting user's own library.</summary>
    /// <exception cref="WorkflowException"><c>invalid_request</c>: both are named, or one is no id.</exception>
    public static MaterialOwner Of(string? person, string? employer, string user) => (person, employer) switch
    {
        (null, null) => new(Person, user),
        ({ Length: > 0 and <= 100 }, null) => new(Person, person!),
        (null, { Length: > 0 and <= 100 }) => new(Employer, employer!),
        _ => throw new WorkflowException(ErrorCodes.InvalidRequest, "Name one library: 'person' or 'employer', by its id; neither for your own.", "请指定一个附件库：个人（person）或单位（employer），都不填表示本人。"),
    };
}
