using Talent.Workflows.Engine;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>A start that the definition's activation strategy doesn't allow now. Nothing is wrong: the definition asks for it.</summary>
public static class ActivationRefusal
{
    private const string Fact = "activationStrategy";

    /// <summary>Whether it is one.</summary>
    public static bool Is(WorkflowException refusal) => refusal.Facts.ContainsKey(Fact);

    internal static WorkflowException Of(WorkflowDefinition definition)
    {
        var (en, zh) = definition.Activation switch
        {
            ActivationStrategy.Singleton => ("an instance of it is running", "已有运行中的实例"),
            ActivationStrategy.CorrelatedSingleton => ("an instance of it with the same correlation id is running", "已有关联编号相同的运行中实例"),
            _ => ("an instance with the same correlation id is running", "已有关联编号相同的运行中流程"),
        };
        return new WorkflowException(ErrorCodes.WrongState,
            $"Definition '{definition.DefinitionId}' can't be started now: {en}, and its activation strategy ({definition.Activation}) allows no second one. Start it when that one has ended, or publish another strategy.",
            $"流程“{(definition.Name.Length > 0 ? definition.Name : definition.DefinitionId)}”暂不能启动：{zh}，按其启动策略须等该实例结束。")
        { Facts = new Dictionary<string, object?> { [Fact] = definition.Activation.ToString() } };
    }
}
