using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Standing;

/// <summary>What an employer is entitled to, and what it has asked for.</summary>
public sealed record EmployerStanding
{
    public required Named Employer { get; init; }

    /// <summary>单位认证 that holds; null: not certified.</summary>
    public required Certification? Certification { get; init; }

    /// <summary>业务权限 that are open, by service.</summary>
    public required IReadOnlyList<PermittedService> Permissions { get; init; }

    /// <summary>Of each service about employers, the newest case: under way, or how it ended. What was certified or opened before holds meanwhile.</summary>
    public required IReadOnlyList<StandingCase> Cases { get; init; }
}

/// <param name="Way">One of <see cref="CertificationWays"/>.</param>
/// <param name="CaseId">Which gave it; null: none.</param>
public sealed record Certification(string Way, DateTimeOffset At, Guid? CaseId);

/// <param name="CaseId">The case whose data was approved last: 首次提交后信息保留, whoever files for the service takes it from there.</param>
public sealed record PermittedService(string Service, DateTimeOffset OpenedAt, Guid CaseId);

/// <param name="Opens">The service that it asks the permission for; null: it asks for none.</param>
/// <param name="Round">From 1; each 重新申请, 修改资料 or 重新认证 is the next.</param>
/// <param name="Reason">Why it wasn't passed; null: it was, or isn't decided.</param>
public sealed record StandingCase(Guid Id, string Service, string? Opens, string? Number, short Round, Worded Status, DateTimeOffset? SubmittedAt, DateTimeOffset? EndedAt, string? Reason);

/// <summary>Where an employer stands with the permission for one service.</summary>
public enum PermissionState
{
    /// <summary>Never asked for, or the request was given up: 申请开通.</summary>
    None,

    /// <summary>The first request is under way.</summary>
    Requested,

    /// <summary>审核不通过: 重新申请.</summary>
    Refused,

    /// <summary>Open: 修改资料.</summary>
    Open,

    /// <summary>Open, and a change of its data is under way.</summary>
    OpenAndChanging,
}

/// <summary>The permission of one employer for one service.</summary>
/// <param name="Opened">Null: not open.</param>
/// <param name="Newest">The newest case that asks for it; null: none.</param>
public sealed record PermissionStanding(PermittedService? Opened, StandingCase? Newest)
{
    public PermissionState State => (Opened, Newest) switch
    {
        (not null, { EndedAt: null }) => PermissionState.OpenAndChanging,
        (not null, _) => PermissionState.Open,
        (null, { EndedAt: null }) => PermissionState.Requested,
        (null, { } ended) when StatusWord.Find(ended.Status.Code)?.Status is CaseStatus.Rejected or CaseStatus.Refused => PermissionState.Refused,
        _ => PermissionState.None,
    };
}
