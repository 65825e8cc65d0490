using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Standing;

/// <summary>
/// Talent.OpenPermission: the employer of the case may file for the service that the case's service opens (<c>opens</c> of
/// service.json), in the step's own statement. Opened before, it stays open with the data of this case.
/// </summary>
/// <remarks>Source: R-PRM-1, S2: a permission is for one employer and one service.</remarks>
public sealed class PermissionOpening : Activity
{
    public const string TypeName = "Talent.OpenPermission";

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Talent", "开通业务权限 Open Permission", "为本业务的用人单位开通事项文件 opens 所指事项的业务权限。The employer of the case may file for the service that this one opens.");

    protected override void Execute(ActivityContext context)
    {
        context.RequireEmployersCase();
        var service = context.State.Input(CaseFacts.Opens) ?? throw new WorkflowException(ErrorCodes.InvalidInput,
            $"Activity '{context.Node.Id}' opens a permission, but the service of the case opens none. Name the service in 'opens' of service.json.", "该事项没有指明所开通的业务。");
        context.Emit(new PermissionOpened(context.NewId("permission"), service));
        context.Complete();
    }
}
