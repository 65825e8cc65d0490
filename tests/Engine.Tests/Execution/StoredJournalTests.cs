using System.Text;
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

    private static JournalEntry Line(string happening, int execution) => new(happening, $"a{execution}", "Elsa.Event", execution, 1, execution == 1 ? null : 1);
}
