using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Standing;

/// <summary>
/// Talent.CertifyEmployer: certifies the employer of the case (单位认证) in the step's own statement. After a review the name and the
/// code that were approved become what the directory says; what nobody reviewed changes nothing there.
/// </summary>
/// <remarks>Source: R-EMP-2, S5. The new certification takes the place of the one before, which held until now.</remarks>
public sealed class CertifyEmployer : Activity
{
    public const string TypeName = "Talent.CertifyEmployer";

    private static readonly Input<string> Way = new("way", "认证方式 Way", "识别一致自动通过，或人工审核通过。")
        { Required = true, UiHint = "dropdown", Choices = [(CertificationWays.Recognised, "识别一致 recognised"), (CertificationWays.Reviewed, "人工审核 reviewed")] };

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Talent", "单位认证 Certify Employer", "认证本业务的用人单位，原认证同时失效；人工审核通过的，按核准的名称和代码更新单位名录。Certifies the employer of the case.")
        { Inputs = [Way] };

    protected override void Execute(ActivityContext context)
    {
        var way = context.Get(Way);
        if (way is not (CertificationWays.Recognised or CertificationWays.Reviewed))
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' certifies in the way '{way}'. Use {CertificationWays.Recognised} or {CertificationWays.Reviewed}.", $"认证方式“{way}”无效。");
        context.RequireEmployersCase();
        context.Emit(new EmployerCertified(context.NewId("certification"), way));
        context.Complete();
    }
}

/// <summary>What activities that give an employer something have in common.</summary>
internal static class EmployersCase
{
    /// <exception cref="WorkflowException"><c>invalid_input</c>: the case isn't about an employer.</exception>
    public static void RequireEmployersCase(this ActivityContext context)
    {
        if (!context.State.IsOfEmployer())
            throw new WorkflowException(ErrorCodes.InvalidInput, $"Activity '{context.Node.Id}' needs a case about an employer. Set subject to \"employer\" in service.json.", "该活动只能用于以用人单位为对象的事项。");
    }
}
