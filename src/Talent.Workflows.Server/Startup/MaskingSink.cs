using Serilog.Core;
using Serilog.Events;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Server.Startup;

/// <summary>
/// The last thing before a line of the log is written: numbers and addresses in its values and in what an exception says are masked,
/// whoever forgot that they are there. The words of the template are ours and stay.
/// </summary>
/// <param name="plain">Lines that hold no such thing by the way they are made: there is one for each request.</param>
/// <remarks>Source: R-AUD-2, R-NTF-4.</remarks>
internal sealed class MaskingSink(Logger to, Func<LogEvent, bool> plain) : ILogEventSink, IDisposable
{
    /// <summary>The shortest thing that is masked, an e-mail address, has this many characters.</summary>
    private const int Shortest = 6;

    public void Emit(LogEvent logEvent)
    {
        if (plain(logEvent))
        {
            to.Write(logEvent);
            return;
        }

        List<LogEventProperty>? masked = null;
        foreach (var (name, value) in logEvent.Properties)
            if ((value is ScalarValue { Value: var one } ? one as string : value.ToString()) is { Length: >= Shortest } text && Masking.Said(text) is var said && said != text)
                (masked ??= []).Add(new LogEventProperty(name, new ScalarValue(said)));
        var cause = logEvent.Exception is { } thrown && thrown.ToString() is var told && Masking.Said(told) is var hidden && hidden != told ? new MaskedException(hidden) : logEvent.Exception;
        if (masked is null && ReferenceEquals(cause, logEvent.Exception))
        {
            to.Write(logEvent);
            return;
        }

        var copy = new LogEvent(logEvent.Timestamp, logEvent.Level, cause, logEvent.MessageTemplate, logEvent.Properties.Select(p => new LogEventProperty(p.Key, p.Value)));
        foreach (var property in masked ?? [])
            copy.AddOrUpdateProperty(property);
        to.Write(copy);
    }

    public void Dispose() => to.Dispose();

    /// <summary>What an exception said, masked.</summary>
    private sealed class MaskedException(string text) : Exception
    {
        public override string ToString() => text;
    }
}
