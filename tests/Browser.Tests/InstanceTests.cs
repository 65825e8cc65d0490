using Microsoft.Playwright;

namespace Talent.Workflows.Browser.Tests;

public sealed class InstanceTests(Studio studio) : IClassFixture<Studio>
{
    private const string Greeting = """
        {"definitionId":"greeting","name":"问候","root":{"id":"flow","type":"Elsa.Flowchart","version":1,"activities":[
          {"id":"say","type":"Elsa.WriteLine","version":1,"text":{"typeName":"String","expression":{"type":"Literal","value":"你好"}},"metadata":{"designer":{"position":{"x":60,"y":60}}}},
          {"id":"wait","type":"Elsa.Event","version":1,"eventName":{"typeName":"String","expression":{"type":"Literal","value":"go"}},"metadata":{"designer":{"position":{"x":360,"y":60}}}},
          {"id":"bad","type":"Elsa.Fault","version":1,"message":{"typeName":"String","expression":{"type":"Literal","value":"出错"}},"metadata":{"designer":{"position":{"x":660,"y":60}}}}],
         "connections":[{"source":{"activity":"say","port":"Done"},"target":{"activity":"wait","port":"In"}},{"source":{"activity":"wait","port":"Done"},"target":{"activity":"bad","port":"In"}}]}}
        """;

    [Fact]
    public async Task Instance_WhenOpenedFromTheList_ThenShowsItsWayJournalAndIncident()
    {
        (await studio.Server.SendAsync("POST", "/api/v1/workflows/definitions?publish=true", Greeting)).Is(200);
        var id = (await studio.Server.SendAsync("POST", "/api/v1/workflows/greeting/start", """{"name":"第一次问候"}""", headers: ("Idempotency-Key", "first"))).Is(201).Json.GetProperty("id").GetString();
        (await studio.Server.SendAsync("POST", $"/api/v1/workflows/instances/{id}/signals", new { signalId = "s1", name = "go" })).Is(200);

        await using var visit = await studio.SignedInAsync("/studio/workflows/instances");
        await visit.Page.GetByText("第一次问候").WaitForAsync();
        await visit.PictureAsync("instances");
        await visit.Page.GetByText("第一次问候").ClickAsync();
        await visit.Page.WaitForURLAsync($"**/studio/workflows/instances/{id}/view");
        await Assertions.Expect(visit.Page.Locator(".elsa-activity")).ToHaveCountAsync(3, new() { Timeout = 60_000 });
        await visit.Page.GetByText("Faulted").First.WaitForAsync();
        await visit.PictureAsync("instance");

        await visit.Page.GetByText("Incidents").First.ClickAsync();
        await visit.Page.GetByText("出错").First.WaitForAsync();
        await visit.PictureAsync("incident");
        visit.AssertNoFaults();
    }
}
