using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>One member of the expert pool, by ids alone.</summary>
public sealed record Expert
{
    public required string Id { get; init; }

    /// <summary>Fields of expertise, by code.</summary>
    public required ImmutableArray<string> Fields { get; init; }

    public string? EmployerId { get; init; }

    /// <summary>Persons of whom kinship is declared.</summary>
    public ImmutableArray<string> KinIds { get; init; } = [];

    /// <summary>Persons with whom works were written or projects led.</summary>
    public ImmutableArray<string> CoAuthorIds { get; init; } = [];

    public bool Active { get; init; } = true;

    /// <summary>任期: first and last day in the pool; null: unlimited.</summary>
    public DateOnly? From { get; init; }

    public DateOnly? To { get; init; }

    /// <summary>How many panels the expert has sat on in the days that the rules look at.</summary>
    public int Load { get; init; }
}

/// <summary>Whom the panel is about, as far as recusal asks.</summary>
public sealed record PanelSubject
{
    public required string ApplicantId { get; init; }

    public string? EmployerId { get; init; }

    /// <summary>Experts of whom the applicant declared kinship; a declaration from either side counts.</summary>
    public ImmutableArray<string> KinIds { get; init; } = [];

    public ImmutableArray<string> CoAuthorIds { get; init; } = [];

    /// <summary>Where the applicant's co-authors, declared by either side, work now.</summary>
    public ImmutableArray<string> CoAuthorEmployerIds { get; init; } = [];

    /// <summary>The day of the draw in China, for terms; null: terms aren't looked at.</summary>
    public DateOnly? On { get; init; }

    /// <summary>Experts that must stand aside for another reason that was stated and accepted (自行回避、申请回避).</summary>
    public ImmutableArray<string> RecusedIds { get; init; } = [];
}

/// <summary>Why an expert can't sit on a panel.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RecusalReason>))]
public enum RecusalReason
{
    /// <summary>不在库: not active.</summary>
    [JsonStringEnumMemberName("inactive")]
    Inactive,

    /// <summary>本人</summary>
    [JsonStringEnumMemberName("is_applicant")]
    IsApplicant,

    /// <summary>同单位</summary>
    [JsonStringEnumMemberName("same_employer")]
    SameEmployer,

    /// <summary>亲属关系</summary>
    [JsonStringEnumMemberName("kin")]
    Kin,

    /// <summary>合作关系</summary>
    [JsonStringEnumMemberName("co_author")]
    CoAuthor,

    /// <summary>与申报人的合作者同单位</summary>
    [JsonStringEnumMemberName("co_author_employer")]
    CoAuthorEmployer,

    /// <summary>不在任期内</summary>
    [JsonStringEnumMemberName("out_of_term")]
    OutOfTerm,

    /// <summary>近期参加评审已达上限</summary>
    [JsonStringEnumMemberName("overloaded")]
    Overloaded,

    /// <summary>申报回避: declared, or challenged and upheld.</summary>
    [JsonStringEnumMemberName("declared")]
    Declared,
}

public static class Recusal
{
    /// <summary>The reason's word.</summary>
    public static string Zh(RecusalReason reason) => reason switch
    {
        RecusalReason.Inactive => "不在库",
        RecusalReason.IsApplicant => "申报人本人",
        RecusalReason.SameEmployer => "与申报人同单位",
        RecusalReason.Kin => "亲属关系",
        RecusalReason.CoAuthor => "合作关系",
        RecusalReason.CoAuthorEmployer => "与申报人的合作者同单位",
        RecusalReason.OutOfTerm => "不在任期内",
        RecusalReason.Overloaded => "近期参加评审已达上限",
        _ => "申请回避",
    };

    /// <summary>Every reason that applies; none: may sit.</summary>
    /// <remarks>Source: R-PAN-1.</remarks>
    public static ImmutableArray<RecusalReason> Reasons(Expert expert, PanelSubject subject, PanelRules? rules = null)
    {
        var reasons = ImmutableArray.CreateBuilder<RecusalReason>();
        Add(!expert.Active, RecusalReason.Inactive);
        Add(expert.Id == subject.ApplicantId, RecusalReason.IsApplicant);
        Add(expert.EmployerId is not null && expert.EmployerId == subject.EmployerId, RecusalReason.SameEmployer);
        Add(expert.KinIds.Contains(subject.ApplicantId) || subject.KinIds.Contains(expert.Id), RecusalReason.Kin);
        Add(expert.CoAuthorIds.Contains(subject.ApplicantId) || subject.CoAuthorIds.Contains(expert.Id), RecusalReason.CoAuthor);
        Add(expert.EmployerId is not null && subject.CoAuthorEmployerIds.Contains(expert.EmployerId), RecusalReason.CoAuthorEmployer);
        Add(subject.On < expert.From || subject.On > expert.To, RecusalReason.OutOfTerm);
        Add(expert.Load >= rules?.MaxLoad, RecusalReason.Overloaded);
        Add(subject.RecusedIds.Contains(expert.Id), RecusalReason.Declared);
        return reasons.ToImmutable();

        void Add(bool applies, RecusalReason reason)
        {
            if (applies)
            {
                reasons.Add(reason);
            }
        }
    }
}
