using Npgsql;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Integrations.Outside;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;
using Talent.Workflows.Runtime.Instances;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Integrations.Identity;

/// <summary>
/// Talent.VerifyIdentity: has a name compared with an identity number (实名认证). Leaves by <c>Verified</c>, <c>Mismatch</c>, or
/// <c>Incomplete</c>: the case has no name, or no identity number whose check character fits, so that nobody was asked.
/// </summary>
/// <remarks>Source: R-INT-1, R-ACC-2.</remarks>
public sealed class VerifyIdentity : OutsideActivity
{
    public const string TypeName = "Talent.VerifyIdentity";
    public const string Verified = "Verified", Mismatch = "Mismatch", Incomplete = "Incomplete";

    private static readonly Input<string> NameFrom = new("nameFrom", "姓名来源 Name from", "applicant.name 或 data.字段。") { Default = "applicant.name" };
    private static readonly Input<string> NumberFrom = new("numberFrom", "身份证号来源 Number from", "data.字段，如 data.residentId。") { Default = "data.residentId" };

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Talent", "实名核验 Verify Identity", "比对姓名与身份证号；对方服务不可用时等待，恢复后自动继续。Compares name and identity number; waits while the service is down.")
        { Inputs = [NameFrom, NumberFrom], Outcomes = [Verified, Mismatch, Incomplete], Waits = true };

    protected override string Work => IdentityCalls.WorkKind;

    protected override Worded Service { get; } = new("identity", "身份核验", "identity verification");

    protected override IReadOnlyDictionary<string, string> Sources(ActivityContext context) =>
        new Dictionary<string, string> { [IdentityCalls.Name] = context.Get(NameFrom)!, [IdentityCalls.Number] = context.Get(NumberFrom)! };
}

/// <summary>Asks for <see cref="VerifyIdentity"/>.</summary>
public sealed class IdentityCalls(IEnumerable<IIdentityVerification> verification, WorkflowRuntime runtime, NpgsqlDataSource database, CaseVault vault, BusinessClock clock) : OutsideCalls(runtime, database, vault)
{
    public const string WorkKind = KindPrefix + "identity";

    internal const string Name = "name", Number = "number";

    private const int LongestName = 100;

    private readonly IIdentityVerification? office = verification.FirstOrDefault();

    public override string Kind => WorkKind;

    protected override async Task<OutsideAnswer<OutsideOutcome>?> AskAsync(Guid caseId, string id, IReadOnlyDictionary<string, string?> values, CancellationToken cancellationToken)
    {
        if (values[Name]?.Trim() is not { Length: > 0 and <= LongestName } name || !ResidentId.TryParse(values[Number], ChinaTime.DateOf(clock.Now), out var number, out _))
            return new OutsideAnswer<OutsideOutcome>.Answered(new OutsideOutcome(VerifyIdentity.Incomplete));
        return office is null ? null : (await office.VerifyAsync(id, name, number, cancellationToken)).Read(r => new OutsideOutcome(r.Verified ? VerifyIdentity.Verified : VerifyIdentity.Mismatch));
    }
}
