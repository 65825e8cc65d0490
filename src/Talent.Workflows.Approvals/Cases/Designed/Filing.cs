using System.Text.Json;
using System.Text.RegularExpressions;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Cases.Packages;
using Talent.Workflows.Engine.Activities;
using Talent.Workflows.Engine.Definitions;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Approvals.Cases.Designed;

/// <summary>
/// Talent.Filing: makes a workflow that was drawn in the designer a service that people can file. It says what the catalogue,
/// the case number, the form and the messages need; when the case is handed in, the flow begins here.
/// </summary>
/// <remarks>What it says is read when the definition is published, so its inputs are literals. A service that comes from files has none.</remarks>
public sealed partial class Filing(IReadOnlyDictionary<string, TextCheck> checks, IReadOnlyDictionary<string, CodeTable>? tables = null) : Activity
{
    public const string TypeName = "Talent.Filing";
    private const string Submitted = "submitted";
    private const string InReview = "in_review";

    private static readonly Input<string> Name = new("serviceName", "事项名称 Service", "申报人和公众看到的名称。") { Required = true };
    private static readonly Input<string> NameEn = new("serviceNameEn", "英文名称 Name in English", "不填则用中文名称。");
    private static readonly Input<string> NumberCode = new("numberCode", "编号代码 Number code", "申报编号的开头，二至六个大写字母。") { Required = true };
    private static readonly Input<IReadOnlyList<string>> FiledBy = new("filedBy", "由谁申报 Filed by", "申报人本人，或用人单位经办人。")
        { Default = ["applicant"], UiHint = "checklist", Choices = [("applicant", "申报人 The applicant"), ("employer", "用人单位经办人 The employer's handler")] };
    private static readonly Input<IReadOnlyList<JsonElement>> Form = new("form", "申报表 Form", "[{key, type, zh, en, required, …}]：表单字段，写法同 form.json；不填则无需填写内容。");
    private static readonly Input<string> Phone = new("phone", "咨询电话 Hotline", "写在通知里。") { Required = true };
    private static readonly Input<string> Hours = new("hours", "咨询时间 Hotline hours", "写在通知里。") { Default = "工作日 9:00–17:00" };

    public override ActivityDescriptor Descriptor { get; } = new(TypeName, "Talent", "受理申报 Filing", "把本流程作为一个可申报的事项；申报提交后从这里开始。Makes the workflow a service that can be filed; a case begins here.")
    {
        Inputs = [Name, NameEn, NumberCode, FiledBy, Form, Phone, Hours],
        IsStart = true,
    };

    protected override void Execute(ActivityContext context)
    {
        // Handed in and in order: it is under review from here on, without a step for that in every flow.
        if (context.State.Status() == Submitted)
        {
            context.Emit(new SetCaseStatus(context.NewId("status"), InReview, null));
            CaseFacts.Set(context.State, InReview, context.State.Phase());
        }
        context.Complete();
    }

    protected override IEnumerable<UseProblem> Validate(ActivityNode node)
    {
        if (Descriptor.Inputs.FirstOrDefault(i => Expression(node, i) is { Type: not ("Literal" or "Object" or "Json") }) is { } computed)
        {
            yield return $"'{computed.Name}' is read before there is a case: give it as a literal, not as an expression";
            yield break;
        }
        foreach (var input in Descriptor.Inputs.Where(i => i.Required && Expression(node, i) is { Value: { ValueKind: JsonValueKind.String } text } && string.IsNullOrWhiteSpace(text.GetString())))
            yield return $"'{input.Name}' is empty; it can't be filed without";
        if (Read(node, FiledBy)?.Except(FiledBy.Choices.Select(c => c.Value), StringComparer.Ordinal).FirstOrDefault() is { } filer)
            yield return $"'filedBy' names '{filer}'; use applicant or employer";
        if (Read(node, NumberCode) is { Length: > 0 } code && !Letters().IsMatch(code))
            yield return $"the number code is '{code}'; it has two to six capital letters";
        if (FormProblems(node) is { Count: > 0 } problems)
            foreach (var problem in problems)
                yield return $"the form: {problem}";
    }

    /// <summary>What an activity says of its service.</summary>
    /// <exception cref="ContentException">The form can't be used; publishing refuses such a definition.</exception>
    public FilingTerms Terms(ActivityNode node)
    {
        var name = Read(node, Name)!;
        return new FilingTerms(name, Read(node, NameEn) is { Length: > 0 } english ? english : name, Read(node, NumberCode)!,
            Read(node, FiledBy) is { Count: > 0 } filers ? filers : FiledBy.Default!, Bind(node), Read(node, Phone) ?? "", Read(node, Hours) ?? Hours.Default!);
    }

    private List<string> FormProblems(ActivityNode node)
    {
        try
        {
            Bind(node);
            return [];
        }
        catch (ContentException e)
        {
            return [.. e.Errors.Take(5).Select(p => $"{p.Path}: {p.Message}")];
        }
    }

    private Form Bind(ActivityNode node)
    {
        var fields = Read(node, Form) is { Count: > 0 } given ? ContentFile.Parse<List<FormField>>("form", JsonSerializer.SerializeToUtf8Bytes(given)) : [];
        if (fields.Find(f => f.HiddenFrom is not null) is { } hidden)
            throw new ContentException("form", hidden.Key, "hiddenFrom belongs to services in files, whose stages are known when they are read");
        return Forms.Form.Bind(new FormDefinition
        {
            Steps = fields.Count == 0 ? [] : [new FormStep { Key = "application", Zh = "申报内容", En = "Application", Phase = 1, Fields = fields }],
        }, checks, "form", tables);
    }

    private static InputExpression? Expression(ActivityNode node, IInput input) =>
        node.Json.TryGetProperty(input.Name, out var json) && json.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? InputExpression.Read(json) : null;

    private static T? Read<T>(ActivityNode node, Input<T> input) => Expression(node, input) is { } expression && InputTypes.TryRead<T>(expression.Value, out var value) ? value : default;

    [GeneratedRegex(@"\A[A-Z]{2,6}\z")]
    private static partial Regex Letters();
}

/// <summary>What a workflow from the designer says of its service.</summary>
public sealed record FilingTerms(string Zh, string En, string NumberCode, IReadOnlyList<string> FiledBy, Form Form, string Phone, string Hours);
