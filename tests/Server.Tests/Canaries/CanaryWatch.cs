using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Npgsql;

namespace Talent.Workflows.Server.Tests.Canaries;

/// <summary>
/// What a server of the tests has given away: its answers as they come; its logs and its whole database when it ends; and the traces
/// and metrics of the test process. What one server has given away fails its test; what the shared server of a class has, and what
/// telemetry has, fails <see cref="LastTests"/>, which runs after all others.
/// </summary>
/// <remarks>Source: R-AUD-2, R-NTF-4: no number in full in any log, trace, problem document, event, message capture or list answer over the whole test run.</remarks>
internal sealed class CanaryWatch
{
    /// <summary>The capture's recipients: addresses are what a capture is for. Nothing else in the database may hold them.</summary>
    private static readonly string[] Recipients = ["development.messages.recipient"];

    /// <summary>What no test was told of yet.</summary>
    private static readonly ConcurrentDictionary<string, bool> Untold = new(StringComparer.Ordinal);

    private static readonly ActivityListener Traces = new()
    {
        ShouldListenTo = source => source.Name is "Talent.Workflows" or "Microsoft.AspNetCore" or "Npgsql",
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        ActivityStopped = activity => Note(In(activity)),
    };
    private static readonly MeterListener Metrics = new() { InstrumentPublished = Listen };

    private readonly ConcurrentQueue<string> leaks = new();

    static CanaryWatch()
    {
        ActivitySource.AddActivityListener(Traces);
        Metrics.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(In($"metric {instrument.Name}", tags.ToArray())));
        Metrics.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(In($"metric {instrument.Name}", tags.ToArray())));
        Metrics.Start();
    }

    /// <summary>What a span holds.</summary>
    public static IEnumerable<string> In(Activity activity) =>
        In($"trace {activity.Source.Name} {activity.OperationName}", [new("name", activity.DisplayName), .. activity.TagObjects, .. activity.Events.SelectMany(e => e.Tags), .. activity.Baggage.Select(b => KeyValuePair.Create(b.Key, (object?)b.Value))]);

    /// <summary>Notes what a text holds.</summary>
    public void Search(string place, string text)
    {
        foreach (var found in Canary.In(text))
            leaks.Enqueue($"{place}: {found}");
    }

    /// <summary>Notes what the log files of a server hold, which have all that the console has.</summary>
    public async Task SearchLogsAsync(string dataFolder)
    {
        var folder = Path.Combine(dataFolder, "logs");
        if (Directory.Exists(folder))
            foreach (var file in Directory.EnumerateFiles(folder))
                Search($"log {Path.GetFileName(file)}", await File.ReadAllTextAsync(file));
    }

    /// <summary>Notes what all tables hold: events, outbox, audit, captured messages, and those of personal data, which are sealed.</summary>
    public async Task SearchAsync(NpgsqlDataSource database)
    {
        foreach (var found in await Canary.InAsync(database, Recipients))
            leaks.Enqueue($"table {found}");
    }

    /// <summary>Fails when anything was found by this watch.</summary>
    public void RequireNone() => Require([.. leaks.Distinct()]);

    /// <summary>Leaves what was found to whoever is told next: the end of a class fails no test.</summary>
    public void Leave()
    {
        foreach (var leak in leaks)
            Untold[leak] = true;
    }

    /// <summary>Fails when the run has given anything away that no test was told of.</summary>
    public static void RequireNoneLeft() => Require([.. Untold.Keys]);

    private static void Require(string[] found) => Assert.True(found.Length == 0, $"Numbers or addresses in full:\n{string.Join('\n', found.Order(StringComparer.Ordinal).Take(50))}");

    private static IEnumerable<string> In(string place, IEnumerable<KeyValuePair<string, object?>> tags) =>
        tags.SelectMany(t => t.Value?.ToString() is { } text ? Canary.In(text).Select(found => $"{place} {t.Key}: {found}") : []);

    private static void Note(IEnumerable<string> found)
    {
        foreach (var one in found)
            Untold[one] = true;
    }

    private static void Listen(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name is "Talent.Workflows" or "Microsoft.AspNetCore.Server.Kestrel")
            listener.EnableMeasurementEvents(instrument);
    }
}
