using System.Text.Json.Nodes;

namespace Talent.Workflows.Approvals.Tests.Reviews.Handling;

/// <summary>A calendar of 110000 with one day off of its own.</summary>
internal static class Regional
{
    /// <param name="day">Of 2026.</param>
    /// <param name="urgeEvery">Of the service; null: as it is.</param>
    public static Action<string> DayOff(string day, string? urgeEvery = null) => folder =>
    {
        File.WriteAllText(Path.Combine(folder, "..", "calendars", "region-110000.json"),
            $$"""{ "region": "110000", "daysOff": [ { "name": "地方节日", "from": "{{day}}", "to": "{{day}}" } ], "makeUpWorkdays": [] }""");
        if (urgeEvery is null)
            return;
        var file = Path.Combine(folder, "service.json");
        var service = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        service["handling"] = new JsonObject { ["urgeEvery"] = urgeEvery };
        File.WriteAllText(file, service.ToJsonString());
    };
}
