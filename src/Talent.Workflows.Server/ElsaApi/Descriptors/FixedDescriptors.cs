using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Server.ElsaApi.Descriptors;

/// <summary>
/// The lists that don't depend on what is installed. Type names are Elsa's own: they are what definitions say, and what a
/// stock Elsa server understands.
/// </summary>
internal static class FixedDescriptors
{
    private static readonly bool HasTemplates =
        InputExpression.ReadExpression(JsonSerializer.SerializeToElement(new { type = "Template", value = "" })).Problem is null;

    public static IEnumerable<object> Expressions(DescriptorTexts t) =>
    [
        Expression("Literal", t.Of("字面值", "Literal"), browsable: false),
        Expression("Object", t.Of("对象", "Object"), browsable: false, "json"),
        Expression("Json", "JSON", browsable: false, "json"),
        Expression("Variable", t.Of("变量", "Variable"), browsable: true),
        Expression("Input", t.Of("流程输入", "Input"), browsable: true),
        Expression("JavaScript", "JavaScript", browsable: true, "javascript"),
        .. HasTemplates ? [Expression("Template", t.Of("文字模板", "Template"), browsable: true)] : Array.Empty<object>(),
        // Kept as they stand and shown as text; publishing refuses them.
        Expression("CSharp", t.Of("C#（不执行）", "C# (not run)"), browsable: false, "csharp"),
        Expression("Python", t.Of("Python（不执行）", "Python (not run)"), browsable: false, "python"),
        Expression("Liquid", t.Of("Liquid（不执行）", "Liquid (not run)"), browsable: false, "liquid"),
    ];

    public static IEnumerable<object> Variables(DescriptorTexts t)
    {
        var (primitive, lookup, dynamic, data) = (t.Of("基本类型", "Primitives"), t.Of("字典", "Lookups"), t.Of("动态类型", "Dynamic"), t.Of("数据", "Data"));
        return
        [
            Variable("Object", primitive, t.Of("任意值。", "Anything.")),
            Variable("String", primitive, t.Of("文字。", "A text.")),
            Variable("Boolean", primitive, t.Of("是或否。", "True or false.")),
            Variable("Int32", primitive, t.Of("32 位整数。", "A whole number of 32 bits.")),
            Variable("Int64", primitive, t.Of("64 位整数。", "A whole number of 64 bits.")),
            Variable("Single", primitive, t.Of("单精度数。", "A number of single precision.")),
            Variable("Double", primitive, t.Of("双精度数。", "A number of double precision.")),
            Variable("Decimal", primitive, t.Of("十进制数。", "A decimal number.")),
            Variable("Guid", primitive, t.Of("全局唯一标识。", "A globally unique id.")),
            Variable("DateTime", primitive, t.Of("日期和时间。", "A date and time.")),
            Variable("DateTimeOffset", primitive, t.Of("日期、时间和时区。", "A date and time with its offset.")),
            Variable("TimeSpan", primitive, t.Of("时长。", "A duration.")),
            Variable("StringDictionary", lookup, t.Of("文字的字典。", "Texts by name.")),
            Variable("ObjectDictionary", lookup, t.Of("任意值的字典。", "Anything by name.")),
            Variable("JSON", dynamic, t.Of("可用点号访问的对象。", "An object whose members a script reads with a dot.")),
            Variable("JsonElement", dynamic, t.Of("只读的 JSON。", "JSON to read.")),
            Variable("JsonNode", dynamic, t.Of("可修改的 JSON。", "JSON to change.")),
            Variable("JsonObject", dynamic, t.Of("JSON 对象。", "A JSON object.")),
            Variable("ByteArray", data, t.Of("字节。", "Bytes.")),
            Variable("Stream", data, t.Of("字节流。", "A stream of bytes.")),
        ];
    }

    public static IEnumerable<object> StorageDrivers(DescriptorTexts t) =>
    [
        new { typeName = "Elsa.Workflows.WorkflowInstanceStorageDriver, Elsa.Workflows.Core", displayName = t.Of("随流程实例保存", "Workflow Instance"), priority = 5, deprecated = false },
        // Kept with the instance all the same: nothing here lives in one process only.
        new { typeName = "Elsa.Workflows.MemoryStorageDriver, Elsa.Workflows.Core", displayName = t.Of("内存（同样随实例保存）", "Memory (kept with the instance too)"), priority = 0, deprecated = false },
        new { typeName = "Elsa.Workflows.Services.WorkflowStorageDriver, Elsa.Workflows.Core", displayName = t.Of("流程", "Workflow"), priority = -1, deprecated = true },
    ];

    public static IEnumerable<object> ActivationStrategies(DescriptorTexts t) =>
    [
        Strategy(t.Of("总是", "Always"), t.Of("总可以新建实例。", "An instance may always be started."), "Elsa.Workflows.ActivationValidators.AllowAlwaysStrategy, Elsa.Workflows.Core"),
        Strategy(t.Of("按关联编号唯一", "Correlated singleton"), t.Of("同一流程、同一关联编号没有运行中的实例时，才可新建。", "When no instance of this workflow with the same correlation id is running."), "Elsa.Workflows.Runtime.ActivationValidators.CorrelatedSingletonStrategy, Elsa.Workflows.Runtime"),
        Strategy(t.Of("关联编号唯一", "Correlation"), t.Of("任何流程都没有同一关联编号的运行中实例时，才可新建。", "When no instance of any workflow with the same correlation id is running."), "Elsa.Workflows.Runtime.ActivationValidators.CorrelationStrategy, Elsa.Workflows.Runtime"),
        Strategy(t.Of("唯一", "Singleton"), t.Of("本流程没有运行中的实例时，才可新建。", "When no instance of this workflow is running."), "Elsa.Workflows.Runtime.ActivationValidators.SingletonStrategy, Elsa.Workflows.Runtime"),
    ];

    public static IEnumerable<object> IncidentStrategies(DescriptorTexts t) =>
    [
        Strategy(t.Of("故障即停", "Fault"), t.Of("出现故障时，整个流程进入故障状态。", "An incident faults the whole workflow."), "Elsa.Workflows.IncidentStrategies.FaultStrategy, Elsa.Workflows.Core"),
        Strategy(t.Of("带故障继续", "Continue with incidents"), t.Of("出现故障时，其他分支继续。", "An incident leaves the other branches running."), "Elsa.Workflows.IncidentStrategies.ContinueWithIncidentsStrategy, Elsa.Workflows.Core"),
    ];

    public static IEnumerable<object> LogPersistenceStrategies(DescriptorTexts t) =>
    [
        Strategy(t.Of("沿用上级", "Inherit"), "", "Elsa.Workflows.LogPersistence.Strategies.Inherit, Elsa.Workflows.Core"),
        Strategy(t.Of("记录", "Include"), "", "Elsa.Workflows.LogPersistence.Strategies.Include, Elsa.Workflows.Core"),
        Strategy(t.Of("不记录", "Exclude"), "", "Elsa.Workflows.LogPersistence.Strategies.Exclude, Elsa.Workflows.Core"),
    ];

    private static object Expression(string type, string name, bool browsable, string? language = null) => new
    {
        type, displayName = name, isSerializable = true, isBrowsable = browsable,
        properties = language is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["MonacoLanguage"] = language },
    };

    private static object Variable(string type, string category, string about) => new { typeName = type, displayName = type, category, description = about };

    private static object Strategy(string name, string about, string type) => new { displayName = name, description = about, typeName = type };
}
