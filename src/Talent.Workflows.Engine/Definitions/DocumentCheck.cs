using System.Runtime.InteropServices;
using System.Text.Json;

namespace Talent.Workflows.Engine.Definitions;

/// <summary>
/// Refuses a document before anything is made of it: too large, too deep, a property twice (which of the two counts depends on
/// who reads it), or a property that other programs take for the .NET type to create.
/// </summary>
internal static class DocumentCheck
{
    private const string TypeProperty = "$type";

    /// <exception cref="WorkflowException"><c>invalid_definition</c></exception>
    public static void Run(JsonElement document)
    {
        CheckSize(JsonMarshal.GetRawUtf8Value(document).Length);
        Check(document, 1, "");
    }

    public static void CheckSize(int bytes)
    {
        if (bytes > DefinitionLimits.MaxBytes)
            throw DefinitionReader.Invalid($"The definition is larger than {DefinitionLimits.MaxBytes} bytes. Split it into smaller workflows.",
                $"流程定义超过 {DefinitionLimits.MaxBytes} 字节，请拆分为较小的流程。");
    }

    private static void Check(JsonElement json, int depth, string within)
    {
        if (depth > DefinitionLimits.MaxJsonDepth)
            throw DefinitionReader.Invalid($"The definition's JSON is nested more than {DefinitionLimits.MaxJsonDepth} deep below '{within}'. Make it flatter.",
                $"流程定义的 JSON 嵌套超过 {DefinitionLimits.MaxJsonDepth} 层（“{within}”之下），请减少嵌套。");
        if (json.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in json.EnumerateArray())
                if (item.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                    Check(item, depth + 1, within);
        }
        else if (json.ValueKind == JsonValueKind.Object)
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var property in json.EnumerateObject())
            {
                if (!names.Add(property.Name))
                    throw DefinitionReader.Invalid($"The definition holds the property '{Short(property.Name)}' twice below '{within}'. Keep one of the two.",
                        $"流程定义中“{within}”之下的属性“{Short(property.Name)}”重复，请只保留一个。");
                if (property.NameEquals(TypeProperty))
                    throw DefinitionReader.Invalid($"The definition holds the property '{TypeProperty}' below '{within}', by which some programs create .NET objects. Remove it.",
                        $"流程定义中“{within}”之下含有属性“{TypeProperty}”，存在安全风险，请删除。");
                if (property.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                    Check(property.Value, depth + 1, Short(property.Name));
            }
        }
    }

    /// <summary>A name as messages show it: those of a hostile document may be as long as it likes.</summary>
    internal static string Short(string name) => name.Length <= 80 ? name : name[..80] + "…";
}
