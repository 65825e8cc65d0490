using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Standing;

/// <summary>单位认证: the employer of the case is certified; the certification that it had ends.</summary>
/// <param name="Way">One of <see cref="CertificationWays"/>.</param>
public sealed record EmployerCertified(Guid Id, string Way) : Effect(Id);

/// <summary>业务权限开通: the employer of the case may file for a service, with the data of this case.</summary>
public sealed record PermissionOpened(Guid Id, string Service) : Effect(Id);

/// <summary>How somebody came to be certified.</summary>
public static class CertificationWays
{
    /// <summary>What was read on the document was confirmed unchanged; nobody reviewed it.</summary>
    public const string Recognised = "recognised";

    /// <summary>A reviewer approved.</summary>
    public const string Reviewed = "reviewed";
}
