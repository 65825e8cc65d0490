using System.Text;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;

namespace Talent.Workflows.Server.ElsaApi.Descriptors;

/// <summary>TypeScript declarations of what a script of a definition can use; Studio's editor completes by them.</summary>
internal static class ScriptDeclarations
{
    private const string Always = """
        declare function getVariable(name: string): any;
        declare function setVariable(name: string, value: any): void;
        declare function getInput(name: string): any;
        declare function getOutputFrom(activityIdOrName: string, outputName?: string): any;
        declare function getLastResult(): any;
        declare function getWorkflowDefinitionId(): string;
        declare function getWorkflowDefinitionVersionId(): string;
        declare function getWorkflowDefinitionVersion(): number;
        declare function getWorkflowInstanceId(): string;
        declare function getWorkflowInstanceName(): string;
        declare function setWorkflowInstanceName(value: string): void;
        declare function getCorrelationId(): string;
        declare function setCorrelationId(value: string): void;
        declare function isNullOrWhiteSpace(value: string): boolean;
        declare function isNullOrEmpty(value: string): boolean;
        declare function toJson(value: any): string;
        declare function parseGuid(value: string): string;
        declare function newGuid(): string;
        declare function newGuidString(): string;
        declare function newShortGuid(): string;
        declare const args: { [name: string]: any };

        """;

    /// <summary>The declarations for one definition; null for what is the same everywhere.</summary>
    public static string Of(WorkflowDefinition? definition, ActivityCatalog catalog, string? activityType)
    {
        var text = new StringBuilder(Always);
        if (activityType == "Elsa.RunJavaScript")
            text.Append("declare function setOutcome(name: string): void;\ndeclare function setOutcomes(names: string[]): void;\n");
        if (definition is null)
            return text.ToString();
        var variables = definition.Variables.Concat(definition.Activities.Values.SelectMany(a => a.Variables)).Where(v => IsName(v.Name)).DistinctBy(v => v.Name).ToList();
        text.Append("declare const variables: {\n");
        foreach (var variable in variables)
            text.Append($"  {variable.Name}: {Type(variable.TypeName, variable.IsArray)};\n");
        text.Append("};\n");
        foreach (var variable in variables)
        {
            var (name, type) = (Pascal(variable.Name), Type(variable.TypeName, variable.IsArray));
            text.Append($"declare function get{name}(): {type};\ndeclare function set{name}(value: {type}): void;\n");
        }
        foreach (var activity in definition.Activities.Values.Where(a => IsName(a.Name)).DistinctBy(a => a.Name))
            foreach (var output in catalog.Find(activity.Type)?.Descriptor.Outputs ?? [])
                text.Append($"declare function get{Pascal(output.Name)}From{Pascal(activity.Name)}(): {Type(output.TypeName, false)};\n");
        return text.ToString();
    }

    private static string Type(string alias, bool isArray)
    {
        var one = alias.TrimEnd('[', ']') switch
        {
            "String" or "Guid" or "DateTime" or "DateTimeOffset" or "TimeSpan" => "string",
            "Boolean" => "boolean",
            "Int32" or "Int64" or "Long" or "Single" or "Double" or "Decimal" => "number",
            "StringDictionary" => "{ [name: string]: string }",
            _ => "any",
        };
        return isArray || alias.EndsWith("[]", StringComparison.Ordinal) ? $"{one}[]" : one;
    }

    // Names are the administrator's; only those that can be written in a script are declared, so that nothing else gets in.
    private static bool IsName(string name) => name.Length is > 0 and <= 200 && (char.IsLetter(name[0]) || name[0] is '_' or '$') && name.All(c => char.IsLetterOrDigit(c) || c is '_' or '$');

    private static string Pascal(string name) => char.ToUpperInvariant(name[0]) + name[1..];
}
