using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Employers.Associations;

/// <summary>Talent.AskAssociation: the step that comes here goes through only if the applicant works for nobody and their code is still the employer's.</summary>
/// <remarks>Source: S6, R-EMP-4.</remarks>
public sealed class AskToAssociate : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new("Talent.AskAssociation", "Talent", "申请关联单位 Ask Association",
        "核对申请人未关联其他单位、关联代码有效、没有其他待确认的申请。The applicant is free, and the association code is still the employer's.");

    protected override void Execute(ActivityContext context)
    {
        context.Emit(new AskAssociation(context.NewId("asked")));
        context.Complete();
    }
}

/// <summary>Talent.Associate: writes the association, with the position and contract that the employer gave when it approved.</summary>
/// <remarks>Source: S6, R-EMP-4.</remarks>
public sealed class Associate : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new("Talent.Associate", "Talent", "建立关联 Associate",
        "登记申报人与用人单位的关联，职位和劳动合同取自单位确认时填写的内容。The applicant works for the employer from now on.");

    protected override void Execute(ActivityContext context)
    {
        context.Emit(new BeginAssociation(context.NewId("association")));
        context.Complete();
    }
}

/// <summary>Talent.Dissociate: ends the association, if nothing stands against it at that instant. Belongs in the step that hands the case in.</summary>
/// <remarks>Source: S6, R-EMP-4.</remarks>
public sealed class Dissociate : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new("Talent.Dissociate", "Talent", "解除关联 Dissociate",
        "再次核对解除条件并解除关联；须在提交的同一步骤中执行。Ends the association, if nothing stands against it.");

    protected override void Execute(ActivityContext context)
    {
        context.Emit(new EndAssociation(context.NewId("ended")));
        context.Complete();
    }
}
