using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.People.Faces;

/// <summary>What a face is verified for: a result counts for nothing else.</summary>
public static class FacePurposes
{
    /// <summary>查询政府共享数据 before the eligibility of somebody is looked up.</summary>
    public const string LookUp = "look-up";

    /// <summary>换绑</summary>
    public const string Rebinding = "rebinding";

    public static readonly IReadOnlyList<string> All = [LookUp, Rebinding];
}

/// <summary>Has the face of the acting user verified.</summary>
/// <param name="Purpose">One of <see cref="FacePurposes"/>; <c>look-up</c> when it is left out.</param>
public sealed record NewFaceCheck(string? Purpose = null);

/// <summary>What is offered when a face wasn't verified.</summary>
/// <param name="Way"><c>questionnaire</c> 问答测试, or <c>appeal</c> 人工申诉.</param>
public sealed record FaceAlternative(string Way, string Zh, string En);

/// <summary>Where the verification of a face stands (微警认证).</summary>
/// <param name="State"><c>waiting</c>, <c>passed</c>, <c>failed</c> or <c>expired</c>.</param>
/// <param name="QrContent">What the QR code holds; null once it has ended.</param>
/// <param name="ExpiresAt">Machine clock, like all of its instants.</param>
/// <param name="SecondsLeft">有效期, for the countdown beside the code; 0 once it has ended.</param>
/// <param name="UsedAt">When the result was used. It is good for one thing, once.</param>
/// <param name="Alternative">What to do instead; null while it may still pass, and when it has.</param>
public sealed record FaceCheckView(
    Guid Id, Guid PersonId, string Purpose, string State, string Zh, string En, string? QrContent, DateTimeOffset ExpiresAt, int SecondsLeft, DateTimeOffset? EndedAt, DateTimeOffset? UsedAt,
    FaceAlternative? Alternative, IReadOnlyList<NextAction> NextActions);
