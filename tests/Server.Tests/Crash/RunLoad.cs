namespace Talent.Workflows.Server.Tests.Crash;

/// <summary>Starts generic instances that take three signals of one name and then wait for a timer.</summary>
internal sealed class RunLoad(PatientCaller caller, Ledger ledger)
{
    public const string DefinitionId = "three-ticks-and-a-delay";

    public const string Definition = """
        {"definitionId":"three-ticks-and-a-delay","name":"three ticks and a delay","variables":[],
         "root":{"id":"flow","type":"Elsa.Flowchart","version":1,
          "activities":[
           {"id":"tick1","type":"Elsa.Event","version":1,"eventName":{"typeName":"String","expression":{"type":"Literal","value":"tick"}}},
           {"id":"tick2","type":"Elsa.Event","version":1,"eventName":{"typeName":"String","expression":{"type":"Literal","value":"tick"}}},
           {"id":"tick3","type":"Elsa.Event","version":1,"eventName":{"typeName":"String","expression":{"type":"Literal","value":"tick"}}},
           {"id":"delay","type":"Elsa.Delay","version":1,"timeSpan":{"typeName":"TimeSpan","expression":{"type":"Literal","value":"00:00:01"}}},
           {"id":"end","type":"Elsa.End","version":1}],
          "connections":[
           {"source":{"activity":"tick1","port":"Done"},"target":{"activity":"tick2","port":"In"}},
           {"source":{"activity":"tick2","port":"Done"},"target":{"activity":"tick3","port":"In"}},
           {"source":{"activity":"tick3","port":"Done"},"target":{"activity":"delay","port":"In"}},
           {"source":{"activity":"delay","port":"Done"},"target":{"activity":"end","port":"In"}}]}}
        """;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
            await StartAsync();
    }

    /// <summary>One instance with its three signals; some are sent once more after they were acknowledged.</summary>
    public async Task<RunBook> StartAsync()
    {
        var started = (await caller.ChangeAsync($"/api/v1/workflows/{DefinitionId}/start", "{}")).Is(201);
        var book = new RunBook(started.Json.GetProperty("id").GetGuid(), []);
        ledger.Runs.Add(book);
        foreach (var signal in (string[])["first", "second", "third"])
        {
            for (var times = caller.Random.Next(4) == 0 ? 2 : 1; times > 0; times--)
            {
                var answer = (await caller.ChangeAsync($"/api/v1/workflows/instances/{book.Id}/signals", new { signalId = signal, name = "tick" })).Is(200);
                Assert.Equal("applied", answer.Json.GetProperty("outcome").GetString());
            }
            book.Signals.Add(signal);
        }
        return book;
    }
}
