using System.Text;
using System.Text.Json;
using Talent.Workflows.Engine.Execution;

namespace Talent.Workflows.Engine.Tests.Execution;

public sealed class StoredJournalTests
{
    [Fact]
    public void Journal_WhenStored_ThenReadsAsItWasAndAWaitTakesOneLine()
    {
        JournalEntry[] journal =
        [
            Line("Started", 1), Line("Started", 2), Line("Suspended", 2), Line("Suspended", 2), Line("Suspended", 1), Line("Completed", 3) with { Outcomes = ["Yes"] },
            Line("Suspended", 3) with { Message = "told" }, Line("Suspended", 4),
        ];

        var stored = StateSerializer.WriteJournal(journal);

        Assert.Equivalent(journal, StateSerializer.ReadJournal(stored), strict: true);
        Assert.Equal(journal.Length - 1, Encoding.UTF8.GetString(stored).Split("\"event\"").Length - 1);
    }

    [Fact]
    public void Reader_WhenLinesHaveAllThatTheyCan_ThenItReadsWhatTheSerializerWrote()
    {
        JournalEntry[] journal =
        [
            new("Completed", "活动\"a\\", "Elsa.Event", 7, 2, 0, ["Done", "是"], "“told”\n", JsonSerializer.SerializeToElement(new { a = new[] { 1, 2 }, b = (string?)null })),
            new("Started", new string('x', 500), "", 0, 0, null, [], "", JsonSerializer.SerializeToElement("text")),
        ];
        var reader = new JournalReader();

        var read = reader.Read(StateSerializer.WriteJournal(journal));
        var again = reader.Read(Encoding.UTF8.GetBytes("""[{"later":{"event":["x"]},"event":"Completed","activityId":null,"type":"Elsa.Event","outcomes":null,"message":null,"payload":null,"parentId":null}]"""));

        Assert.Equal(JsonSerializer.Serialize(journal), JsonSerializer.Serialize(read));
        Assert.Equal("""{"Event":"Completed","ActivityId":"","Type":"Elsa.Event","ExecutionId":0,"Visit":0,"ParentId":null,"Outcomes":null,"Message":null,"Payload":null}""", JsonSerializer.Serialize(Assert.Single(again)));
        Assert.Same(read[0].Type, again[0].Type);
        Assert.Empty(reader.Read("[]"u8));
        Assert.ThrowsAny<JsonException>(() => new JournalReader().Read("{}"u8));
    }

    private static JournalEntry Line(string happening, int execution) => new(happening, $"a{execution}", "Elsa.Event", execution, 1, execution == 1 ? null : 1);
}
