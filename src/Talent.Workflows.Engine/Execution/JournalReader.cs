using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Talent.Workflows.Engine.Execution;

/// <summary>
/// Reads the stored journals of many steps. The same few activities, types and events fill a long journal: each word is
/// made once, and nothing is done for a line besides. For one reading; not for use by several threads.
/// </summary>
public sealed class JournalReader
{
    private const string Suspended = "Suspended";
    private const int MostWords = 4096;

    private readonly Dictionary<string, string> words = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> known;

    public JournalReader() => known = words.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The lines of one step, as <see cref="StateSerializer.WriteJournal"/> has written them.</summary>
    /// <exception cref="JsonException">It isn't a journal.</exception>
    public IReadOnlyList<JournalEntry> Read(ReadOnlySpan<byte> utf8Json)
    {
        var reader = new Utf8JsonReader(utf8Json);
        var journal = new List<JournalEntry>(8);
        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var (entry, waits) = Line(ref reader);
            journal.Add(entry);
            if (waits)
                journal.Add(new JournalEntry(Suspended, entry.ActivityId, entry.Type, entry.ExecutionId, entry.Visit, entry.ParentId));
        }
        Expect(reader.TokenType == JsonTokenType.EndArray);
        return journal;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (JournalEntry Entry, bool Waits) Line(ref Utf8JsonReader reader)
    {
        string happening = "", activity = "", type = "";
        var (execution, visit, waits) = (0, 0, false);
        int? parent = null;
        string[]? outcomes = null;
        string? message = null;
        JsonElement? payload = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // The value is the next token.
            if (reader.ValueTextEquals("event"u8))
                happening = Word(ref reader);
            else if (reader.ValueTextEquals("activityId"u8))
                activity = Word(ref reader);
            else if (reader.ValueTextEquals("type"u8))
                type = Word(ref reader);
            else if (reader.ValueTextEquals("executionId"u8))
                execution = Next(ref reader).GetInt32();
            else if (reader.ValueTextEquals("visit"u8))
                visit = Next(ref reader).GetInt32();
            else if (reader.ValueTextEquals("parentId"u8))
                parent = Next(ref reader).TokenType == JsonTokenType.Null ? null : reader.GetInt32();
            else if (reader.ValueTextEquals("waits"u8))
                waits = Next(ref reader).GetBoolean();
            else if (reader.ValueTextEquals("outcomes"u8))
                outcomes = Words(ref reader);
            else if (reader.ValueTextEquals("message"u8))
                message = Next(ref reader).GetString();
            else if (reader.ValueTextEquals("payload"u8))
                payload = Next(ref reader).TokenType == JsonTokenType.Null ? null : JsonElement.ParseValue(ref reader);
            else
                Next(ref reader).Skip();
        }
        Expect(reader.TokenType == JsonTokenType.EndObject);
        return (new JournalEntry(happening, activity, type, execution, visit, parent, outcomes, message, payload), waits);
    }

    private string[]? Words(ref Utf8JsonReader reader)
    {
        if (Next(ref reader).TokenType == JsonTokenType.Null)
            return null;
        var values = new List<string>(1);
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
            values.Add(Known(ref reader));
        return [.. values];
    }

    private string Word(ref Utf8JsonReader reader) => Next(ref reader).TokenType == JsonTokenType.Null ? "" : Known(ref reader);

    private string Known(ref Utf8JsonReader reader)
    {
        var length = reader.HasValueSequence ? int.MaxValue : reader.ValueSpan.Length;
        if (length > 128)
            return reader.GetString()!;
        Span<char> text = stackalloc char[128];
        var word = text[..reader.CopyString(text)];
        if (known.TryGetValue(word, out var one))
            return one;
        one = word.ToString();
        if (words.Count < MostWords)
            words.Add(one, one);
        return one;
    }

    private static ref Utf8JsonReader Next(ref Utf8JsonReader reader)
    {
        Expect(reader.Read());
        return ref reader;
    }

    private static void Expect(bool holds)
    {
        if (!holds)
            throw new JsonException("The stored journal of a step is damaged.");
    }
}
