using System.Text.Json;
using System.Text.Json.Nodes;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>Saving one step of a form alone (R-CASE-1). Pure.</summary>
internal static class StepData
{
    /// <summary>The data of the phase with what is given in place of all that the step had; other steps stay as they are.</summary>
    /// <param name="stored">The data of the step's phase as it is kept.</param>
    /// <param name="given">What the step's fields say; any JSON may be given.</param>
    /// <param name="drop">Whether fields that the form doesn't have any more go.</param>
    /// <returns>With what can't be kept: fields of other steps, or none of the form; then the data is what was stored.</returns>
    public static (JsonElement Data, IReadOnlyList<FormError> Errors) Put(Form form, FormStep step, JsonElement stored, JsonElement given, bool drop)
    {
        if (given.ValueKind != JsonValueKind.Object)
            return (stored, [new FormError("", FormErrorCodes.NotAnObject, "申报内容必须是一个对象", "The form data must be an object")]);
        var errors = new List<FormError>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var data = new JsonObject();
        foreach (var property in stored.EnumerateObject())
            if (form.StepOf(property.Name) is { } of ? of != step.Key : !drop)
                data[property.Name] = JsonNode.Parse(property.Value.GetRawText());
        foreach (var property in given.EnumerateObject().Take(FormBinder.MostRows))
            if (FormData.Name(property) is not { } name || form.StepOf(name) is not { } of || name.AsSpan().ContainsAny('.', '['))
                errors.Add(new FormError(Shown(FormData.Name(property)), FormErrorCodes.UnknownField, $"表单中没有字段“{Shown(FormData.Name(property))}”", $"The form has no field '{Shown(FormData.Name(property))}'"));
            else if (of != step.Key)
                errors.Add(new FormError(name, FormErrorCodes.UnknownField, $"“{form.Field(name)!.Zh}”不属于“{step.Zh}”步骤，属于“{form.Step(of)!.Zh}”", $"{form.Field(name)!.En} isn't of the step '{step.En}' but of '{form.Step(of)!.En}'"));
            else if (!seen.Add(name))
                errors.Add(new FormError(name, FormErrorCodes.DuplicateField, $"“{form.Field(name)!.Zh}”重复提交", $"{form.Field(name)!.En} is given twice"));
            else if (!FormData.IsReadable(property.Value))
                errors.Add(new FormError(name, FormErrorCodes.BadText, $"“{form.Field(name)!.Zh}”含有无法保存的字符", $"{form.Field(name)!.En} holds characters that can't be kept"));
            else
                data[name] = JsonNode.Parse(property.Value.GetRawText());
        return errors.Count > 0 ? (stored, errors) : (JsonSerializer.SerializeToElement(data), errors);
    }

    /// <summary>Those of the errors that are about a step.</summary>
    public static IReadOnlyList<FormError> Of(Form form, string step, IEnumerable<FormError> errors) => [.. errors.Where(e => form.StepOf(e.Path) == step)];

    private static string Shown(string? name) => name is null ? "?" : name.Length > 40 ? name[..40] + "…" : name;
}
