using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Activities.Primitives;

/// <summary>Elsa.NotFoundActivity: stands in the designer for an activity whose type this server doesn't have. A draft may hold it; it can't be published and fails when reached.</summary>
public sealed class NotFoundActivity : Activity
{
    public const string TypeName = "Elsa.NotFoundActivity";

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "System", "Not Found Activity", "Stands for an activity whose type doesn't exist here.") { IsBrowsable = false };

    protected internal override void Execute(ActivityContext context) => throw new WorkflowException(ErrorCodes.UnknownActivity,
        $"Activity '{context.Node.Id}' has the unknown type '{MissingType(context.Node)}'. Install it, or replace the activity and migrate the instance.",
        $"活动“{context.Node.DisplayText}”的类型“{MissingType(context.Node)}”不存在。");

    /// <summary>The type that was not found.</summary>
    public static string MissingType(ActivityNode node) => DefinitionReader.Text(node.Json, "missingTypeName");
}
