using Microsoft.Extensions.Logging;
using Npgsql;

namespace Talent.Workflows.Runtime.Events;

/// <summary>
/// One line when the database is lost, with its cause, and one when it is back, with how long it took, however many
/// loops and requests meet it meanwhile.
/// </summary>
public sealed partial class DatabaseOutage(TimeProvider machine, ILogger<DatabaseOutage> logger)
{
    private readonly Lock guard = new();
    private DateTimeOffset? since;

    /// <summary>True for a connection that is lost or can't be made, and for a server that is going down or coming up, however wrapped.</summary>
    public static bool IsLoss(Exception failure) => failure switch
    {
        PostgresException { SqlState: ['0', '8', ..] or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow } => true,
        PostgresException => false,
        NpgsqlException => true,
        AggregateException many => many.InnerExceptions.Any(IsLoss),
        _ => failure.InnerException is { } inner && IsLoss(inner),
    };

    /// <summary>Takes note of a failure when it is one of the database; then nobody else needs to log it.</summary>
    /// <returns>False: it is something else, and whoever met it logs it.</returns>
    public bool Note(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        if (!IsLoss(failure))
            return false;
        lock (guard)
        {
            if (since is not null)
                return true;
            since = machine.GetUtcNow();
        }
        LogLost(CauseOf(failure));
        return true;
    }

    /// <summary>The database has just answered a statement that began after it was lost.</summary>
    internal void Answered()
    {
        DateTimeOffset lost;
        lock (guard)
        {
            if (since is not { } known)
                return;
            (lost, since) = (known, null);
        }
        LogBack((machine.GetUtcNow() - lost).TotalSeconds);
    }

    /// <summary>What lies deepest says why; its text names hosts and ports, never data.</summary>
    private static string CauseOf(Exception failure)
    {
        while (failure.InnerException is { } inner)
            failure = inner;
        return failure is PostgresException postgres ? $"{postgres.SqlState}: {postgres.MessageText}" : failure.Message.TrimEnd('.');
    }

    [LoggerMessage(EventId = 2302, Level = LogLevel.Error, Message = "The database is lost: {Cause}. Everything that needs it is tried again every second; the next line comes when it answers")]
    private partial void LogLost(string cause);

    [LoggerMessage(EventId = 2303, Level = LogLevel.Warning, Message = "The database answers again after {Seconds:0.0} s")]
    private partial void LogBack(double seconds);
}
