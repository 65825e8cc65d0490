using System.Diagnostics;

namespace Talent.Workflows.Approvals.Tests;

/// <summary>Counts what goes to the database and back while something runs; other tests' traffic isn't in it.</summary>
internal static class RoundTrips
{
    public static async Task<int> OfAsync(Func<Task> act)
    {
        var count = 0;
        using var root = new Activity("counted").SetIdFormat(ActivityIdFormat.W3C).Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == root.TraceId && activity.TagObjects.Any(t => t.Key is "db.statement" or "db.query.text"))
                    Interlocked.Increment(ref count);
            },
        };
        ActivitySource.AddActivityListener(listener);
        await act();
        return count;
    }
}
