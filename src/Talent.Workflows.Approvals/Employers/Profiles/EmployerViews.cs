using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.People.Profiles;

namespace Talent.Workflows.Approvals.Employers.Profiles;

/// <summary>单位信息展示: an employer with its whole profile, as for a preview; numbers and addresses masked.</summary>
public sealed record EmployerView
{
    public required string Id { get; init; }

    /// <summary>Goes up with every change of the profile, 0 before the first; as an entity tag it is what <c>If-Match</c> takes.</summary>
    public required long Version { get; init; }
    public required string NameZh { get; init; }
    public required string NameEn { get; init; }

    /// <summary>统一社会信用代码; null: not known yet.</summary>
    public string? Uscc { get; init; }
    public required string Region { get; init; }

    /// <summary>归口单位; null: none yet.</summary>
    public string? ResponsibleUnit { get; init; }
    public required bool Active { get; init; }

    /// <summary>业务经办人: who handles its matters now.</summary>
    public required IReadOnlyList<HandlerView> Handlers { get; init; }
    public required IReadOnlyList<ProfileStepView> Steps { get; init; }

    /// <summary>电子附件: what its library has to hold by what the profile says.</summary>
    public required IReadOnlyList<EmployerMaterialView> Materials { get; init; }

    /// <summary>Steps that are complete; the materials are one of them.</summary>
    public required ProgressView Progress { get; init; }

    /// <summary>What is missing or wrong; empty: complete.</summary>
    public required IReadOnlyList<ProfileGap> Gaps { get; init; }

    /// <summary>Null: never submitted, or changed since.</summary>
    public DateTimeOffset? SubmittedAt { get; init; }

    /// <summary>Null: nothing was saved yet.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <inheritdoc cref="CreatedAt"/>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>What the acting user can do now.</summary>
    public required IReadOnlyList<NextAction> NextActions { get; init; }
}

/// <summary>Who handles an employer's matters; numbers and addresses masked.</summary>
public sealed record HandlerView(string UserId, string Name, string? Phone, string? Email);

/// <summary>One material that the profile asks for.</summary>
/// <param name="MaterialId">The file that counts; null: none.</param>
public sealed record EmployerMaterialView(string Key, string Zh, string En, bool Required, EmployerMaterialState State, Guid? MaterialId, string? NoteZh, string? NoteEn);
