using Npgsql;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Runtime.Instances;

/// <summary>Stops taking starts and signals on all nodes, for maintenance; what runs goes on.</summary>
public sealed class IntakePause(NpgsqlDataSource database, BusinessClock clock)
{
    private volatile string? reason;

    /// <summary>Why nothing is taken in; null when all is.</summary>
    public string? Reason => reason;

    /// <summary>Closes the intake. Other nodes follow within a second.</summary>
    public Task PauseAsync(string why, Actor actor, CancellationToken cancellationToken) => SetAsync(why, actor, cancellationToken);

    /// <summary>Opens it again.</summary>
    public Task ResumeAsync(Actor actor, CancellationToken cancellationToken) => SetAsync(null, actor, cancellationToken);

    internal void Follow(string? why) => reason = why;

    internal void ThrowIfClosedTo(Actor actor)
    {
        if (reason is { } why && !ReferenceEquals(actor, Actor.System))
            throw new WorkflowException(ErrorCodes.Paused, $"Nothing is taken in at the moment: {why}. Send the request again later.", $"系统暂停受理：{why}，请稍后重试。")
            { Facts = new Dictionary<string, object?> { ["retryAfterSeconds"] = 60 } };
    }

    private async Task SetAsync(string? why, Actor actor, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("update engine.settings set intake_paused = $1 is not null, intake_reason = $1, changed_by = $2, changed_at = $3");
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)why ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = actor.User ?? actor.Credential });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.Machine.GetUtcNow() });
        await command.ExecuteNonQueryAsync(cancellationToken);
        Follow(why);
    }
}
