using System.Globalization;
using System.Text.Json;
using Talent.Workflows.Approvals.Integrations.Records;

namespace Talent.Workflows.Approvals.Eligibility;

/// <summary>The value of a fact. Immutable.</summary>
public abstract record FactValue
{
    /// <summary>Most periods that a fact may hold.</summary>
    public const int MostPeriods = 600;

    /// <summary>Most characters of a code or a text.</summary>
    public const int LongestText = 200;

    private const int MostMonths = 12 * 200;
    private const decimal Largest = 1_000_000_000_000m;

    private FactValue() { }

    public sealed record Boolean(bool Value) : FactValue;
    public sealed record Number(decimal Value) : FactValue;
    public sealed record Date(DateOnly Value) : FactValue;
    public sealed record Code(string Value) : FactValue;
    public sealed record Months(int Value) : FactValue;
    public sealed record Text(string Value) : FactValue;

    public sealed record Periods(IReadOnlyList<InsurancePeriod> Value) : FactValue
    {
        public bool Equals(Periods? other) => other is not null && Value.SequenceEqual(other.Value);

        public override int GetHashCode() => Value.Count;
    }

    /// <summary>As JSON has it: bool, decimal, int, text, or a list of periods.</summary>
    public object Plain => this switch
    {
        Boolean(var value) => value,
        Number(var value) => value,
        Months(var value) => value,
        Date(var value) => Write(value),
        Code(var value) => value,
        Text(var value) => value,
        Periods(var value) => value.Select(p => new PlainPeriod(Write(p.From), Write(p.To))).ToArray(),
        _ => throw new InvalidOperationException($"Unknown value {GetType().Name}."),
    };

    /// <summary>Reads a value of a type; any JSON at all may be given.</summary>
    /// <returns>Null: it is none of this type, or too large.</returns>
    public static FactValue? Read(FactType type, JsonElement json) => type switch
    {
        FactType.Boolean => json.ValueKind is JsonValueKind.True or JsonValueKind.False ? new Boolean(json.GetBoolean()) : null,
        FactType.Number => json.ValueKind == JsonValueKind.Number && json.TryGetDecimal(out var number) && Math.Abs(number) <= Largest ? new Number(number) : null,
        FactType.Months => json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out var months) && months is >= 0 and <= MostMonths ? new Months(months) : null,
        FactType.Date => ReadText(json) is { } text && ReadDate(text) is { } date ? new Date(date) : null,
        FactType.Code => ReadText(json) is { } code ? new Code(code) : null,
        FactType.Text => ReadText(json) is { } free ? new Text(free) : null,
        FactType.Periods => ReadPeriods(json),
        _ => null,
    };

    internal static DateOnly? ReadDate(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    private static string Write(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string? ReadText(JsonElement json)
    {
        var text = Cases.Forms.FormData.Text(json);
        return text is { Length: > 0 and <= LongestText } && !text.Any(char.IsControl) ? text : null;
    }

    private static Periods? ReadPeriods(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() > MostPeriods)
            return null;
        var periods = new List<InsurancePeriod>();
        foreach (var item in json.EnumerateArray())
        {
            if (Cases.Forms.FormData.Find(item, "from") is not { } first || Cases.Forms.FormData.Find(item, "to") is not { } last
                || ReadText(first) is not { } f || ReadText(last) is not { } t || ReadDate(f) is not { } from || ReadDate(t) is not { } to || to < from)
                return null;
            periods.Add(new InsurancePeriod(from, to));
        }
        return new Periods(periods);
    }

    private sealed record PlainPeriod(string From, string To);
}

/// <summary>A fact that is known, and whose word it is.</summary>
public sealed record KnownFact(FactValue Value, FactSource Source);
