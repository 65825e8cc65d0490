using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Talent.Workflows.Engine.Expressions.Values;

/// <summary>The only way of values in and out: JSON. Objects coming in are read when touched; those never touched go out as they came.</summary>
internal static class JsonBorder
{
    /// <summary>What JSON readers take by default, so that a result can be stored and read again anywhere.</summary>
    private const int MaxLevels = 64;

    private static readonly JsonElement True = JsonElement.Parse("true"u8);
    private static readonly JsonElement False = JsonElement.Parse("false"u8);
    private static readonly JsonElement Null = JsonElement.Parse("null"u8);
    private static readonly JsonElement[] Small = [.. Enumerable.Range(0, 256).Select(static i => JsonElement.Parse(NumberText.Format(i)))];
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static Value FromJson(Evaluation x, JsonElement element, HostProperty? origin)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Number:
                return Value.Of(element.GetDouble());
            case JsonValueKind.String:
                var text = TextOf(x, element);
                x.AllocateText(text.Length);
                return Value.Of(text);
            case JsonValueKind.True:
                return Value.True;
            case JsonValueKind.False:
                return Value.False;
            case JsonValueKind.Null:
                return Value.Null;
            case JsonValueKind.Array:
                x.Allocate(64);
                return Value.Of(new ScriptArray(element, origin));
            case JsonValueKind.Object:
                x.Allocate(64);
                return Value.Of(new ScriptObject(element, origin));
            default:
                return Value.Undefined;
        }
    }

    public static string NameOf(Evaluation x, JsonProperty property)
    {
        string name;
        try
        {
            name = property.Name;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, escaped: valid JSON and a valid script string, but not valid UTF-8.
            name = ScanQuoted(x, property.ToString());
        }
        x.AllocateText(name.Length);
        return name;
    }

    public static JsonElement ToJson(Evaluation x, Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.Undefined:
                return default;
            case ValueKind.Boolean:
                return value.Truth ? True : False;
            case ValueKind.Null:
                return Null;
            case ValueKind.Number when value.Number is >= 0 and < 256 && (int)value.Number == value.Number:
                return Small[(int)value.Number];
        }
        if (value.Object?.UntouchedSource is { } source)
        {
            return source;
        }
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            Write(x, writer, value, 0);
        }
        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static void Write(Evaluation x, Utf8JsonWriter writer, Value value, int level)
    {
        x.Step();
        switch (value.Kind)
        {
            case ValueKind.String:
                x.AllocateText(value.TextLength);
                writer.WriteStringValue(value.Text);
                return;
            case ValueKind.Number:
                x.Allocate(16);
                if (double.IsFinite(value.Number))
                {
                    writer.WriteRawValue(NumberText.Format(value.Number), true);
                }
                else
                {
                    writer.WriteNullValue();
                }
                return;
            case ValueKind.Boolean:
                writer.WriteBooleanValue(value.Truth);
                return;
            case ValueKind.Object:
                WriteObject(x, writer, value.Object!, level + 1);
                return;
            default:
                writer.WriteNullValue();
                return;
        }
    }

    private static void WriteObject(Evaluation x, Utf8JsonWriter writer, ScriptObject obj, int level)
    {
        if (level > MaxLevels)
        {
            throw x.TypeError($"The result refers to itself or is nested more than {MaxLevels} levels; return a flatter object");
        }
        x.Allocate(16);
        switch (obj)
        {
            case ScriptArray array:
                writer.WriteStartArray();
                for (var i = 0; i < array.Count(x); i++)
                {
                    var item = array.At(x, i);
                    Write(x, writer, item.Object is ScriptFunction ? Value.Null : item, level);
                }
                writer.WriteEndArray();
                return;
            case ScriptDate date:
                if (double.IsNaN(date.Time))
                {
                    writer.WriteNullValue();
                }
                else
                {
                    writer.WriteStringValue(DateText.ToIso(date.Time));
                }
                return;
            case ScriptFunction or ScriptCollection or ScriptRegExp or ScriptError:
                throw x.TypeError($"A {obj.ClassName} can't be handed to the host; make it a text, list or plain object first");
        }
        writer.WriteStartObject();
        foreach (var key in obj.Keys(x))
        {
            var member = obj.Get(x, key);
            if (member.IsUndefined || member.Object is ScriptFunction)
            {
                continue;
            }
            x.AllocateText(key.Length);
            writer.WritePropertyName(key);
            Write(x, writer, member, level);
        }
        writer.WriteEndObject();
    }

    private static string TextOf(Evaluation x, JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return ScanQuoted(x, element.GetRawText());
        }
    }

    private static string ScanQuoted(Evaluation x, string raw) => new Builtins.JsonReader(x, raw).ReadFirstString();
}
