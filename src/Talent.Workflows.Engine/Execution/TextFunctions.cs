using System.Text;
using System.Text.Json;
using Talent.Workflows.Engine.Expressions;

namespace Talent.Workflows.Engine.Execution;

/// <summary>
/// Elsa's functions on texts and bytes that need nothing of the instance. Bytes are arrays of numbers from 0 to 255; a stream
/// doesn't exist here, so what Elsa reads from one is bytes already.
/// </summary>
internal static class TextFunctions
{
    /// <summary>Longest text or list of bytes that is converted; a longer one would cost what no budget of the script counts.</summary>
    private const int MaxLength = 1_000_000;

    public static ScriptGlobal? Find(string name) => name switch
    {
        "isNullOrWhiteSpace" => Function(a => JsonSerializer.SerializeToElement(string.IsNullOrWhiteSpace(Text(a[0])))),
        "isNullOrEmpty" => Function(a => JsonSerializer.SerializeToElement(string.IsNullOrEmpty(Text(a[0])))),
        "toJson" => Function(a => Json(a[0].ValueKind == JsonValueKind.Undefined ? "null" : a[0].GetRawText())),
        "parseGuid" => Function(a => Guid.TryParse(Text(a[0]), out var id) ? Json(id.ToString()) : throw Wrong(name, "a GUID")),
        "bytesToString" => Function(a => Json(Encoding.UTF8.GetString(Bytes(a[0], name)))),
        "bytesFromString" => Function(a => Json(Encoding.UTF8.GetBytes(Short(a[0], name)))),
        "bytesToBase64" or "streamToBase64" => Function(a => Json(Convert.ToBase64String(Bytes(a[0], name)))),
        "bytesFromBase64" => Function(a => Json(FromBase64(a[0], name))),
        "stringToBase64" => Function(a => Json(Convert.ToBase64String(Encoding.UTF8.GetBytes(Short(a[0], name))))),
        "stringFromBase64" => Function(a => Json(Encoding.UTF8.GetString(FromBase64(a[0], name)))),
        "streamToBytes" => Function(a => Json(Bytes(a[0], name))),
        _ => null,
    };

    public static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Undefined or JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };

    public static JsonElement Json(string? text) => JsonSerializer.SerializeToElement(text);

    private static ScriptGlobal.Function Function(Func<ScriptArguments, JsonElement> call) => new(call);

    // System.Text.Json would write bytes as base64.
    private static JsonElement Json(byte[] bytes) => JsonSerializer.SerializeToElement(Array.ConvertAll(bytes, b => (int)b));

    private static byte[] Bytes(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxLength)
            throw Wrong(name, $"an array of at most {MaxLength} bytes");
        return [.. value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetByte(out var one) ? one : throw Wrong(name, "an array of bytes, numbers from 0 to 255"))];
    }

    private static byte[] FromBase64(JsonElement value, string name)
    {
        var text = Short(value, name);
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : throw Wrong(name, "base64");
    }

    private static string Short(JsonElement value, string name) =>
        Text(value) is { Length: <= MaxLength } text ? text : throw Wrong(name, $"a text of at most {MaxLength} characters");

    private static WorkflowException Wrong(string name, string wanted) => new(ErrorCodes.ExpressionFailed, $"{name} was given what is not {wanted}. Correct the script.", $"脚本传给 {name} 的值不正确，请修改脚本。");
}
