using System.Text.Json;
using System.Text.Json.Serialization;

namespace Talent.Workflows.Approvals.Calendars;

/// <summary>Reads both forms of a <see cref="DeadlineRule"/>, writes the compact one.</summary>
public sealed class DeadlineRuleJson : JsonConverter<DeadlineRule>
{
    public override DeadlineRule Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                return DeadlineRule.Parse(reader.GetString()!);
            }

            var written = JsonSerializer.Deserialize<Written>(ref reader, WrittenOptions) ?? throw new JsonException("A deadline is missing.");
            var unit = written.Unit switch
            {
                "workdays" => DeadlineUnit.Workdays,
                "days" => DeadlineUnit.Days,
                "hours" => DeadlineUnit.Hours,
                _ => throw new JsonException($"A deadline's unit is workdays, days or hours, not \"{written.Unit}\"."),
            };
            var hours = written.OfficeHours is { } o ? new OfficeHours(DeadlineRule.Time(o.Opens), DeadlineRule.Time(o.Closes)) : null;
            return DeadlineRule.Of(written.Days, unit, written.ClosesAt is null ? null : DeadlineRule.Time(written.ClosesAt), hours, written.Extension);
        }
        catch (FormatException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    public override void Write(Utf8JsonWriter writer, DeadlineRule value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());

    private static readonly JsonSerializerOptions WrittenOptions = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    private sealed record Written
    {
        public required int Days { get; init; }

        public int Extension { get; init; }

        public required string Unit { get; init; }

        public string? ClosesAt { get; init; }

        public WrittenHours? OfficeHours { get; init; }
    }

    private sealed record WrittenHours
    {
        public required string Opens { get; init; }

        public required string Closes { get; init; }
    }
}
