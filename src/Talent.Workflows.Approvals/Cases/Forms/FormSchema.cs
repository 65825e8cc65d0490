using System.Text.Json;
using System.Text.Json.Nodes;

namespace Talent.Workflows.Approvals.Cases.Forms;

/// <summary>
/// A form as JSON Schema 2020-12: what data of a phase has to look like when it is handed in (R-CASE-2). What a schema can't say stands
/// beside it: check digits (<c>x-check</c>), the order of dates (<c>x-not-before</c>, <c>x-not-after</c>), rules across fields (<c>x-rules</c>),
/// conditions of a row that look outside it (<c>x-when</c>).
/// </summary>
internal static class FormSchema
{
    private static readonly JsonObject Empty = new() { ["$ref"] = "#/$defs/empty" };

    /// <param name="phase">Fields of this phase and the ones before.</param>
    /// <param name="today">Codes that aren't offered on this day any more are left out.</param>
    public static JsonObject Of(Form form, string service, string zh, string en, int phase, DateOnly today)
    {
        var definition = form.Definition;
        var steps = definition.Steps.Where(s => s.Phase <= phase).ToArray();
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = $"urn:talent-workflows:form:{service}:{form.Version}:{phase}",
            ["title"] = zh,
            ["x-title-en"] = en,
            ["x-form-version"] = form.Version,
            ["x-steps"] = new JsonArray([.. steps.Select(s => new JsonObject { ["key"] = s.Key, ["zh"] = s.Zh, ["en"] = s.En, ["phase"] = s.Phase })]),
        };
        Fill(schema, definition, [.. steps.SelectMany(s => s.Fields.Select(f => (f, s)))], today, inRow: false);
        if (definition.Rules.Count > 0)
            schema["x-rules"] = JsonNode.Parse(Packages.ContentFile.Write(definition.Rules));
        // What counts as not filled in.
        schema["$defs"] = new JsonObject
        {
            ["empty"] = new JsonObject
            {
                ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "null" }, new JsonObject { ["type"] = "string", ["pattern"] = "^\\s*$" }, new JsonObject { ["type"] = "array", ["maxItems"] = 0 }),
            },
        };
        return schema;
    }

    /// <summary>Makes a schema that of an object with these fields.</summary>
    private static void Fill(JsonObject schema, FormDefinition definition, (FormField Field, FormStep Step)[] fields, DateOnly today, bool inRow)
    {
        var (properties, required, all) = (new JsonObject(), new JsonArray(), new JsonArray());
        var known = fields.Select(f => f.Field.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var (field, step) in fields)
        {
            var needed = field.Required || field.MinRows > 0;
            var conditions = new[] { inRow ? null : step.When, field.When }.OfType<FormCondition>().ToArray();
            var value = Value(definition, field, step, today);
            var property = Described(field, step, inRow);
            if (conditions.Length == 0 && needed)
            {
                required.Add(field.Key);
                foreach (var (name, part) in value.ToArray())
                    property[name] = part?.DeepClone();
            }
            else
            {
                property["anyOf"] = conditions.Length == 0 ? new JsonArray(Empty.DeepClone(), value.DeepClone()) : new JsonArray(Empty.DeepClone(), new JsonObject { ["const"] = false }, value.DeepClone());
            }
            properties[field.Key] = property;
            if (conditions.Length == 0)
                continue;
            if (conditions.SelectMany(Names).Any(name => !known.Contains(name)))
            {
                property["x-when"] = JsonNode.Parse(Packages.ContentFile.Write(conditions));
                continue;
            }
            var then = new JsonObject { ["properties"] = new JsonObject { [field.Key] = needed ? value.DeepClone() : new JsonObject { ["anyOf"] = new JsonArray(Empty.DeepClone(), value.DeepClone()) } } };
            if (needed)
                then["required"] = new JsonArray(field.Key);
            all.Add(new JsonObject
            {
                ["if"] = conditions.Length == 1 ? If(conditions[0]) : new JsonObject { ["allOf"] = new JsonArray([.. conditions.Select(If)]) },
                ["then"] = then,
                ["else"] = new JsonObject { ["properties"] = new JsonObject { [field.Key] = new JsonObject { ["anyOf"] = new JsonArray(Empty.DeepClone(), new JsonObject { ["const"] = false }) } } },
            });
        }
        foreach (var (field, _) in fields.Where(f => f.Field.Type is FieldType.DocumentNumber && known.Contains(f.Field.Kind!)))
            foreach (var kind in Kinds(definition, fields, field).Where(k => k.Pattern is not null))
                all.Add(new JsonObject
                {
                    ["if"] = new JsonObject { ["required"] = new JsonArray(field.Kind!), ["properties"] = new JsonObject { [field.Kind!] = new JsonObject { ["const"] = kind.Code } } },
                    ["then"] = new JsonObject { ["properties"] = new JsonObject { [field.Key] = new JsonObject { ["anyOf"] = new JsonArray(Empty.DeepClone(), new JsonObject { ["pattern"] = $"^(?:{kind.Pattern})$" }) } } },
                });
        schema["type"] = "object";
        schema["properties"] = properties;
        if (required.Count > 0)
            schema["required"] = required;
        schema["additionalProperties"] = false;
        if (all.Count > 0)
            schema["allOf"] = all;
    }

    private static JsonObject Described(FormField field, FormStep step, bool inRow)
    {
        var described = new JsonObject { ["title"] = field.Zh, ["x-title-en"] = field.En };
        foreach (var (name, text) in (IEnumerable<(string, string?)>)[("description", field.HelpZh), ("x-description-en", field.HelpEn), ("x-step", inRow ? null : step.Key), ("x-not-before", field.NotBefore), ("x-not-after", field.NotAfter), ("x-filled-from", field.FilledFrom),
            ("x-check", field.Type is FieldType.ResidentId ? "residentId" : field.Check)])
            if (text is not null)
                described[name] = text;
        if (field.IsSealed)
            described["x-personal"] = true;
        return described;
    }

    /// <summary>What a value looks like that is filled in.</summary>
    private static JsonObject Value(FormDefinition definition, FormField field, FormStep step, DateOnly today)
    {
        switch (field.Type)
        {
            case FieldType.Number:
                var number = new JsonObject { ["type"] = "number" };
                Put(number, "minimum", field.Min);
                Put(number, "maximum", field.Max);
                Put(number, "multipleOf", field.Decimals is { } decimals ? new decimal(1, 0, 0, false, (byte)decimals) : null);
                return number;
            case FieldType.Boolean:
                return field.MustBe is { } only ? new JsonObject { ["type"] = "boolean", ["const"] = only } : new JsonObject { ["type"] = "boolean" };
            case FieldType.Choice or FieldType.Region:
                return Codes(definition, field, today);
            case FieldType.Choices:
                var choices = new JsonObject { ["type"] = "array", ["items"] = Codes(definition, field, today), ["uniqueItems"] = true };
                Put(choices, "minItems", Math.Max(1, field.Min ?? 1));
                Put(choices, "maxItems", field.Max);
                return choices;
            case FieldType.Group:
                var items = new JsonObject();
                Fill(items, definition, [.. field.Fields!.Select(f => (f, step))], today, inRow: true);
                return new JsonObject { ["type"] = "array", ["minItems"] = Math.Max(1, field.MinRows ?? 1), ["maxItems"] = field.MaxRows, ["items"] = items };
            default:
                return Text(field);
        }
    }

    private static JsonObject Text(FormField field)
    {
        var (format, pattern, most) = field.Type switch
        {
            FieldType.Date => ("date", "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", null),
            FieldType.Month => (null, "^[0-9]{4}-(0[1-9]|1[0-2])$", null),
            FieldType.Phone => (null, "^1[3-9][0-9]{9}$", null),
            FieldType.ResidentId => (null, "^[0-9]{17}[0-9Xx]$", null),
            FieldType.Email => ("email", "^[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]{2,24}$", 100),
            FieldType.File => (null, "^[A-Za-z0-9_-]{1,64}$", null),
            FieldType.DocumentNumber => (null, "\\S", 64),
            _ => ((string?)null, field.Pattern is { } own ? $"^(?:{own})$" : "\\S", field.MaxLength),
        };
        var text = new JsonObject { ["type"] = "string" };
        if (format is not null)
            text["format"] = format;
        Put(text, "minLength", field.MinLength);
        Put(text, "maxLength", most);
        text["pattern"] = pattern;
        return text;
    }

    private static JsonObject Codes(FormDefinition definition, FormField field, DateOnly today)
    {
        CodeEntry[] offered = [.. definition.CodeTables[field.CodeTable!].Where(e => e.IsOffered(today) && (field.Type is not FieldType.Region || (e.Level is not null && (field.Level is null || e.Level == field.Level))))];
        var labels = new JsonObject();
        foreach (var entry in offered)
        {
            var label = new JsonObject { ["zh"] = entry.Zh, ["en"] = entry.En };
            if (entry.Parent is not null)
                label["parent"] = entry.Parent;
            labels[entry.Code] = label;
        }
        return new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. offered.Select(e => (JsonNode)e.Code)]), ["x-labels"] = labels, ["x-code-table"] = field.CodeTable };
    }

    private static IReadOnlyList<CodeEntry> Kinds(FormDefinition definition, (FormField Field, FormStep Step)[] fields, FormField number) =>
        definition.CodeTables[fields.First(f => f.Field.Key == number.Kind).Field.CodeTable!];

    /// <summary>A condition as a schema of the object that holds its fields.</summary>
    private static JsonObject If(FormCondition condition)
    {
        if ((condition.All ?? condition.Any) is { } parts)
            return new JsonObject { [condition.All is null ? "anyOf" : "allOf"] = new JsonArray([.. parts.Select(If)]) };
        var field = condition.Field!;
        JsonObject Has(JsonObject value) => new() { ["required"] = new JsonArray(field), ["properties"] = new JsonObject { [field] = value } };
        JsonObject Filled() => Has(new JsonObject { ["not"] = Empty.DeepClone() });
        if (condition.Present is { } present)
            return present ? Filled() : new JsonObject { ["not"] = Filled() };
        if (condition.In is { } codes)
        {
            var one = new JsonObject { ["enum"] = new JsonArray([.. codes.Select(c => (JsonNode)c)]) };
            return Has(new JsonObject { ["anyOf"] = new JsonArray(one, new JsonObject { ["type"] = "array", ["contains"] = one.DeepClone() }) });
        }
        var equal = Has(new JsonObject { ["const"] = JsonNode.Parse(condition.EqualTo!.Value.GetRawText()) });
        // Not answered yet counts as false.
        return condition.EqualTo.Value.ValueKind == JsonValueKind.False ? new JsonObject { ["anyOf"] = new JsonArray(equal, new JsonObject { ["not"] = Filled() }) } : equal;
    }

    private static IEnumerable<string> Names(FormCondition condition) => condition.Field is { } field ? [field] : (condition.All ?? condition.Any)!.SelectMany(Names);

    private static void Put(JsonObject schema, string name, decimal? value)
    {
        if (value is { } given)
            schema[name] = given;
    }
}
