using System.Text.Json;
using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Calendars;

/// <summary>A value that stands in JSON as the text that it is written as.</summary>
/// <param name="parse">Throws <see cref="FormatException"/> for any other text.</param>
internal abstract class TextJson<T>(Func<string, T> parse) : JsonConverter<T> where T : notnull
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return parse(reader.GetString() ?? "");
        }
        catch (FormatException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
