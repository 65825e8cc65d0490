using System.Diagnostics;
using Talent.Workflows.Bench.Measuring;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>From the command to the first answer that the server is ready, with its private PostgreSQL and a database that is there already.</summary>
internal static class ColdStart
{
    public static async Task RunAsync(Report report, string folder, int starts)
    {
        // The first one makes the database and takes in the services.
        await (await ServerProcess.StartAsync(null, folder)).StopAsync();
        var seconds = new List<double>();
        for (var i = 0; i < starts; i++)
        {
            var begun = Stopwatch.StartNew();
            var server = await ServerProcess.StartAsync(null, folder);
            seconds.Add(begun.Elapsed.TotalSeconds);
            await server.StopAsync();
        }
        report.Add(new Row("cold_start_seconds", "process", null, seconds.Order().ElementAt(starts / 2), "seconds"));
    }
}
